// SPDX-License-Identifier: Apache-2.0
// Random loops that move pointers: into either memory of a context, into memory that host functions hand out, null, kept in stack slots, carried
// around beside numbers and objects. What is accepted runs on the interpreter, which aborts at the first access that is out of bounds and at the
// first instruction "that cannot run"; the host aborts at an object that is not held. The program is printed then. More of them:
// TENON_RANDOM_POINTERS=N
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "base/bug.hpp"
#include "support/assembler.hpp"
#include "support/sandbox.hpp"

namespace tenon::test {
namespace {

constexpr std::string_view kInterface = R"(
struct frame { data..data_end: mem rw @0..8, text..text_end: mem r @16..24, n: u32 @32 r, first: u64 @40 r };
type token rc drop=put;
fn get(id: u32) -> ?own token<'t>;
fn need(id: u32) -> own token<'t>;
fn put(t: own token<'t>);
fn look(t: &token<'t>) -> u64;
fn sized(n: u32) -> ?mem(u8|n) rw;
fn fixed() -> ?mem(u8|16) r;
fn fill(p: mem(u8|n) uninit, n: u32);
fn sum(p: mem(u8|n) r, n: u32) -> u64;
hook t(ctx: &frame) -> u64 default 0;
)";

std::string current;

void print_current(int) {
  std::fputs(current.c_str(), stderr);
  std::signal(SIGABRT, SIG_DFL);
}

/// r9: the context; r6, r7 and the slots at r10-8, r10-16: pointers; r2, r3, r8 and the slot at r10-24: numbers; the slot at r10-32: bytes;
/// the slot at r10-40: an object or null; r0, r1, r4, r5: for a moment.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::string program() {
    text_ = "r9 = r1\nr2 = *(u32 *)(r1 + 32)\nr3 = *(u64 *)(r1 + 40)\nr8 = 0\nr6 = *(u64 *)(r1 + 0)\nr7 = *(u64 *)(r1 + 8)\n";
    line(fmt::format("*(u64 *)(r10 - 8) = {}\n*(u64 *)(r10 - 16) = {}\n*(u64 *)(r10 - 24) = r2", one_of({"r6", "r7", "0"}),
                     one_of({"r6", "r7", "0"})));
    line(one_of({"*(u64 *)(r10 - 32) = 0", "*(u64 *)(r10 - 32) = r3", "*(u32 *)(r10 - 32) = 1"}));
    objects_ = below(4) == 0;
    if (objects_) line("*(u64 *)(r10 - 40) = 0");
    block(3);
    text_ += "end:\n";
    if (objects_) give_back();
    text_ += "r0 = 0\nexit\n";
    return text_;
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  const char* one_of(std::initializer_list<const char*> all) { return *(all.begin() + below(all.size())); }
  const char* number() { return one_of({"r2", "r3", "r8"}); }
  const char* pointer() { return one_of({"r6", "r6", "r7"}); }
  const char* other_pointer(const std::string& p) { return p == "r6" ? "r7" : "r6"; }
  const char* pointer_slot() { return one_of({"(r10 - 8)", "(r10 - 16)"}); }
  int small() { return static_cast<int>(below(8) == 0 ? below(40) : below(6)); }
  const char* comparison() { return one_of({"<", "<=", ">", ">=", "<", ">=", "==", "!=", "s<", "s<=", "s>", "s>="}); }
  const char* order() { return one_of({"<", "<=", ">", ">=", "<", "<=", ">", ">=", "==", "!="}); }
  std::string label() { return fmt::format("l{}", ++labels_); }
  void line(const std::string& text) { text_ += text + "\n"; }

  /// r2 and r3 do not survive a call.
  void after_call() { line(one_of({"r2 = r8\nr3 = 1", "r2 = *(u64 *)(r10 - 24)\nr3 = r8", "r2 = *(u32 *)(r9 + 32)\nr3 = *(u64 *)(r9 + 40)"})); }

  void assign_number() {
    const std::string x = number();
    switch (below(14)) {
      case 0:
        return line(fmt::format("{} = {}", x, small()));
      case 1:
        return line(fmt::format("{} = {}", x, number()));
      case 2:
      case 3:
        return line(fmt::format("{} += {}", x, 1 + below(4)));
      case 4:
        return line(fmt::format("{} += -{}", x, 1 + below(4)));
      case 5:
        return line(fmt::format("{} {}= {}", x, one_of({"+", "-"}), number()));
      case 6:
        return line(fmt::format("{} {}= {}", x, one_of({"<<", ">>", "s>>"}), 1 + below(3)));
      case 7:
        return line(fmt::format("{} {}= {}", x, one_of({"&", "&", "/", "%", "|", "*"}), 1 + below(31)));
      case 8:
        return line(fmt::format("w{} {}= {}", x.substr(1), one_of({"+", "&", "/", "-", "%", ">>"}), 1 + below(7)));
      case 9:
        return line(fmt::format("{} = *(u32 *)(r9 + 32)", x));
      case 10:
        return line(fmt::format("r4 = *(u64 *)(r9 + {})\nr5 = *(u64 *)(r9 + {})\nr5 -= r4\n{} = r5", 0, 8, x));
      case 11:
        return line(fmt::format("*(u64 *)(r10 - 24) = {}", x));
      case 12:
        return line(fmt::format("{} = *({} *)(r10 - {})", x, one_of({"u64", "u64", "u32", "u16"}), one_of({"24", "24", "32"})));
      default:
        return line(fmt::format("*(u{} *)(r10 - {}) = {}", 8 << below(4), 32 - below(4), x));
    }
  }

  void assign_pointer() {
    const std::string p = pointer();
    switch (below(13)) {
      case 0:
        return line(fmt::format("{} = *(u64 *)(r9 + {})", p, one_of({"0", "8", "16"})));
      case 1:
        return line(fmt::format("{} = {}", p, one_of({"0", "r6", "r7"})));
      case 2:
      case 3:
        return line(fmt::format("{} += {}", p, 1 + below(8)));
      case 4:
        return line(fmt::format("{} += -{}", p, 1 + below(3)));
      case 5:
      case 6:
        return line(fmt::format("{} += {}", p, number()));
      case 7:
        return line(fmt::format("*(u64 *){} = {}", pointer_slot(), p));
      case 8:
        return line(fmt::format("{} = *(u64 *){}", p, pointer_slot()));
      case 9:
        return line(fmt::format("r4 = {}\nr4 -= {}\n{} = r4", p, other_pointer(p), number()));
      case 10:
        return line(fmt::format("{} = *(u64 *)(r9 + 0)\n{} += {}", p, p, number()));
      case 11:
        line(fmt::format("r1 = {}\ncall sized\n{} = r0", number(), p));
        return after_call();
      default:
        line(fmt::format("call fixed\n{} = r0", p));
        return after_call();
    }
  }

  std::string condition() {
    switch (below(6)) {
      case 0: {
        const std::string p = pointer();
        return fmt::format("if {} {} {} goto ", p, order(), other_pointer(p));
      }
      case 1:
        return fmt::format("if {} {} 0 goto ", pointer(), one_of({"==", "!="}));
      case 2: {
        const std::string p = pointer();
        line(fmt::format("r4 = {}\nr4 += {}\nr5 = *(u64 *)(r9 + {})", p, below(2) == 0 ? number() : std::to_string(1 + below(8)),
                         one_of({"0", "8", "8", "24"})));
        return fmt::format("if r4 {} r5 goto ", order());
      }
      default:
        break;
    }
    std::string a = number(), b = below(3) == 0 ? std::to_string(small()) : number();
    if (below(8) == 0) {
      a[0] = 'w';
      if (b[0] == 'r') b[0] = 'w';
    }
    return fmt::format("if {} {} {} goto ", a, comparison(), b);
  }

  /// A guard that is often the right one, and an access behind it.
  void access() {
    const std::string p = pointer(), skip = label();
    const int width = 1 << below(4), offset = static_cast<int>(below(3)) - (below(4) == 0 ? 1 : 0);
    const char* end = one_of({"8", "8", "8", "24"});
    if (below(2) == 0) line(fmt::format("if {} == 0 goto {}", p, skip));
    switch (below(5)) {
      case 0:
      case 1:
        line(fmt::format("r4 = {}\nr4 += {}\nr5 = *(u64 *)(r9 + {})\nif r4 > r5 goto {}", p, width + offset, end, skip));
        break;
      case 2:
        line(fmt::format("r5 = *(u64 *)(r9 + {})\nif {} >= r5 goto {}", end, p, skip));
        break;
      case 3:
        line(fmt::format("r5 = *(u64 *)(r9 + {})\nr5 -= {}\nif r5 < {} goto {}", end, p, width + offset, skip));
        break;
      default:
        break;
    }
    if (below(4) == 0) line(fmt::format("r5 = *(u64 *)(r9 + 0)\nif {} < r5 goto {}", p, skip));
    switch (below(6)) {
      case 0:
        line(fmt::format("*(u{} *)({} {:+}) = {}", width * 8, p, offset, number()));
        break;
      case 1:
        line(fmt::format("r1 = {}\nr2 = {}\ncall sum", p, one_of({"1", "2", "r8", "r3"})));
        after_call();
        break;
      default:
        line(fmt::format("{} = *(u{} *)({} {:+})", one_of({"r4", "r2", "r3"}), width * 8, p, offset));
        break;
    }
    line(skip + ":");
  }

  void stack() {
    switch (below(3)) {
      case 0:
        line(fmt::format("r1 = r10\nr1 += -{}\nr2 = {}\ncall {}", 32 - below(3), one_of({"4", "8", "5", "r8"}), one_of({"fill", "sum"})));
        return after_call();
      case 1:
        return line(fmt::format("r4 = r10\nr4 += {0}\n{1} &= 3\nr4 += {1}\n*(u8 *)(r4 + 0) = {1}", -32 - static_cast<int>(below(2)) * 16, number()));
      default:
        return line(fmt::format("lock *(u64 *)(r10 - {}) += {}", one_of({"24", "32", "8"}), number()));
    }
  }

  void give_back() {
    const std::string none = label();
    line(fmt::format("r1 = *(u64 *)(r10 - 40)\nif r1 == 0 goto {0}\ncall put\n{0}:", none));
  }

  void object() {
    if (!objects_) return;
    switch (below(4)) {
      case 0:
        line(fmt::format("r1 = {}\ncall get\n*(u64 *)(r10 - 40) = r0", number()));
        break;
      case 1:
        line(fmt::format("r1 = {}\ncall need\n*(u64 *)(r10 - 40) = r0", number()));
        break;
      case 2:
        give_back();
        if (below(4) != 0) line("*(u64 *)(r10 - 40) = 0");
        break;
      default: {
        const std::string none = label();
        line(fmt::format("r1 = *(u64 *)(r10 - 40)\nif r1 == 0 goto {0}\ncall look\n{0}:", none));
      }
    }
    after_call();
  }

  void loop(int depth) {
    const std::string head = label(), out = label();
    if (below(2) == 0) line(below(2) == 0 ? fmt::format("{} = 0", number()) : "r6 = *(u64 *)(r9 + 0)\nr7 = *(u64 *)(r9 + 8)");
    const bool tests_first = below(2) == 0;
    if (tests_first) {
      line(head + ":");
      const std::string test = condition();
      line(test + out);
    } else {
      line(head + ":");
    }
    block(depth - 1);
    line(below(2) == 0 ? fmt::format("{} += {}", number(), one_of({"1", "-1", "2", "r3"}))
                       : fmt::format("{} += {}", pointer(), one_of({"1", "2", "4", "-1", "r8"})));
    if (below(4) == 0) {  // `continue`, another back edge
      const std::string test = condition();
      line(test + head);
    }
    const std::string test = tests_first ? "goto " : condition();
    line(test + head);
    line(out + ":");
  }

  void branch(int depth) {
    const std::string otherwise = label(), after = label(), test = condition();
    line(test + otherwise);
    block(depth - 1);
    line("goto " + after + "\n" + otherwise + ":");
    if (below(2) == 0) block(depth - 1);
    line(after + ":");
  }

  void block(int depth) {
    for (std::uint64_t n = 1 + below(3); n > 0; --n) {
      if (labels_ > 0 && below(30) == 0) {  // into or out of any loop
        const std::string test = condition();
        line(test + fmt::format("l{}", 1 + below(labels_)));
      }
      switch (depth > 0 ? below(11) : below(7)) {
        case 0:
        case 1:
          assign_number();
          break;
        case 2:
        case 3:
          assign_pointer();
          break;
        case 4:
        case 5:
          access();
          break;
        case 6:
          below(2) == 0 ? stack() : object();
          break;
        case 7:
        case 8:
          branch(depth);
          break;
        default:
          loop(depth);
          break;
      }
    }
  }

  std::mt19937_64 random_;
  std::string text_;
  std::uint64_t labels_ = 0;
  bool objects_ = false;
};

struct Frame {
  std::uint8_t* data;
  std::uint8_t* data_end;
  std::uint8_t* text;
  std::uint8_t* text_end;
  std::uint32_t n;
  std::uint64_t first;
};

/// Memory of every size up to 33 bytes, with room between them, and one sandbox per size of `data`.
class Host {
 public:
  static constexpr std::size_t kGreatest = 33, kApart = 64;

  void add_room(std::uint8_t* data, std::size_t bytes) {
    auto sandbox = std::make_unique<Sandbox>(kInterface);
    sandbox->environment().max_instructions = 3000;
    sandbox->add_region({reinterpret_cast<std::uint64_t>(&frame), sizeof frame, true, true});
    if (bytes > 0) sandbox->add_region({reinterpret_cast<std::uint64_t>(data), bytes, true, true});
    sandbox->add_region({reinterpret_cast<std::uint64_t>(text.data()), 5, true, false});
    for (std::size_t n = 1; n <= kGreatest; ++n) sandbox->add_region({reinterpret_cast<std::uint64_t>(memory_of(n)), n, true, true});
    sandbox->add_region({reinterpret_cast<std::uint64_t>(fixed.data()), 16, true, false});
    const auto result = [](std::uint64_t r0) { return interp::Environment::CallResult{.r0 = r0}; };
    sandbox->on_call("get", [this, result](const auto& a) { return result(a[0] % 3 == 0 ? 0 : acquire(a[0])); });
    sandbox->on_call("need", [this, result](const auto& a) { return result(acquire(a[0])); });
    sandbox->on_call("put", [this, result](const auto& a) { return --held_at(a[0]), result(0); });
    sandbox->on_call("look", [this, result](const auto& a) { return result(static_cast<std::uint64_t>(held_at(a[0]))); });
    sandbox->on_call("sized", [this, result](const auto& a) {
      const auto n = static_cast<std::uint32_t>(a[0]);
      return result(n == 0 || n > kGreatest ? 0 : reinterpret_cast<std::uint64_t>(memory_of(n)));
    });
    sandbox->on_call("fixed", [this, result](const auto&) { return result(++calls % 2 == 0 ? 0 : reinterpret_cast<std::uint64_t>(fixed.data())); });
    sandbox->on_call("fill", [result](const auto&) { return result(0); });
    sandbox->on_call("sum", [result](const auto& a) { return result(a[1]); });
    rooms.push_back({data, bytes, std::move(sandbox)});
  }

  std::uint8_t* memory_of(std::size_t n) { return handed_out.data() + n * kApart; }

  std::uint64_t acquire(std::uint64_t id) {
    int& token = held[id % held.size()];
    ++token;
    return reinterpret_cast<std::uint64_t>(&token);
  }
  int& held_at(std::uint64_t token) {
    const std::uint64_t number = (token - reinterpret_cast<std::uint64_t>(held.data())) / sizeof held[0];
    base::ensure(number < held.size() && held[number] > 0, "an object is used that is not held");
    return held[number];
  }

  struct Room {
    std::uint8_t* data;
    std::size_t bytes;
    std::unique_ptr<Sandbox> sandbox;
  };
  Frame frame{};
  std::array<std::uint8_t, 64> text{}, fixed{};
  std::array<std::uint8_t, (kGreatest + 1) * kApart> handed_out{};
  std::array<int, 8> held{};
  std::uint64_t calls = 0;
  std::vector<Room> rooms;
};

TEST(RandomPointers, WhatIsAcceptedStaysInBounds) {
  std::array<std::uint8_t, 128> memory{};
  Host host;
  host.add_room(nullptr, 0);
  for (const std::size_t size : {0, 1, 2, 3, 4, 7, 8, 9, 16, 33}) host.add_room(memory.data() + 48, size);
  const char* wanted = std::getenv("TENON_RANDOM_POINTERS");
  const std::uint64_t programs = wanted ? std::strtoull(wanted, nullptr, 10) : 2000, start = wanted ? std::random_device{}() : 1;
  std::uint64_t accepted = 0, with_access = 0, runs = 0;
  std::signal(SIGABRT, print_current);
  for (std::uint64_t seed = start; seed < start + programs; ++seed) {
    current = Generator(seed).program();
    const auto guarded = host.rooms[0].sandbox->try_guard(assemble_program(current), {.max_steps = 20'000});
    if (!guarded) continue;
    ++accepted;
    for (std::uint32_t i = 0; i < guarded->program().insns().size(); ++i) {
      if (guarded->proof().access(ir::InsnIdx(i)).memory != verify::MemClass::host) continue;
      ++with_access;
      break;
    }
    for (const Host::Room& room : host.rooms) {
      std::mt19937_64 random(seed);
      for (const std::uint64_t first : {0ul, 1ul, room.bytes, room.bytes + 1, ~0ul, 1ul << 63, 1ul << 32, random()}) {
        for (auto* bytes : {&host.text, &host.fixed}) {
          for (auto& byte : *bytes) byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : random() % 10);
        }
        for (auto& byte : memory) byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : random() % 10);
        const auto n = static_cast<std::uint32_t>(random() % 3 == 0 ? random() : random() % 12);
        host.frame = {room.data, room.data + room.bytes, host.text.data(), host.text.data() + 5, n, first};
        host.held.fill(0);
        const auto run = room.sandbox->run(*guarded, {reinterpret_cast<std::uint64_t>(&host.frame)});
        ++runs;
        if (run.kind != Outcome::Kind::returned) continue;  // the runtime would give back what is held
        for (const int held : host.held) base::ensure(held == 0, "an object is still held at the end");
      }
    }
  }
  std::signal(SIGABRT, SIG_DFL);
  EXPECT_GT(with_access, programs / 100);
  if (wanted) fmt::print("seeds from {}: {} of {} programs accepted, {} with host accesses, {} runs\n", start, accepted, programs, with_access, runs);
}

}  // namespace
}  // namespace tenon::test
