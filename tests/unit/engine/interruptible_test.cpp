// SPDX-License-Identifier: Apache-2.0
// Callbacks below an interruptible host function: what they call is not interrupted, the function itself is again afterwards.
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <stdexcept>
#include <thread>

#include <tenon/engine.hpp>

#include "unit/engine/compile.hpp"

namespace tenon {
namespace {

std::atomic<bool> inside, cancelled;
int interrupted_naps, wait_error;

std::uint64_t serve(const Callback* f) {
  const auto result = f->call(1);
  EXPECT_FALSE(result.has_value());
  EXPECT_TRUE(must_return());
  wait_error = ::poll(nullptr, 0, 3000) == 0 ? 0 : errno;
  return 0;
}
void nap(std::uint64_t) {
  inside = true;
  while (!cancelled) interrupted_naps += ::usleep(300) != 0;
  for (int i = 0; i < 10; ++i) interrupted_naps += ::usleep(300) != 0;
}

class Interruptible : public ::testing::TestWithParam<Backend> {};

TEST_P(Interruptible, NotWhileItsCallbackRuns) {
  auto interface = Interface::parse(
      "interface waits; fn serve(f: fn(u64) -> u64) -> u64 interruptible; fn nap(n: u64); hook t(a: u64) -> u64 default 99;", "waits.tni");
  ASSERT_TRUE(interface) << to_text(interface.error());
  ASSERT_TRUE(interface->bind<&serve>("serve"));
  ASSERT_TRUE(interface->bind<&nap>("nap"));
  const test::Scratch scratch;
  const auto object = scratch.compile(*interface, R"(
    static u64 inner(u64 n) { nap(n); return n; }
    SEC("t") u64 f(u64 a) { return serve(inner); })");
  LoadOptions options;
  options.quantum = std::chrono::nanoseconds(0);
  options.backend = GetParam();
  const auto extension = Engine(*interface).load(object, options);
  ASSERT_TRUE(extension) << to_text(extension.error());
  inside = cancelled = false;
  interrupted_naps = wait_error = 0;
  Outcome outcome;
  std::thread thread([&] { outcome = extension->programs().front().run(); });
  while (!inside) std::this_thread::yield();
  extension->cancel();
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  cancelled = true;
  thread.join();
  EXPECT_EQ(outcome.cause, Cause::host_request);
  EXPECT_EQ(interrupted_naps, 0);
  EXPECT_EQ(wait_error, EINTR);
}

INSTANTIATE_TEST_SUITE_P(Engine, Interruptible, ::testing::Values(Backend::native, Backend::interpreter),
                         [](const auto& info) { return info.param == Backend::native ? "native" : "interpreter"; });

}  // namespace
}  // namespace tenon
