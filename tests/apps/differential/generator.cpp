// SPDX-License-Identifier: Apache-2.0
#include "generator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "writer.hpp"

namespace tenon::differential {

const std::string_view kInterface = R"(
interface differential;
struct frame { data..data_end: mem rw @0..8, seed: u64 @16 r, mark: u32 @24 rw };
type token rc drop=token_put;
hook t(ctx: &frame) -> u64 default 99;
fn token_get(id: u32) -> ?own token<'t>;
fn token_put(t: own token<'t>);
fn token_value(t: &token<'t>) -> u64;
fn note(a: u64, b: u64) -> u64;
fn small(a: s32 in -8..8) -> u32 in 0..100;
fn fill(p: mem(u8|n) uninit, n: u64 in 1..32);
fn sum(p: mem(u8|n) r, n: u64 in 1..32) -> u64;
fn view() -> ?mem(u8|32) r;
fn stop_here(n: u64);
)";

namespace {

class Generator : private Writer {
 public:
  explicit Generator(std::uint64_t seed) : Writer(seed) {}

  std::string program() {
    helpers_ = static_cast<unsigned>(random_.below(kMaxHelpers + 1));
    main_function();
    for (unsigned i = 0; i < helpers_; ++i) helper_function(i);
    if (uses_recursion_) recursive_function();
    if (uses_through_) through_function();
    return std::move(out_);
  }

 private:
  // --- functions -------------------------------------------------------------------------------------------------------------------------------

  void main_function() {
    line("fn main:");
    state_ = {};
    in_main_ = true;
    first_callee_ = 0;
    line("r6 = r1");
    state_.reserved[6] = true;
    for (unsigned reg = 7; reg < 10; ++reg) set_constant(reg);
    if (random_.chance(50)) line_live(8, "r8 = *(u64 *)(r6 + 16)");
    block(static_cast<unsigned>(random_.between(4, 14)), 0);
    final_value();
    line("exit");
  }

  void helper_function(unsigned number) {
    line("fn helper{}(2):", number);
    state_ = {};
    in_main_ = false;
    first_callee_ = number + 1;
    state_.live[1] = state_.live[2] = true;
    for (unsigned reg = 6; reg < 10; ++reg) set_constant(reg);
    block(static_cast<unsigned>(random_.between(2, 7)), 1);
    final_value();
    line("exit");
  }

  void recursive_function() {
    const std::string base = label();
    line("fn recurse(2):");
    line("r1 &= 15");
    line("r6 = r1");
    line("if r1 == 0 goto {}", base);
    if (random_.chance(50)) line("*(u64 *)(r10 - 8) = r2");
    line("r1 += -1");
    line("r2 *= 31");
    line("call recurse");
    line("r0 += r6");
    line("exit");
    line("{}:", base);
    line("r0 = r2");
    line("exit");
  }

  /// Reads and writes through a pointer that callers take into their own stack frame.
  void through_function() {
    line("fn through(2):");
    line("r0 = *(u64 *)(r1 + 0)");
    line("r2 ^= r0");
    line("*(u32 *)(r1 + 4) = w2");
    line("exit");
  }

  void final_value() {
    if (!state_.live[0]) set_constant(0);
    for (unsigned reg = 1; reg < 10; ++reg) {
      if (!state_.live[reg] || state_.reserved[reg]) continue;
      line("r0 *= 31");
      line("r0 += r{}", reg);
    }
    for (unsigned slot = 0; slot < kPrivateSlots; ++slot) {
      if (!state_.written[slot] || state_.taken[slot]) continue;
      line("r1 = *(u64 *)(r10 - {})", offset_of(slot));
      line("r0 ^= r1");
    }
  }

  // --- statements ------------------------------------------------------------------------------------------------------------------------------

  void block(unsigned statements, unsigned depth) {
    for (unsigned i = 0; i < statements; ++i) statement(depth);
  }

  void statement(unsigned depth) {
    const bool deep = depth >= kMaxDepth;
    switch (random_.below(deep ? 20 : 29)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        return arithmetic();
      case 5:
        return special_arithmetic();
      case 6:
      case 7:
        return heap_load();
      case 8:
      case 9:
        return heap_store();
      case 10:
        return heap_atomic();
      case 11:
        return stack_store();
      case 12:
        return stack_load();
      case 13:
        return context_field();
      case 14:
        return context_data();
      case 15:
        return host_scalar_call();
      case 16:
        return host_memory_call();
      case 17:
        return local_call();
      case 18:
        return escape();
      case 19:
        return rare();
      case 20:
      case 21:
      case 22:
      case 23:
        return branch(depth);
      case 24:
      case 25:
        return loop(depth);
      case 26:
        return context_loop();
      default:
        return token_scope(depth);
    }
  }

  void arithmetic() {
    static constexpr std::array kOps{"+=", "-=", "*=", "/=", "s/=", "%=", "s%=", "|=", "&=", "^=", "<<=", ">>=", "s>>=", "="};
    const unsigned dst = live_register();
    const char size = random_.chance(60) ? 'r' : 'w';
    const char* op = random_.pick(kOps);
    if (random_.chance(50)) {
      line("{}{} {} {}{}", size, dst, op, size, any_live());
    } else {
      line("{}{} {} {}", size, dst, op, immediate());
    }
  }

  void special_arithmetic() {
    const unsigned dst = live_register();
    const unsigned src = any_live();
    const char size = random_.chance(50) ? 'r' : 'w';
    switch (random_.below(6)) {
      case 0:
        return line("{0}{1} = -{0}{1}", size, dst);
      case 1:
        return line("{0}{1} = (s8){0}{2}", size, dst, src);
      case 2:
        return line("{0}{1} = (s16){0}{2}", size, dst, src);
      case 3:
        return line("r{} = (s32)r{}", dst, src);
      case 4:
        return line("r{0} = {1}{2} r{0}", dst, random_.pick(std::array{"be", "le", "bswap"}), random_.pick(std::array{16, 32, 64}));
      default:
        return line("r{} = {} ll", dst, static_cast<std::int64_t>(random_.interesting()));
    }
  }

  void heap_load() {
    const bool acquire = random_.chance(20);
    const unsigned base = heap_address(acquire);
    const unsigned dst = writable_register();
    const unsigned bits = width_bits();
    if (acquire) {
      const char size = bits == 64 ? 'r' : 'w';
      line("{}{} = load_acquire((u{} *)(r{} + 0))", size, dst, bits, base);
    } else {
      line("r{} = *({}{} *)(r{} + {})", dst, bits < 64 && random_.chance(30) ? 's' : 'u', bits, base, random_.below(16));
    }
    state_.live[dst] = true;
  }

  void heap_store() {
    const unsigned bits = width_bits();
    const unsigned src = any_live();
    const bool release = random_.chance(15);
    const unsigned base = heap_address(release, src);
    const char size = bits == 64 ? 'r' : 'w';
    if (release) return line("store_release((u{} *)(r{} + 0), {}{})", bits, base, size, src);
    if (random_.chance(30)) return line("*(u{} *)(r{} + {}) = {}", bits, base, random_.below(16), immediate());
    line("*(u{} *)(r{} + {}) = {}{}", bits, base, random_.below(16), size, src);
  }

  void heap_atomic() {
    static constexpr std::array kFetch{"add", "or", "and", "xor"};
    static constexpr std::array kPlain{"+=", "|=", "&=", "^="};
    const unsigned base = heap_address(random_.chance(98));
    const unsigned src = writable_register(base);
    if (!state_.live[src]) set_constant(src);
    const bool wide = random_.chance(60);
    const char size = wide ? 'r' : 'w';
    const std::string_view suffix = wide ? "_64" : "32_32";
    switch (random_.below(4)) {
      case 0:
        return line("lock *(u{} *)(r{} + 0) {} {}{}", wide ? 64 : 32, base, random_.pick(kPlain), size, src);
      case 1:
        return line("{3}{4} = atomic_fetch_{2}((u{0} *)(r{1} + 0), {3}{4})", wide ? 64 : 32, base, random_.pick(kFetch), size, src);
      case 2:
        return line("{0}{1} = xchg{2}(r{3} + 0, {0}{1})", size, src, suffix, base);
      default:
        if (!state_.live[0]) set_constant(0);
        return line("{0}0 = cmpxchg{1}(r{2} + 0, {0}0, {0}{3})", size, suffix, base, src);
    }
  }

  void stack_store() {
    const unsigned slot = free_slot(kSlots);
    if (slot == kSlots) return;
    if (state_.written[slot] && random_.chance(40)) {
      const unsigned bytes = static_cast<unsigned>(1u << random_.below(3));
      return line("*(u{} *)(r10 - {}) = {}", bytes * 8, offset_of(slot) - random_.below(8 / bytes) * bytes, immediate());
    }
    if (random_.chance(20)) {
      line("*(u64 *)(r10 - {}) = {}", offset_of(slot), immediate());
    } else {
      line("*(u64 *)(r10 - {}) = r{}", offset_of(slot), any_live());
    }
    state_.written[slot] = true;
  }

  void stack_load() {
    const unsigned slot = written_slot(kSlots);
    if (slot == kSlots) return stack_store();
    const unsigned dst = writable_register();
    const unsigned bytes = static_cast<unsigned>(1u << random_.below(4));
    const bool sign = bytes < 8 && random_.chance(30);
    line("r{} = *({}{} *)(r10 - {})", dst, sign ? 's' : 'u', bytes * 8, offset_of(slot) - random_.below(8 / bytes) * bytes);
    state_.live[dst] = true;
    if (random_.chance(15)) {
      const unsigned src = any_live();
      line("r{} = atomic_fetch_add((u64 *)(r10 - {}), r{})", src, offset_of(slot), src);
    }
  }

  // --- host memory -----------------------------------------------------------------------------------------------------------------------------

  void context_field() {
    if (!in_main_) return arithmetic();
    if (random_.chance(50)) return line("*(u32 *)(r6 + 24) = w{}", any_live());
    const unsigned dst = writable_register();
    line_live(dst, fmt::format("r{} = *(u{} *)(r6 + {})", dst, random_.chance(50) ? 64 : 32, 16));
  }

  /// if (data + n <= data_end) { ... data[k] ... }, sometimes with a variable index.
  void context_data() {
    if (!in_main_) return heap_load();
    const std::string skip = label();
    const auto need = static_cast<unsigned>(random_.between(1, 40));
    const bool variable = need >= 16 && random_.chance(50);
    const unsigned index = any_live();
    if (variable) {
      line("r4 = r{}", index);
      line("r4 &= 7");
      state_.live[4] = true;
    }
    const unsigned value = variable ? 4 : any_saved();
    line("r1 = *(u64 *)(r6 + 0)");
    line("r2 = *(u64 *)(r6 + 8)");
    line("r3 = r1");
    line("r3 += {}", need);
    line("if r3 > r2 goto {}", skip);
    if (variable) line("r1 += r4");
    const unsigned reach = variable ? need - 7 : need;
    const unsigned bytes = reach >= 8 ? 1u << random_.below(4) : 1;
    line("r5 = *(u{} *)(r1 + {})", bytes * 8, random_.below(reach - bytes + 1));
    if (random_.chance(60)) line("*(u8 *)(r1 + {}) = w{}", random_.below(reach), value);
    if (random_.chance(50)) line("r{} = r5", writable_saved());
    line("{}:", skip);
    forget_scratch();
    set_constant(static_cast<unsigned>(random_.below(kScratch)));
  }

  void context_loop() {
    if (!in_main_) return arithmetic();
    const std::string again = label(), out = label();
    line("r1 = *(u64 *)(r6 + 0)");
    line("r2 = *(u64 *)(r6 + 8)");
    line("r0 = {}", immediate());
    line("r5 = 0");
    line("{}:", again);
    switch (random_.below(5)) {
      case 0:  // p + 1 <= end
        line("r3 = r1");
        line("r3 += 1");
        line("if r3 > r2 goto {}", out);
        line("r4 = *(u8 *)(r1 + 0)");
        break;
      case 1:
      case 2:  // data[i], i counted apart
        line("if r5 > 60 goto {}", out);
        line("r3 = r1");
        line("r3 += r5");
        line("r3 += 1");
        line("if r3 > r2 goto {}", out);
        line("r4 = *(u8 *)(r3 - 1)");
        line("r5 += 1");
        line("r0 += r4");
        line("goto {}", again);
        line("{}:", out);
        forget_scratch();
        state_.live[0] = true;
        return;
      default:  // p < end
        line("if r1 >= r2 goto {}", out);
        line("r4 = *(u8 *)(r1 + 0)");
    }
    line("r0 *= 31");
    line("r0 += r4");
    if (random_.chance(30)) line("*(u8 *)(r1 + 0) = w0");
    line("r1 += 1");
    line("goto {}", again);
    line("{}:", out);
    forget_scratch();
    state_.live[0] = true;
  }

  // --- calls -----------------------------------------------------------------------------------------------------------------------------------

  void after_call(bool result) {
    forget_scratch();
    state_.live[0] = result;
    if (!result) set_constant(0);
  }

  void argument(unsigned reg) {
    const unsigned from = any_live_or_none();
    if (from < 10 && random_.chance(70)) {
      line_live(reg, fmt::format("r{} = r{}", reg, from));
    } else {
      set_constant(reg);
    }
  }

  void host_scalar_call() {
    if (random_.chance(60)) {
      argument(1);
      argument(2);
      line("call note");
    } else {
      argument(1);
      line("r1 &= 15");
      line("r1 += -8");
      if (random_.chance(20)) line("w1 = w1");
      line("call small");
    }
    after_call(true);
  }

  void host_memory_call() {
    const auto bytes = static_cast<unsigned>(random_.between(1, 32));
    const bool fills = random_.chance(50);
    switch (random_.below(3)) {
      case 0:
        line("r1 = globals + {}", random_.below(kGlobalsBytes - bytes));
        break;
      case 1: {
        if (!fills) return read_view();
        const unsigned slots = (bytes + 7) / 8;
        const auto first = static_cast<unsigned>(random_.between(slots, kSlots));  // lowest slot, 1-based
        for (unsigned i = 0; i < slots; ++i) {
          if (state_.taken[first - 1 - i]) return;
        }
        line("r1 = r10");
        line("r1 += -{}", first * 8);
        for (unsigned i = 0; i < bytes / 8; ++i) state_.written[first - 1 - i] = true;
        break;
      }
      default:
        line("r1 = r{}", random_.chance(90) ? heap_address(false) : any_live());
        break;
    }
    line("r2 = {}", bytes);
    line("call {}", fills ? "fill" : "sum");
    after_call(!fills);
  }

  void read_view() {
    const std::string none = label();
    line("call view");
    line("if r0 == 0 goto {}", none);
    line("r{} = *(u32 *)(r0 + {})", writable_saved(), random_.below(29));
    line("{}:", none);
    after_call(false);
  }

  void local_call() {
    if (random_.chance(15)) {
      uses_recursion_ = true;
      argument(1);
      argument(2);
      line("call recurse");
      return after_call(true);
    }
    if (first_callee_ >= helpers_) return arithmetic();
    const auto callee = static_cast<unsigned>(random_.between(first_callee_, helpers_ - 1));
    argument(1);
    argument(2);
    if (random_.chance(30)) {
      line("r3 = &helper{}", callee);
      line("callx r3");
    } else {
      line("call helper{}", callee);
    }
    after_call(true);
  }

  /// Takes the address of a stack slot: into the heap and back, or into a callee.
  void escape() {
    const auto slot = static_cast<unsigned>(random_.between(kPrivateSlots, kSlots - 1));
    if (!state_.written[slot]) line("*(u64 *)(r10 - {}) = {}", offset_of(slot), immediate());
    state_.written[slot] = true;
    if (random_.chance(40)) {
      uses_through_ = true;
      argument(2);
      line("r1 = r10");
      line("r1 += -{}", offset_of(slot));
      line("call through");
      return after_call(true);
    }
    line("r1 = r10");
    line("r1 += -{}", offset_of(slot));
    line("r2 = globals + {}", random_.below(64) * 8);
    line("*(u64 *)(r2 + 0) = r1");
    if (random_.chance(70)) {
      line("r3 = *(u64 *)(r2 + 0)");
      line("r4 = {}", immediate());
      line("*(u64 *)(r3 + 0) = r4");
    }
    forget_scratch();
    set_constant(0);
  }

  void rare() {
    switch (random_.below(6)) {
      case 0:
        return leave(false);
      case 1:
        return leave(true);
      case 2: {
        const std::string out = label();
        line("may_goto {}", out);
        line("{}:", out);
        return;
      }
      case 3:
        return wild_access();
      case 4:
        return wild_call();
      default:
        return stop();
    }
  }

  /// Leaves the function early, by exit or by a throw, with everything given back that exit wants back.
  void leave(bool by_throw) {
    const std::string stay = label();
    guard_rarely(stay);
    if (by_throw) {
      line("r1 = r{}", any_saved());
      line("call bpf_throw");
    } else {
      for (auto reg = held_.rbegin(); reg != held_.rend(); ++reg) {
        line("r1 = r{}", *reg);
        line("call token_put");
      }
      line("r0 = r{}", any_saved());
      line("exit");
    }
    line("{}:", stay);
  }

  void wild_access() {
    const std::string stay = label();
    guard_rarely(stay);
    line("r{} = *(u{} *)(r{} + {})", any_saved(), width_bits(), any_saved(), random_.below(2) * 8);
    line("{}:", stay);
  }

  void wild_call() {
    const std::string stay = label();
    guard_rarely(stay);
    line("r1 = 0");
    line("r2 = 0");
    line("r3 = {}", random_.between(1000, 100000));
    line("callx r3");
    line("{}:", stay);
    forget_scratch();
    set_constant(0);
  }

  void stop() {
    const std::string stay = label();
    guard_rarely(stay);
    line("r1 = 1");
    line("call stop_here");
    line("{}:", stay);
    after_call(false);
  }

  // --- structure -------------------------------------------------------------------------------------------------------------------------------

  void guard_rarely(const std::string& skip) {
    if (random_.chance(60)) {
      line("if r{} != {} goto {}", any_saved(), random_.between(0, 3), skip);
    } else {
      condition(skip);
    }
  }

  void condition(const std::string& target) {
    static constexpr std::array kOps{"==", "!=", ">", ">=", "<", "<=", "s>", "s>=", "s<", "s<=", "&"};
    const char size = random_.chance(60) ? 'r' : 'w';
    const unsigned left = any_live();
    if (random_.chance(50)) {
      line("if {0}{1} {2} {0}{3} goto {4}", size, left, random_.pick(kOps), any_live(), target);
    } else {
      line("if {}{} {} {} goto {}", size, left, random_.pick(kOps), immediate(), target);
    }
  }

  void branch(unsigned depth) {
    const std::string other = label(), join = label();
    condition(other);
    const State before = state_;
    block(static_cast<unsigned>(random_.between(1, 3)), depth + 1);
    const State after_first = state_;
    state_ = before;
    if (random_.chance(50)) {
      line("goto {}", join);
      line("{}:", other);
      block(static_cast<unsigned>(random_.between(1, 3)), depth + 1);
      line("{}:", join);
    } else {
      line("{}:", other);
    }
    state_ = merge(after_first, state_);
    revive();
  }

  /// A counted loop, its counter in a slot or a callee-saved register, its bound a constant or a masked value.
  void loop(unsigned depth) {
    const unsigned slot = free_slot(kPrivateSlots);
    if (slot == kPrivateSlots) return arithmetic();
    const std::string again = label(), out = label();
    if (random_.chance(50)) {
      line("r0 = {}", random_.between(1, 8));
    } else {
      line("r0 = r{}", any_live());
      line("r0 &= 7");
      line("if r0 == 0 goto {}", out);
    }
    line("*(u64 *)(r10 - {}) = r0", offset_of(slot));
    const State before = state_;
    state_.taken[slot] = true;
    forget_scratch();
    line("{}:", again);
    revive();
    block(static_cast<unsigned>(random_.between(1, 4)), depth + 1);
    if (random_.chance(20)) condition(out);
    line("r0 = *(u64 *)(r10 - {})", offset_of(slot));
    line("r0 += -1");
    line("*(u64 *)(r10 - {}) = r0", offset_of(slot));
    line("if r0 != 0 goto {}", again);
    line("{}:", out);
    state_ = merge(before, state_);
    state_.taken = before.taken;
    forget_scratch();
    revive();
  }

  void token_scope(unsigned depth) {
    const unsigned keeper = free_saved();
    if (keeper == 10) return arithmetic();
    const std::string none = label();
    argument(1);
    line("call token_get");
    line("if r0 == 0 goto {}", none);
    line("r{} = r0", keeper);
    forget_scratch();
    const State before = state_;
    state_.live[keeper] = false;
    state_.reserved[keeper] = true;
    held_.push_back(keeper);
    revive();
    block(static_cast<unsigned>(random_.between(0, 3)), depth + 1);
    if (random_.chance(40)) {
      line("r1 = r{}", keeper);
      line("call token_value");
      after_call(true);
      line("r1 = r0");
      line("r2 = 0");
      line("call note");
    }
    line("r1 = r{}", keeper);
    line("call token_put");
    held_.pop_back();
    line("{}:", none);
    state_ = merge(before, state_);
    state_.reserved[keeper] = false;
    forget_scratch();
    set_constant(keeper);
    revive();
  }

  std::vector<unsigned> held_;
  unsigned helpers_ = 0;
  unsigned first_callee_ = 0;
  bool in_main_ = true;
  bool uses_recursion_ = false;
  bool uses_through_ = false;
};

}  // namespace

std::string generate(std::uint64_t seed) { return Generator(seed).program(); }

}  // namespace tenon::differential
