// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <unistd.h>

#include "kv/host.h"
#include "service.hpp"

namespace kv {

namespace {

std::uint64_t processor_microseconds(bool user) {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  const timeval& time = user ? usage.ru_utime : usage.ru_stime;
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_usec);
}

std::uint64_t sum(const Facts& facts, std::atomic<std::uint64_t> Facts::Traffic::*counter) {
  std::uint64_t total = 0;
  for (const Facts::Traffic& traffic : facts.traffic) total += (traffic.*counter).load(std::memory_order_relaxed);
  return total;
}

}  // namespace

void Facts::socket_opened() {
  ++total_sockets;
  const std::uint64_t now = ++sockets;
  std::uint64_t peak = peak_sockets;
  while (now > peak && !peak_sockets.compare_exchange_weak(peak, now)) {
  }
}

std::uint64_t fact(std::uint32_t which) noexcept {
  static const Facts none(0);
  const Facts& facts = current_facts ? *current_facts : none;
  switch (which) {
    case KV_PROCESS_ID: return static_cast<std::uint64_t>(::getpid());
    case KV_USER_MICROSECONDS: return processor_microseconds(true);
    case KV_SYSTEM_MICROSECONDS: return processor_microseconds(false);
    case KV_MOST_CONNECTIONS: return facts.most_connections;
    case KV_OPEN_CONNECTIONS: return facts.open_connections;
    case KV_TOTAL_SOCKETS: return facts.total_sockets;
    case KV_PEAK_SOCKETS: return facts.peak_sockets;
    case KV_REFUSED_CONNECTIONS: return facts.refused_connections;
    case KV_BYTES_IN: return sum(facts, &Facts::Traffic::bytes_in);
    case KV_BYTES_OUT: return sum(facts, &Facts::Traffic::bytes_out);
    case KV_THREADS: return facts.traffic.size();
  }
  return 0;
}

}  // namespace kv
