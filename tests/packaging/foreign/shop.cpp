// SPDX-License-Identifier: Apache-2.0
// A counted object, its lock and its states: shop.tni says it, the compiler checks it, and what a stopped extension held comes back.
#include <array>
#include <iostream>
#include <mutex>

#include <tenon/engine.hpp>

#include "shop_interface.hpp"

namespace {

struct Order {
  int uses = 0, shipped = 0;
  std::uint32_t price = 0;
  std::mutex lock;
};
std::array<Order, 3> orders;

Order* order_find(std::uint32_t id) {
  if (id >= orders.size()) return nullptr;
  ++orders[id].uses;
  return &orders[id];
}
void order_put(Order* order) { --order->uses; }
void order_lock(Order* order) { order->lock.lock(); }
void order_unlock(Order* order) { order->lock.unlock(); }
std::int32_t order_pay(Order* order, std::uint32_t cents) { return cents >= order->price ? 0 : -1; }
void order_ship(Order* order) {
  ++order->shipped;
  order_put(order);
}

}  // namespace

int main(int, char** argv) {
  shop::HostInterface interface(shop::kInterfaceFile);
  interface.bind<"order_find", &order_find>().bind<"order_put", &order_put>().bind<"order_lock", &order_lock>();
  interface.bind<"order_unlock", &order_unlock>().bind<"order_pay", &order_pay>().bind<"order_ship", &order_ship>();
  const auto extension = tenon::Engine(interface.get()).load(argv[1]);
  if (!extension) {
    std::cerr << to_text(extension.error());
    return 1;
  }
  const auto sale = extension->program_for_hook("sale");
  orders[1].price = 500;
  for (const std::array<std::uint64_t, 2> order : {std::array<std::uint64_t, 2>{0, 100}, {1, 100}, {1, 500}, {7, 100}, {2, 666}}) {
    const tenon::Outcome outcome = sale->run(order[0], order[1]);
    std::cout << to_string(outcome.kind) << ' ' << outcome.value << '\n';
  }
  for (Order& order : orders) std::cout << "uses " << order.uses << ", shipped " << order.shipped << (order.lock.try_lock() ? ", free\n" : ", locked\n");
}
