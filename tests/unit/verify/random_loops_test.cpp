// SPDX-License-Identifier: Apache-2.0
// Random loops over the memory of a context, with guards that are often almost right. What is accepted runs on the interpreter, over memory of many
// sizes and with values from the edges; it aborts at the first access that is out of bounds. The program is printed then.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "support/assembler.hpp"
#include "support/sandbox.hpp"

namespace tenon::test {
namespace {

constexpr std::string_view kInterface =
    "struct frame { data..data_end: mem rw @0..8, n: u32 @16 r, first: u64 @24 r }; hook t(ctx: &frame) -> u64 default 0;";

std::string current;

void print_current(int) {
  std::fputs(current.c_str(), stderr);
  std::signal(SIGABRT, SIG_DFL);
}

/// r6: data, r7: data_end, r8: their distance, r9: a value from the context; r1-r5: whatever.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::string program() {
    text_ = "r6 = *(u64 *)(r1 + 0)\nr7 = *(u64 *)(r1 + 8)\nr8 = r7\nr8 -= r6\n";
    text_ += one_of({"r9 = *(u64 *)(r1 + 24)\n", "r9 = *(u32 *)(r1 + 16)\n", "r9 = *(u32 *)(r1 + 16)\nr9 &= 31\n"});
    text_ += "r1 = 0\nr2 = r8\nr3 = r9\nr4 = 0\nr5 = r8\nr0 = 0\n";
    block(3);
    text_ += "end:\nexit\n";
    return text_;
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  const char* one_of(std::initializer_list<const char*> all) { return *(all.begin() + below(all.size())); }
  std::string scalar() { return fmt::format("r{}", 1 + below(5)); }
  std::string source() { return one_of({"r8", "r9", "r1", "r2", "r3", "r4", "r5"}); }
  int small() { return static_cast<int>(below(8) == 0 ? below(40) : below(6)); }
  const char* comparison() { return one_of({"<", "<=", ">", ">=", "<", ">=", "==", "!=", "s<", "s<=", "s>", "s>="}); }

  void line(const std::string& text) { text_ += text + "\n"; }

  void assign() {
    const std::string x = scalar();
    switch (below(12)) {
      case 0:
        return line(fmt::format("{} = {}", x, small()));
      case 1:
        return line(fmt::format("{} = {}", x, source()));
      case 2:
      case 3:
        return line(fmt::format("{} += {}", x, 1 + below(4)));
      case 4:
        return line(fmt::format("{} += -{}", x, 1 + below(4)));
      case 5:
        return line(fmt::format("{} {}= {}", x, one_of({"+", "-"}), source()));
      case 6:
        return line(fmt::format("{} {}= {}", x, one_of({"<<", ">>", "s>>"}), 1 + below(3)));
      case 7:
        return line(fmt::format("{} {}= {}", x, one_of({"&", "/", "%", "s/", "s%", "|", "*"}), 1 + below(15)));
      case 8:
        return line(fmt::format("w{} {}= {}", x.substr(1), one_of({"+", "&", "/", "s/", "%", ">>"}), 1 + below(7)));
      case 9:
        return line(fmt::format("w{0} = w{0}", x.substr(1)));
      case 10:
        return line(fmt::format("{} = (s{}){}", x, one_of({"8", "16", "32"}), source()));
      default:
        return line(fmt::format("{0} <<= 32\n{0} {1}= 32", x, one_of({">>", "s>>"})));
    }
  }

  std::string condition() {
    const bool narrow = below(8) == 0;
    std::string a = scalar(), b = below(3) == 0 ? std::to_string(small()) : source();
    if (narrow) {
      a[0] = 'w';
      if (b[0] == 'r') b[0] = 'w';
    }
    return fmt::format("if {} {} {} goto ", a, comparison(), b);
  }

  /// A guard that is often the right one, and an access behind it.
  void access() {
    const std::string x = scalar(), skip = label();
    const int width = 1 << below(4), offset = static_cast<int>(below(3)) - (below(4) == 0 ? 1 : 0);
    switch (below(6)) {
      case 0:
        line(fmt::format("if {} >= r8 goto {}", x, skip));
        break;
      case 1:
        line(fmt::format("if {} > r8 goto {}", x, skip));
        break;
      case 2:
        line(fmt::format("r0 = {}\nr0 += {}\nif r0 > r8 goto {}", x, width + offset - static_cast<int>(below(2)), skip));
        break;
      case 3:
        line(fmt::format("r0 = r6\nr0 += {}\nr0 += {}\nif r0 > r7 goto {}", x, width + offset, skip));
        break;
      default:
        break;
    }
    line(fmt::format("r0 = r6\nr0 += {}\nr0 = *(u{} *)(r0 + {})", x, width * 8, offset));
    if (below(3) == 0) line(fmt::format("{} {} r0", scalar(), one_of({"+=", "^=", "&=", "="})));
    line(skip + ":\nr0 = 0");
  }

  void loop(int depth) {
    const std::string head = label(), out = label(), i = scalar();
    if (below(2) == 0) line(fmt::format("{} = {}", i, one_of({"0", "0", "1", "r8", "r9"})));
    const bool tests_first = below(2) == 0;
    if (tests_first) {
      line(head + ":\n" + condition() + out);
    } else {
      if (below(2) == 0) line(condition() + out);
      line(head + ":");
    }
    if (below(12) == 0) line(condition() + "end");
    block(depth - 1);
    line(fmt::format("{} += {}", i, one_of({"1", "1", "-1", "2", "4", "r3"})));
    if (below(6) == 0) line(condition() + head);  // `continue`, another back edge
    line(tests_first ? "goto " + head : condition() + head);
    line(out + ":");
  }

  void branch(int depth) {
    const std::string otherwise = label(), after = label();
    line(condition() + otherwise);
    block(depth - 1);
    line("goto " + after + "\n" + otherwise + ":");
    if (below(2) == 0) block(depth - 1);
    line(after + ":");
  }

  void block(int depth) {
    for (std::uint64_t n = 1 + below(3); n > 0; --n) {
      if (labels_ > 0 && below(30) == 0) line(condition() + fmt::format("l{}", 1 + below(labels_)));  // into or out of any loop
      switch (depth > 0 ? below(7) : below(4)) {
        case 0:
        case 1:
          assign();
          break;
        case 2:
        case 3:
          access();
          break;
        case 4:
          branch(depth);
          break;
        default:
          loop(depth);
          break;
      }
    }
  }

  std::string label() { return fmt::format("l{}", ++labels_); }

  std::mt19937_64 random_;
  std::string text_;
  std::uint64_t labels_ = 0;
};

struct Frame {
  std::uint8_t* data;
  std::uint8_t* data_end;
  std::uint32_t n;
  std::uint64_t first;
};

/// A sandbox whose memory behind data has a certain size.
struct Room {
  Room(Frame& frame, std::uint8_t* data, std::size_t bytes) : size(bytes), sandbox(std::make_unique<Sandbox>(kInterface)) {
    sandbox->environment().max_instructions = 3000;
    sandbox->add_region({reinterpret_cast<std::uint64_t>(&frame), sizeof frame, true, true});
    sandbox->add_region({reinterpret_cast<std::uint64_t>(data), bytes, true, true});
  }
  std::size_t size;
  std::unique_ptr<Sandbox> sandbox;
};

TEST(RandomLoops, WhatIsAcceptedStaysInBounds) {
  std::array<std::uint8_t, 64> memory{};
  std::uint8_t* const data = memory.data() + 16;
  Frame frame{};
  std::vector<Room> rooms;
  for (const std::size_t size : {0, 1, 2, 3, 4, 7, 8, 9, 16, 33}) rooms.emplace_back(frame, data, size);
  const char* wanted = std::getenv("TENON_RANDOM_LOOPS");
  const std::uint64_t programs = wanted ? std::strtoull(wanted, nullptr, 10) : 3000, start = wanted ? std::random_device{}() : 1;
  std::uint64_t accepted = 0;
  std::signal(SIGABRT, print_current);
  for (std::uint64_t seed = start; seed < start + programs; ++seed) {
    current = Generator(seed).program();
    const auto guarded = rooms[0].sandbox->try_guard(assemble_program(current), {.max_steps = 20'000});
    if (!guarded) continue;
    accepted += current.find("r0 = *(u") != std::string::npos;
    for (const Room& room : rooms) {
      std::mt19937_64 random(seed);
      for (const std::uint64_t first : {0ul, 1ul, room.size, room.size + 1, ~0ul, 1ul << 63, 1ul << 32, random()}) {
        for (auto& byte : memory) byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : random() % 10);
        frame = {data, data + room.size, static_cast<std::uint32_t>(first), first};
        (void)room.sandbox->run(*guarded, {reinterpret_cast<std::uint64_t>(&frame)});
      }
    }
  }
  std::signal(SIGABRT, SIG_DFL);
  EXPECT_GT(accepted, programs / 100);
  if (wanted) fmt::print("{} of {} programs accepted\n", accepted, programs);
}

}  // namespace
}  // namespace tenon::test
