// SPDX-License-Identifier: Apache-2.0
// The text of a random program while it grows, and what may be read and written at this point of it: the generator's statements choose from here.
#pragma once

#include <fmt/format.h>

#include <bitset>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "generator.hpp"
#include "random.hpp"

namespace tenon::differential {

constexpr unsigned kScratch = 6;        // r0 to r5 do not survive a call
constexpr unsigned kPrivateSlots = 16;  // r10-8 to r10-128; 8 bytes each
constexpr unsigned kSlots = 24;         // the rest may have its address taken
constexpr unsigned kMaxDepth = 3;       // nesting of branches, loops and object scopes
constexpr unsigned kMaxHelpers = 3;

/// What may be read at this point of the text.
struct State {
  std::bitset<10> live;      ///< registers that hold scalars
  std::bitset<10> reserved;  ///< registers that must keep what they hold: context, tokens, loop counters
  std::bitset<kSlots> written;
  std::bitset<kSlots> taken;  ///< slots in use as loop counters or for tokens
};

inline State merge(const State& a, const State& b) {
  State merged = a;
  merged.live &= b.live;
  merged.written &= b.written;
  return merged;
}

class Writer {
 protected:
  explicit Writer(std::uint64_t seed) : random_(seed) {}

  template <class... Args>
  void line(fmt::format_string<Args...> text, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), text, std::forward<Args>(args)...);
    out_ += '\n';
  }
  void line_live(unsigned reg, const std::string& text) {
    line("{}", text);
    state_.live[reg] = true;
  }

  std::string label() { return fmt::format("L{}", labels_++); }
  static unsigned offset_of(unsigned slot) { return (slot + 1) * 8; }
  std::int32_t immediate() { return static_cast<std::int32_t>(random_.interesting()); }
  unsigned width_bits() { return 8u << random_.below(4); }

  void set_constant(unsigned reg) { line_live(reg, fmt::format("r{} = {}", reg, immediate())); }
  void forget_scratch() {
    for (unsigned reg = 0; reg < kScratch; ++reg) state_.live[reg] = false;
  }
  /// Never leaves the text without a register to read or write.
  void revive() {
    const auto reg = static_cast<unsigned>(random_.below(kScratch));
    if (!state_.live[reg]) set_constant(reg);
  }

  unsigned any_live_or_none() {
    std::vector<unsigned> found;
    for (unsigned reg = 0; reg < 10; ++reg) {
      if (state_.live[reg] && !state_.reserved[reg]) found.push_back(reg);
    }
    return found.empty() ? 10 : random_.pick(found);
  }
  /// A register that holds a scalar.
  unsigned any_live() {
    if (const unsigned reg = any_live_or_none(); reg < 10) return reg;
    set_constant(0);
    return 0;
  }
  /// The same, to be changed.
  unsigned live_register() { return any_live(); }
  /// A register to overwrite.
  unsigned writable_register(unsigned other_than = 10) {
    while (true) {
      const auto reg = static_cast<unsigned>(random_.below(10));
      if (reg != other_than && !state_.reserved[reg]) return reg;
    }
  }
  unsigned free_saved() {
    std::vector<unsigned> found;
    for (unsigned reg = 6; reg < 10; ++reg) {
      if (!state_.reserved[reg]) found.push_back(reg);
    }
    return found.size() < 2 ? 10 : random_.pick(found);  // one stays free for any_saved()
  }
  /// A callee-saved register that holds a scalar: outside object scopes all of them do.
  unsigned any_saved() {
    std::vector<unsigned> found;
    for (unsigned reg = 6; reg < 10; ++reg) {
      if (!state_.reserved[reg] && state_.live[reg]) found.push_back(reg);
    }
    return random_.pick(found);
  }
  unsigned writable_saved() { return any_saved(); }

  unsigned free_slot(unsigned limit) {
    const auto slot = static_cast<unsigned>(random_.below(limit));
    return state_.taken[slot] ? limit : slot;
  }
  unsigned written_slot(unsigned limit) {
    std::vector<unsigned> found;
    for (unsigned slot = 0; slot < limit; ++slot) {
      if (state_.written[slot] && !state_.taken[slot]) found.push_back(slot);
    }
    return found.empty() ? limit : random_.pick(found);
  }

  /// Puts a heap address into a register other than `keep`: mostly inside the globals, sometimes computed from data.
  unsigned heap_address(bool aligned, unsigned keep = 10) {
    unsigned reg = writable_register(keep);
    const std::uint64_t last = kGlobalsBytes - 32;
    if (random_.chance(50)) {
      line_live(reg, fmt::format("r{} = globals + {}", reg, aligned ? random_.below(last / 8) * 8 : random_.below(last)));
      return reg;
    }
    unsigned other = writable_register(keep);
    while (other == reg) other = writable_register(keep);
    const unsigned source = any_live();
    line_live(reg, fmt::format("r{} = r{}", reg, source));
    line("r{} &= {}", reg, aligned ? 0x7f8 : 0x7ff);
    line_live(other, fmt::format("r{} = globals + {}", other, random_.below(64) * 8));
    line("r{} += r{}", reg, other);
    return reg;
  }

  Random random_;
  std::string out_;
  State state_;
  unsigned labels_ = 0;
};

}  // namespace tenon::differential
