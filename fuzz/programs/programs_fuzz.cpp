// SPDX-License-Identifier: Apache-2.0
// Any bytes as instructions. What the verifier accepts runs on the interpreter, which aborts at the first broken promise: an access outside heap,
// stack or context, a value that was never written, an instruction proved unreachable. The host beside it aborts when an object is used after it was
// given back, or is still held at the end.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/bug.hpp"
#include "object/object.hpp"
#include "support/sandbox.hpp"

namespace {

using namespace tenon;
using interp::Environment;

std::uint64_t accepted = 0;

// Bare code has no names: helper n is "helper#n".
constexpr std::string_view kInterface = R"(
  struct frame { data..data_end: mem rw @0..8, heap: u64 @16 r, mark: u32 @24 rw };
  type token rc drop="helper#2";
  hook t(ctx: &frame) -> u64 default 0;
  fn "helper#1"(id: u32) -> ?own token<'t>;
  fn "helper#2"(t: own token<'t>);
  fn "helper#3"(t: &token<'t>) -> u64;
  fn "helper#4"(p: mem(u8|n) uninit, n: u64 in 0..64);
  fn "helper#5"(p: mem(u8|n) r, n: u64 in 1..64) -> u64;
  fn "helper#6"(a: s32 in -8..8) -> u32 in 0..100;
)";

struct Frame {
  std::uint8_t* data;
  std::uint8_t* data_end;
  std::uint64_t heap;
  std::uint32_t mark;
};

/// Made once; every input finds it as if new, but for the heap's bytes.
class Host {
 public:
  Host() : sandbox_(kInterface) {
    sandbox_.environment().max_instructions = 20'000;
    sandbox_.add_region({reinterpret_cast<std::uint64_t>(&frame_), sizeof frame_, true, true});
    sandbox_.add_region({reinterpret_cast<std::uint64_t>(data_.data()), data_.size(), true, true});
    sandbox_.on_call("helper#1", [this](const auto& a) { return get(static_cast<std::uint32_t>(a[0])); });
    sandbox_.on_call("helper#2", [this](const auto& a) { return put(a[0]); });
    sandbox_.on_call("helper#3", [this](const auto& a) { return value(a[0]); });
    // They touch nothing: what is proved of their arguments the interpreter checks before the call, the rest is the runtime's.
    sandbox_.on_call("helper#4", [](const auto&) { return result(0); });
    sandbox_.on_call("helper#5", [](const auto&) { return result(7); });
    sandbox_.on_call("helper#6", [](const auto& a) { return small(static_cast<std::int32_t>(a[0])); });
  }

  void run(ir::Program program) {
    const auto guarded = sandbox_.try_guard(std::move(program), {.max_steps = 50'000});
    if (!guarded) return;
    ++accepted;
    held_.fill(0);
    frame_ = {data_.data(), data_.data() + data_.size(), sandbox_.globals(), 0};
    const interp::Run run = sandbox_.run(*guarded, {reinterpret_cast<std::uint64_t>(&frame_)});
    if (run.kind != Outcome::Kind::returned) return;  // the runtime would give back what is held
    for (const int held : held_) base::ensure(held == 0, "an accepted program returned while it held an object");
  }

 private:
  static Environment::CallResult result(std::uint64_t r0) { return {.r0 = r0}; }

  int& held(std::uint64_t token) {
    const std::uint64_t number = (token - reinterpret_cast<std::uint64_t>(held_.data())) / sizeof held_[0];
    base::ensure(number < held_.size() && held_[number] > 0, "an accepted program used an object that it did not hold");
    return held_[number];
  }
  Environment::CallResult get(std::uint32_t id) {
    if (id % 3 == 0) return result(0);
    int& token = held_[id % held_.size()];
    ++token;
    return result(reinterpret_cast<std::uint64_t>(&token));
  }
  Environment::CallResult put(std::uint64_t token) {
    --held(token);
    return result(0);
  }
  Environment::CallResult value(std::uint64_t token) { return result(static_cast<std::uint64_t>(held(token))); }

  static Environment::CallResult small(std::int32_t a) {
    base::ensure(a >= -8 && a <= 8, "an argument proved to be within -8..8 is not");
    return result(static_cast<std::uint64_t>(a + 8));
  }

  test::Sandbox sandbox_;
  Frame frame_{};
  std::array<std::uint8_t, 64> data_{};
  std::array<int, 8> held_{};
};

}  // namespace

/// For the replay, which must not pass by rejecting everything.
std::uint64_t accepted_programs() { return accepted; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Host host;
  auto program = object::decode_raw(std::as_bytes(std::span(data, size)), "fuzz", "t");
  if (program) host.run(std::move(*program));
  return 0;
}
