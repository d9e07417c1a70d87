// SPDX-License-Identifier: Apache-2.0
// Objects that an extension keeps between its invocations: handles are numbers, and what they name is the host's to say.
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include <tenon/engine.hpp>

#include "unit/engine/compile.hpp"

namespace tenon {
namespace {

constexpr auto kInterface = R"(
  interface parking;
  type car rc drop=car_put parkable;
  type van linear drop=van_put parkable;
  fn car_get(n: u64) -> ?own car;
  fn car_put(c: own car);
  fn van_get(n: u64) -> ?own van;
  fn van_put(v: own van);
  fn number(c: &car<'c>) -> u64;
  fn car_of(v: &van<'v>) -> ?own car<'c of 'v>;
  hook t(a: u64) -> u64 default 99;
)";

struct Vehicle { std::uint64_t number = 0; };
Vehicle cars[16], vans[16];
std::vector<std::uint64_t> out, back;  ///< numbers, vans from 100 on

Vehicle* hand_out(Vehicle* of, std::uint64_t n, std::uint64_t from) {
  if (n == 0 || n >= 16) return nullptr;
  of[n].number = n + from;
  out.push_back(of[n].number);
  return &of[n];
}
Vehicle* car_get(std::uint64_t n) { return hand_out(cars, n, 0); }
Vehicle* van_get(std::uint64_t n) { return hand_out(vans, n, 100); }
void car_put(Vehicle* car) { back.push_back(car->number); }
void van_put(Vehicle* van) { back.push_back(van->number); }
std::uint64_t number(Vehicle* car) { return car->number; }

Interface made_interface() {
  auto interface = Interface::parse(kInterface, "parking.tni");
  if (!interface) throw std::runtime_error(to_text(interface.error()));
  for (const auto& bound : {interface->bind<&car_get>("car_get"), interface->bind<&car_put>("car_put"), interface->bind<&van_get>("van_get"),
                            interface->bind<&van_put>("van_put"), interface->bind<&number>("number")}) {
    if (!bound) throw std::runtime_error(to_text(bound.error()));
  }
  return *std::move(interface);
}

class Parked : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { out.clear(), back.clear(); }

  Extension load(std::string_view code) {
    LoadOptions options;
    options.backend = GetParam();
    options.heap_bytes = 1 << 20;
    auto extension = Engine(interface_).load(scratch_.compile(interface_, code), options);
    if (!extension) throw std::runtime_error(to_text(extension.error()));
    return *std::move(extension);
  }

  Interface interface_ = made_interface();
  test::Scratch scratch_;
};

constexpr auto kGarage = R"(
u64 handle;
SEC("t") u64 f(u64 a)
{
	if (a < 16) {
		struct car *c = car_get(a);
		if (!c) return 1;
		handle = tn_park_car(c);
		if (!handle) { car_put(c); return 2; }
		return handle;
	}
	struct car *c = tn_take_car(a == 16 ? handle : a);
	if (!c) return 0;
	u64 n = number(c);
	car_put(c);
	return n;
})";

TEST_P(Parked, ComesBackOnceInALaterInvocation) {
  const auto extension = load(kGarage);
  const Program program = extension.programs().front();
  EXPECT_NE(program.run(5).value, 0u);
  EXPECT_TRUE(back.empty());
  EXPECT_EQ(program.run(16).value, 5u);
  EXPECT_EQ(back, (std::vector<std::uint64_t>{5}));
  EXPECT_EQ(program.run(16).value, 0u) << "taken already";
  EXPECT_EQ(back.size(), 1u);
}

TEST_P(Parked, WhatWasMadeUpNamesNothing) {
  const auto extension = load(kGarage);
  const Program program = extension.programs().front();
  const std::uint64_t real = program.run(5).value;
  for (const std::uint64_t forged : std::vector<std::uint64_t>{real + 1, real - 1, real ^ 2ull << 32, (real & 0xffffffff) + 64, real << 1, ~0ull, 17, 1ull << 32, 0xffffffff, 1ull << 63}) {
    EXPECT_EQ(program.run(forged).value, 0u) << forged;
  }
  EXPECT_EQ(program.run(real).value, 5u);
  const std::uint64_t next = program.run(6).value;
  EXPECT_NE(next, real);
  EXPECT_EQ(program.run(real).value, 0u) << "a handle of the place's last guest";
  EXPECT_EQ(program.run(next).value, 6u);
}

TEST_P(Parked, ATypeIsNotAnother) {
  const auto extension = load(R"(
u64 handle;
SEC("t") u64 f(u64 a)
{
	if (a) {
		struct van *v = van_get(a);
		if (!v) return 1;
		handle = tn_park_van(v);
		if (!handle) van_put(v);
		return handle;
	}
	struct car *c = tn_take_car(handle);
	if (c) { car_put(c); return 1; }
	struct van *v = tn_take_van(handle);
	if (!v) return 2;
	van_put(v);
	return 3;
})");
  const Program program = extension.programs().front();
  EXPECT_NE(program.run(4).value, 0u);
  EXPECT_EQ(program.run(0).value, 3u);
  EXPECT_EQ(back, (std::vector<std::uint64_t>{104}));
}

TEST_P(Parked, UnloadingGivesBackNewestFirst) {
  {
    const auto extension = load(kGarage);
    const Program program = extension.programs().front();
    for (const std::uint64_t n : {3, 1, 2}) program.run(n);
    EXPECT_TRUE(back.empty());
  }
  EXPECT_EQ(back, (std::vector<std::uint64_t>{2, 1, 3}));
}

TEST_P(Parked, TakenAndCancelledIsGivenBack) {
  const auto extension = load(R"(
u64 handle;
SEC("t") u64 f(u64 a)
{
	struct car *c = a ? car_get(a) : tn_take_car(handle);
	if (!c) return 1;
	if (!a) *(volatile u64 *)8 = 1;
	handle = tn_park_car(c);
	if (!handle) car_put(c);
	return 2;
})");
  const Program program = extension.programs().front();
  EXPECT_EQ(program.run(7).value, 2u);
  EXPECT_EQ(program.run(0).cause, Cause::fault);
  EXPECT_EQ(back, (std::vector<std::uint64_t>{7}));
}

TEST_P(Parked, OnlyWhatStandsForItself) {
  const auto object = scratch_.compile(interface_, R"(
SEC("t") u64 f(u64 a)
{
	struct van *v = van_get(a);
	if (!v) return 0;
	struct car *c = car_of(v);
	if (c && !tn_park_car(c)) car_put(c);
	van_put(v);
	return 0;
})");
  const auto refused = Engine(interface_).load(object);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().front().code, "E0325");
}

INSTANTIATE_TEST_SUITE_P(BothBackends, Parked, ::testing::Values(Backend::native, Backend::interpreter),
                         [](const auto& info) { return info.param == Backend::native ? "Native" : "Interpreted"; });

}  // namespace
}  // namespace tenon
