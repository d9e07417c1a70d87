// SPDX-License-Identifier: Apache-2.0
// What the attacks on the safety contract share: one host, extensions compiled from text, and host memory that must stay as it is.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/engine.hpp>

#include "unit/engine/compile.hpp"

namespace tenon::promises {

inline constexpr std::string_view kInterface = R"(
  interface attack;
  struct request { data..data_end: mem rw @0..8, number: u64 @16 r, kind: u64 @24 r, answer: u64 @32 rw };
  type ticket rc drop=give_back parkable;
  type badge rc drop=badge_put parkable;
  fn take(n: u64) -> ?own ticket<'t>;
  fn give_back(t: own ticket<'t>);
  fn number_of(t: &ticket<'t>) -> u64;
  fn badge_get() -> ?own badge<'b>;
  fn badge_put(b: own badge<'b>);
  fn call(n: u64) -> u64;
  fn each(n: u32, f: fn(u64, 'c) -> u64, c: 'c) -> u64;
  fn pause(n: u64) -> u64 interruptible;
  fn small(n: u64 in 0..7) -> u64;
  fn look(p: mem(u8|n) r, n: u64) -> u64;
  fn share(p: mem(u8|n) w shared, n: u64) -> u64;
  fn keep(f: fn(u64) -> u64 later);
  type counter linear drop=counter_end stack 16;
  fn counter_begin(c: new counter, n: u64);
  fn counter_next(c: &counter<'c>) -> u64;
  fn counter_end(c: own counter<'c>);
  hook serve(r: &request) -> u64 default 99;
)";
inline constexpr std::uint64_t kDefault = 99;

struct Request {
  std::uint8_t* data = nullptr;
  std::uint8_t* data_end = nullptr;
  std::uint64_t number = 0;
  std::uint64_t kind = 0;
  std::uint64_t answer = 0;
};

struct Ticket {
  std::uint64_t number = 0;
};

/// What the host makes in an extension's stack; its own address says whether it is still what was made.
struct Counter {
  const Counter* self = nullptr;
  std::uint64_t next = 0;
};

/// What the host functions do and saw, per thread.
struct Script {
  std::function<std::uint64_t(std::uint64_t)> on_call;
  std::function<std::uint64_t(std::uint8_t*, std::uint64_t)> on_memory;  ///< `look` and `share`
  std::array<Ticket, 64> tickets;
  std::uint64_t taken = 0;
  std::vector<std::uint64_t> given_back;  ///< numbers, in order
  LaterCallback kept;
  std::uint64_t wrong_counters = 0;       ///< seen by counter_next and counter_end
  std::vector<std::uint64_t> counted;     ///< where each counter was when it was given back
  std::uint64_t refused = 0, finished = 0;  ///< `each`: callbacks that gave nothing, calls that came to their end
};
inline thread_local Script script;

const Interface& attack_interface();

/// An object file that lives as long as this does.
class Object {
 public:
  explicit Object(std::string_view text, const Interface& interface = attack_interface());
  Extension load(const LoadOptions& options = {}) const;
  Result<Extension> try_load(const LoadOptions& options = {}) const { return Engine(interface_).load(path_, options); }
  /// For each program on its own, which the source marks SEC("?serve"): accepted, or the code of the refusal.
  std::string verdict(const std::string& program) const;
  std::string path() const { return path_.string(); }
  std::string interface_path() const;

 private:
  Interface interface_;
  test::Scratch scratch_;
  std::filesystem::path path_;
};

Program load(const Object& object, const std::string& program, LoadOptions options = {});

inline Outcome run(const Program& program, std::uint64_t number = 0, std::uint64_t kind = 0) {
  Request request{.number = number, .kind = kind};
  return program.run(&request);
}

/// Runs `tenon` with these arguments; its exit code and both of its outputs.
struct Answer {
  int code = -1;
  std::string text;
};
Answer tenon_cli(const std::string& arguments);

struct Mapping {
  std::uint64_t begin = 0, end = 0;
  std::string access;  ///< "rw-p"
  std::string name;
};
std::vector<Mapping> mappings();

/// Pages of the host's, filled with a pattern; address 0 where the pages could not be had.
class Canary {
 public:
  static constexpr std::size_t kBytes = 64 << 10;
  /// Anywhere, or exactly at `address` if nothing is there.
  explicit Canary(std::uint64_t address = 0);
  ~Canary();
  Canary(const Canary&) = delete;
  Canary& operator=(const Canary&) = delete;
  std::uint64_t address() const { return address_; }
  bool untouched() const;
  static constexpr std::uint8_t kByte = 0xc5;

 private:
  std::uint64_t address_ = 0;
};

/// The address space that belongs to the heap around `inside`: its window and what is closed on both sides.
Mapping reservation_around(std::uint64_t inside);

std::uint64_t thread_cpu_ns();

}  // namespace tenon::promises
