// SPDX-License-Identifier: Apache-2.0
// One host for the runtime's tests: counted tokens, and functions that do what each test asks of them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tenon/engine.hpp>
#include <tenon/interface.hpp>
#include <vector>

#include "interface/declarations.hpp"
#include "runtime/runtime.hpp"
#include "unit/runtime/machine_code.hpp"

namespace tenon::runtime::testing {

struct Token {
  std::uint64_t number = 0;
};

/// What host functions saw and shall do; one per thread, so that threads do not disturb each other.
struct HostScript {
  std::function<std::uint64_t(std::uint64_t)> on_call;  ///< `call`
  std::function<std::uint64_t(void*, std::uint64_t)> on_memory;
  std::vector<std::uint64_t> put;       ///< token numbers in the order they came back
  std::array<Token, 2048> tokens;
  std::size_t taken = 0;
};
inline thread_local HostScript script;

inline std::uint64_t host_plain(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d, std::uint64_t e) {
  return a + 2 * b + 3 * c + 4 * d + 5 * e;
}
inline std::uint64_t host_call(std::uint64_t value) { return script.on_call ? script.on_call(value) : value; }
inline Token* host_get(std::uint64_t number) {
  if (number == 0) return nullptr;
  Token* const token = &script.tokens[script.taken++ % script.tokens.size()];
  token->number = number;
  return token;
}
inline Token* host_must_get(std::uint64_t number) { return host_get(number); }
inline void host_put(Token* token) { script.put.push_back(token->number); }
inline std::uint64_t host_read(const std::uint8_t* p, std::uint32_t n) { return script.on_memory ? script.on_memory(const_cast<std::uint8_t*>(p), n) : 0; }
inline std::uint64_t host_write(std::uint8_t* p, std::uint32_t n) { return script.on_memory ? script.on_memory(p, n) : 0; }

inline const Interface& test_interface() {
  static const Interface made = [] {
    auto parsed = Interface::parse(R"(
type token rc drop=put;
fn plain(a: u64, b: u64, c: u64, d: u64, e: u64) -> u64;
fn call(value: u64) -> u64;
fn wait(value: u64) -> u64 interruptible;
fn get(number: u64) -> ?own token;
fn must_get(number: u64) -> own token;
fn put(t: own token);
fn read(p: mem(u8|n) r, n: u32) -> u64;
fn write(p: mem(u8|n) w, n: u32) -> u64;
fn fresh(p: mem(u8|n) uninit, n: u32) -> u64;
fn in_place(p: mem(u8|n) w shared, n: u32) -> u64;
fn maybe(p: ?mem(u8|n) r, n: u32) -> u64;
fn unbound();
hook h(a: u64) -> u64 default 77;
)",
                                   "test.tni");
    if (!parsed) throw std::runtime_error(to_text(parsed.error()));
    Interface interface = *parsed;
    const auto must = [](Result<void> result) {
      if (!result) throw std::runtime_error(to_text(result.error()));
    };
    must(interface.bind<&host_plain>("plain"));
    must(interface.bind<&host_call>("call"));
    must(interface.bind<&host_call>("wait"));
    must(interface.bind<&host_get>("get"));
    must(interface.bind<&host_must_get>("must_get"));
    must(interface.bind<&host_put>("put"));
    must(interface.bind<&host_read>("read"));
    must(interface.bind<&host_write>("write"));
    must(interface.bind<&host_write>("fresh"));
    must(interface.bind<&host_write>("in_place"));
    must(interface.bind<&host_read>("maybe"));
    return interface;
  }();
  return made;
}

inline std::shared_ptr<const interface::Declarations> test_declarations() {
  return {std::make_shared<Interface>(test_interface()), &test_interface().declarations()};
}

inline std::uint32_t function(std::string_view name) { return test_interface().declarations().find_function(name).value().value; }

inline std::shared_ptr<Heap> make_heap(std::uint64_t bytes = 1 << 20, std::uint64_t limit = 0, std::size_t globals_bytes = 4096) {
  InitialGlobals globals;
  globals.bytes.resize(globals_bytes);
  return Heap::create(bytes, limit, globals).value();
}

inline std::vector<Place> make_places(std::size_t count = 64) {
  std::vector<Place> places;
  for (std::uint32_t i = 0; i < count; ++i) places.push_back({1000 + i, "test.bpf.c", 10 + i});
  return places;
}

struct Quantum {
  std::chrono::nanoseconds time{0};
};

inline Result<std::shared_ptr<Installed>> try_install(const abi::CodeImage& image, const std::shared_ptr<Heap>& heap, Quantum quantum = {}) {
  return Installed::create(image, heap, test_declarations(), test_interface().bindings(), make_places(), {quantum.time, 77});
}

inline std::shared_ptr<Installed> install(const Assembler& code, const std::shared_ptr<Heap>& heap = make_heap(), Quantum quantum = {}) {
  auto installed = try_install(code.image(), heap, quantum);
  if (!installed) throw std::runtime_error(to_text(installed.error()));
  return *installed;
}

inline Outcome run(const std::shared_ptr<Installed>& program, std::uint64_t r1 = 0, std::uint64_t r2 = 0, std::uint64_t r3 = 0, std::uint64_t r4 = 0,
                   std::uint64_t r5 = 0) {
  return program->run(r1, r2, r3, r4, r5);
}

}  // namespace tenon::runtime::testing
