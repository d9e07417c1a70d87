// SPDX-License-Identifier: Apache-2.0
// The non-relational domain against sets: at width 4 each Word is the 16-bit set of its members, and every operation must cover what it does to them.
#include "verify/word.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>
#include <set>
#include <vector>

#include "isa/semantics.hpp"

namespace tenon::verify {
namespace {

using isa::AluOp;
using isa::CmpOp;

constexpr AluOp kAluOps[] = {AluOp::add,    AluOp::sub,     AluOp::mul,     AluOp::udiv, AluOp::sdiv, AluOp::umod, AluOp::smod,
                             AluOp::bit_or, AluOp::bit_and, AluOp::bit_xor, AluOp::lsh,  AluOp::rsh,  AluOp::arsh, AluOp::mov};
constexpr CmpOp kCmpOps[] = {CmpOp::eq,  CmpOp::ne,  CmpOp::ugt, CmpOp::uge, CmpOp::ult, CmpOp::ule,
                             CmpOp::sgt, CmpOp::sge, CmpOp::slt, CmpOp::sle, CmpOp::set};

std::uint64_t ones(unsigned bits) { return bits == 64 ? ~0ull : (1ull << bits) - 1; }
std::int64_t as_signed(unsigned bits, std::uint64_t v) { return static_cast<std::int64_t>(isa::sign_extend(v, bits)); }

// RFC 9669's arithmetic at any width, written apart from src/isa/semantics.hpp, which knows 32 and 64 bits only.
std::uint64_t model(AluOp op, unsigned bits, std::uint64_t a, std::uint64_t b) {
  const std::int64_t sa = as_signed(bits, a), sb = as_signed(bits, b);
  const unsigned shift = static_cast<unsigned>(b % bits);
  const auto value = [&]() -> std::uint64_t {
    switch (op) {
      case AluOp::add:
        return a + b;
      case AluOp::sub:
        return a - b;
      case AluOp::mul:
        return a * b;
      case AluOp::udiv:
        return b == 0 ? 0 : a / b;
      case AluOp::sdiv:
        return b == 0 ? 0 : static_cast<std::uint64_t>(sa / sb);
      case AluOp::umod:
        return b == 0 ? a : a % b;
      case AluOp::smod:
        return b == 0 ? a : static_cast<std::uint64_t>(sa % sb);
      case AluOp::bit_or:
        return a | b;
      case AluOp::bit_and:
        return a & b;
      case AluOp::bit_xor:
        return a ^ b;
      case AluOp::lsh:
        return a << shift;
      case AluOp::rsh:
        return a >> shift;
      case AluOp::arsh:
        return static_cast<std::uint64_t>(sa >> shift);
      case AluOp::mov:
        return b;
    }
    return 0;
  };
  return value() & ones(bits);
}

bool model(CmpOp op, unsigned bits, std::uint64_t a, std::uint64_t b) {
  const std::int64_t sa = as_signed(bits, a), sb = as_signed(bits, b);
  switch (op) {
    case CmpOp::eq:
      return a == b;
    case CmpOp::ne:
      return a != b;
    case CmpOp::ugt:
      return a > b;
    case CmpOp::uge:
      return a >= b;
    case CmpOp::ult:
      return a < b;
    case CmpOp::ule:
      return a <= b;
    case CmpOp::sgt:
      return sa > sb;
    case CmpOp::sge:
      return sa >= sb;
    case CmpOp::slt:
      return sa < sb;
    case CmpOp::sle:
      return sa <= sb;
    case CmpOp::set:
      return (a & b) != 0;
  }
  return false;
}

using Members = std::uint64_t;  // bit v: v is a member; widths up to 6

Members members(const Word& w) {
  Members set = 0;
  for (std::uint64_t v = 0; v <= ones(w.bits()); ++v) set |= Members{w.contains(v)} << v;
  return set;
}

template <class F>
void for_each_member(Members set, F&& f) {
  for (; set != 0; set &= set - 1) f(static_cast<std::uint64_t>(std::countr_zero(set)));
}

Word known_bits(unsigned bits, std::uint64_t value, std::uint64_t mask) {
  return alu(AluOp::bit_or, Word::constant(bits, value), alu(AluOp::bit_and, Word::unknown(bits), Word::constant(bits, mask)));
}

std::vector<Word> unsigned_ranges(unsigned bits) {
  std::vector<Word> all;
  for (std::uint64_t lo = 0; lo <= ones(bits); ++lo) {
    for (std::uint64_t hi = lo; hi <= ones(bits); ++hi) all.push_back(Word::unsigned_range(bits, lo, hi));
  }
  return all;
}

std::vector<Word> signed_ranges(unsigned bits) {
  std::vector<Word> all;
  const std::int64_t least = as_signed(bits, 1ull << (bits - 1)), greatest = -least - 1;
  for (std::int64_t lo = least; lo <= greatest; ++lo) {
    for (std::int64_t hi = lo; hi <= greatest; ++hi) all.push_back(Word::signed_range(bits, lo, hi));
  }
  return all;
}

std::vector<Word> tnums(unsigned bits) {
  std::vector<Word> all;
  for (std::uint64_t mask = 0; mask <= ones(bits); ++mask) {
    for (std::uint64_t value = 0; value <= ones(bits); ++value) {
      if ((value & mask) == 0) all.push_back(known_bits(bits, value, mask));
    }
  }
  return all;
}

/// Different words only, by what they contain and by their components.
std::vector<Word> distinct(const std::vector<Word>& words) {
  std::vector<Word> all;
  std::set<std::vector<std::uint64_t>> seen;
  for (const Word& w : words) {
    const std::vector<std::uint64_t> key{
        w.umin(), w.umax(), static_cast<std::uint64_t>(w.smin()), static_cast<std::uint64_t>(w.smax()), w.tnum().value, w.tnum().mask, w.empty()};
    if (seen.insert(key).second) all.push_back(w);
  }
  return all;
}

/// Every meet of an unsigned range, a signed range and a tnum.
std::vector<Word> every_word(unsigned bits) {
  std::vector<Word> ranges, all;
  for (const Word& u : unsigned_ranges(bits)) {
    for (const Word& s : signed_ranges(bits)) ranges.push_back(meet(u, s));
  }
  for (const Word& range : distinct(ranges)) {
    for (const Word& t : tnums(bits)) all.push_back(meet(range, t));
  }
  return distinct(all);
}

std::vector<Word> sample(std::vector<Word> words, std::size_t count) {
  std::mt19937_64 random(7);
  std::ranges::shuffle(words, random);
  words.resize(std::min(count, words.size()), Word::unknown(1));
  return words;
}

/// All pure ranges and tnums, and some of their meets.
std::vector<Word> operands(unsigned bits, std::size_t meets) {
  const std::vector<Word> u = unsigned_ranges(bits), s = signed_ranges(bits), t = tnums(bits);
  std::vector<Word> all;
  for (const auto& pure : {u, s, t}) all.insert(all.end(), pure.begin(), pure.end());
  std::mt19937_64 random(5);
  const auto one_of = [&](const std::vector<Word>& from) { return from[random() % from.size()]; };
  for (std::size_t i = 0; i < meets; ++i) all.push_back(meet(meet(one_of(u), one_of(s)), one_of(t)));
  return distinct(all);
}

TEST(WordTest, RangesAndBitsMeanWhatTheySay) {
  constexpr unsigned kBits = 4;
  for (std::uint64_t lo = 0; lo < 16; ++lo) {
    for (std::uint64_t hi = lo; hi < 16; ++hi) {
      const Members set = members(Word::unsigned_range(kBits, lo, hi));
      EXPECT_EQ(set, ((Members{2} << hi) - 1) & ~((Members{1} << lo) - 1)) << lo << ".." << hi;
    }
  }
  for (std::int64_t lo = -8; lo < 8; ++lo) {
    for (std::int64_t hi = lo; hi < 8; ++hi) {
      Members set = 0;
      for (std::int64_t v = lo; v <= hi; ++v) set |= Members{1} << (v & 15);
      EXPECT_EQ(members(Word::signed_range(kBits, lo, hi)), set) << lo << ".." << hi;
    }
  }
  for (std::uint64_t mask = 0; mask < 16; ++mask) {
    Members set = 0;
    for (std::uint64_t v = 0; v < 16; ++v) set |= Members{(v & ~mask) == 0} << v;
    EXPECT_EQ(members(known_bits(kBits, 0, mask)), set) << mask;
  }
}

TEST(WordTest, MeetJoinWidenCoverTheirOperands) {
  for (const unsigned bits : {4u, 5u, 6u}) {
    const auto words = sample(operands(bits, 300), 300);
    const std::vector<Word> some = sample(words, 150);
    const std::vector<std::uint64_t> thresholds{3, 7, 12};
    for (const Word& a : some) {
      for (const Word& b : words) {
        const Members x = members(a), y = members(b);
        ASSERT_EQ(x & y & ~members(meet(a, b)), 0u) << a.to_text() << " meet " << b.to_text();
        ASSERT_EQ((x | y) & ~members(join(a, b)), 0u) << a.to_text() << " join " << b.to_text();
        ASSERT_TRUE(join(a, b).includes(a) && join(a, b).includes(b));
        ASSERT_EQ((x | y) & ~members(widen(a, b, thresholds)), 0u) << a.to_text() << " widen " << b.to_text();
        ASSERT_EQ((x | y) & ~members(widen(a, b, {})), 0u) << a.to_text() << " widen " << b.to_text();
        if (a.includes(b)) ASSERT_EQ(y & ~x, 0u) << a.to_text() << " includes " << b.to_text();
      }
    }
  }
}

TEST(WordTest, WideningEnds) {
  std::mt19937_64 random(11);
  const auto words = every_word(4);
  const std::vector<std::uint64_t> thresholds{3, 7, 12};
  for (int run = 0; run < 2000; ++run) {
    Word w = words[random() % words.size()];
    int changes = 0;
    for (int i = 0; i < 200; ++i) {
      const Word next = widen(w, words[random() % words.size()], thresholds);
      changes += next != w;
      w = next;
    }
    EXPECT_LE(changes, 20);
  }
}

void check_alu(const std::vector<Word>& left, const std::vector<Word>& right, unsigned bits) {
  for (const AluOp op : kAluOps) {
    std::vector<std::vector<std::uint64_t>> table(ones(bits) + 1, std::vector<std::uint64_t>(ones(bits) + 1));
    for (std::uint64_t a = 0; a <= ones(bits); ++a) {
      for (std::uint64_t b = 0; b <= ones(bits); ++b) table[a][b] = model(op, bits, a, b);
    }
    for (const Word& a : left) {
      const Members x = members(a);
      for (const Word& b : right) {
        Members image = 0;
        const Members y = members(b);
        for_each_member(x, [&](std::uint64_t v) { for_each_member(y, [&](std::uint64_t w) { image |= Members{1} << table[v][w]; }); });
        const Word result = alu(op, a, b);
        ASSERT_EQ(image & ~members(result), 0u) << a.to_text() << " op " << static_cast<int>(op) << " " << b.to_text() << " = " << result.to_text();
        if (a.is_constant() && b.is_constant() && op != AluOp::sdiv && op != AluOp::smod) {
          ASSERT_TRUE(result.is_constant()) << a.to_text() << " op " << static_cast<int>(op) << " " << b.to_text();
        }
      }
    }
  }
}

TEST(WordTest, ArithmeticCoversEveryPair) {
  check_alu(operands(4, 200), operands(4, 200), 4);
  check_alu(sample(operands(5, 100), 120), sample(operands(5, 100), 120), 5);
  check_alu(sample(operands(6, 50), 60), sample(operands(6, 50), 60), 6);
}

TEST(WordTest, ArithmeticOnEveryWordByConstants) {
  std::vector<Word> constants;
  for (std::uint64_t v = 0; v < 16; ++v) constants.push_back(Word::constant(4, v));
  check_alu(every_word(4), constants, 4);
}

TEST(WordTest, AssumingKeepsEveryPairThatHolds) {
  for (const unsigned bits : {4u, 5u}) {
    const auto words = bits == 4 ? operands(4, 200) : sample(operands(5, 100), 150);
    for (const CmpOp op : kCmpOps) {
      for (const Word& a : words) {
        for (const Word& b : words) {
          Word x = a, y = b;
          assume(op, x, y);
          Members left = 0, right = 0;
          for_each_member(members(a), [&](std::uint64_t v) {
            for_each_member(members(b), [&](std::uint64_t w) {
              if (model(op, bits, v, w)) left |= Members{1} << v, right |= Members{1} << w;
            });
          });
          ASSERT_EQ(left & ~members(x), 0u) << a.to_text() << " op " << static_cast<int>(op) << " " << b.to_text();
          ASSERT_EQ(right & ~members(y), 0u) << a.to_text() << " op " << static_cast<int>(op) << " " << b.to_text();
          ASSERT_TRUE(a.includes(x) && b.includes(y));
        }
      }
    }
  }
}

TEST(WordTest, NegationTruncationExtension) {
  for (const Word& w : every_word(4)) {
    const Members x = members(w);
    Members negated = 0, low3 = 0, low1 = 0, zero6 = 0, sign6 = 0;
    for_each_member(x, [&](std::uint64_t v) {
      negated |= Members{1} << (-v & 15);
      low3 |= Members{1} << (v & 7);
      low1 |= Members{1} << (v & 1);
      zero6 |= Members{1} << v;
      sign6 |= Members{1} << (isa::sign_extend(v, 4) & 63);
    });
    ASSERT_EQ(negated & ~members(w.negated()), 0u) << w.to_text();
    ASSERT_EQ(low3 & ~members(w.truncated(3)), 0u) << w.to_text();
    ASSERT_EQ(low1 & ~members(w.truncated(1)), 0u) << w.to_text();
    ASSERT_EQ(zero6 & ~members(w.zero_extended(6)), 0u) << w.to_text();
    ASSERT_EQ(sign6 & ~members(w.sign_extended(6)), 0u) << w.to_text();
  }
  for (const Word& w : operands(6, 2000)) {
    for (const unsigned bits : {2u, 3u, 4u, 5u}) {
      Members low = 0;
      for_each_member(members(w), [&](std::uint64_t v) { low |= Members{1} << (v & ones(bits)); });
      ASSERT_EQ(low & ~members(w.truncated(bits)), 0u) << w.to_text() << " to " << bits;
    }
  }
}

TEST(WordTest, StaysPrecise) {
  const auto range = [](std::uint64_t lo, std::uint64_t hi) { return Word::unsigned_range(64, lo, hi); };
  EXPECT_EQ(alu(AluOp::add, range(2, 5), range(10, 20)), range(12, 25));
  EXPECT_EQ(alu(AluOp::sub, range(10, 20), range(1, 2)).umin(), 8u);
  EXPECT_EQ(alu(AluOp::mul, range(2, 5), range(3, 3)).umax(), 15u);
  EXPECT_EQ(alu(AluOp::bit_and, Word::unknown(64), range(15, 15)), range(0, 15));
  EXPECT_EQ(alu(AluOp::umod, Word::unknown(64), range(7, 7)).umax(), 6u);
  EXPECT_EQ(alu(AluOp::rsh, Word::unknown(64), range(60, 60)), range(0, 15));
  EXPECT_EQ(alu(AluOp::lsh, range(0, 3), range(3, 3)).tnum().mask & 7, 0u);
  EXPECT_EQ(range(0, 300).truncated(32), Word::unsigned_range(32, 0, 300));
  EXPECT_EQ(Word::signed_range(32, -5, 3).sign_extended(64), Word::signed_range(64, -5, 3));
  Word a = Word::unknown(64), b = range(100, 100);
  assume(CmpOp::ult, a, b);
  EXPECT_EQ(a, range(0, 99));
  assume(CmpOp::ne, a, a);
  EXPECT_FALSE(a.empty());
}

// ------------------------------------------------------------------------------------------------------------------- Number

struct Pair {
  std::uint64_t value;
  Number number;
};

class Numbers {
 public:
  std::uint64_t value() {
    const std::uint64_t raw = random_();
    switch (random_() % 8) {
      case 0:
        return raw;
      case 1:
        return raw & 0xff;
      case 2:
        return 0 - (raw & 0xff);
      case 3:
        return raw & 0xffffffff;
      case 4:
        return 0x80000000u + (raw & 3) - 2;
      case 5:
        return 0x8000000000000000u + (raw & 3) - 2;
      case 6:
        return 0x100000000u + (raw & 3) - 2;
      default:
        return 1ull << (raw % 64);
    }
  }

  /// A number that contains the value.
  Pair pair() {
    const std::uint64_t v = value(), other = value(), third = value();
    Pair p{v, Number()};
    switch (random_() % 6) {
      case 0:
        p.number = Number::constant(v);
        break;
      case 1:
        p.number = Number::unsigned_range(std::min(v, other), std::max(v, third));
        break;
      case 2:
        p.number = Number::signed_range(std::min<std::int64_t>(v, other), std::max<std::int64_t>(v, third));
        break;
      case 3:
        p.number = join(Number::constant(v), Number::constant(other));
        break;
      case 4:
        p.number = alu(AluOp::bit_and, true, Number(), Number::constant(v | other));
        break;
      default:
        break;
    }
    if (random_() % 3 == 0) p.number = join(p.number, Number::unsigned_range(std::min(other, third), std::max(other, third)));
    return p;
  }

  std::uint64_t any() { return random_(); }

 private:
  std::mt19937_64 random_{3};
};

bool covers(const Number& n, std::uint64_t v) { return !n.empty() && n.whole().contains(v) && n.low().contains(v & 0xffffffff); }

TEST(NumberTest, CoversConcretePairs) {
  Numbers numbers;
  for (int run = 0; run < 100'000; ++run) {
    Pair a = numbers.pair(), b = numbers.pair();
    ASSERT_TRUE(covers(a.number, a.value));
    for (int step = 0; step < 4; ++step) {
      const bool is64 = numbers.any() % 2 == 0;
      switch (numbers.any() % 6) {
        case 0:
        case 1: {
          const AluOp op = kAluOps[numbers.any() % std::size(kAluOps)];
          a = {isa::alu(op, is64, a.value, b.value), alu(op, is64, a.number, b.number)};
          break;
        }
        case 2: {
          const CmpOp op = kCmpOps[numbers.any() % std::size(kCmpOps)];
          if (isa::compare(op, is64, a.value, b.value)) assume(op, is64, a.number, b.number);
          break;
        }
        case 3: {
          const unsigned from = 8u << (numbers.any() % 3);
          if (from == 32 && !is64) break;
          a = {isa::move_sign_extended(from, is64, a.value), a.number.sign_extended(from, is64)};
          break;
        }
        case 4: {
          const unsigned from = 8u << (numbers.any() % 3);
          a = {a.value & ones(from), a.number.zero_extended(from)};
          break;
        }
        default: {
          const Pair c = numbers.pair();
          a.number = numbers.any() % 2 == 0 ? join(c.number, a.number) : widen(a.number, c.number, {});
          if (numbers.any() % 2 == 0) a.number = widen(c.number, a.number, {});
          break;
        }
      }
      ASSERT_TRUE(covers(a.number, a.value)) << run << ": " << a.value << " in " << a.number.whole().to_text() << ", low "
                                             << a.number.low().to_text();
      ASSERT_TRUE(covers(b.number, b.value)) << run << ": " << b.value << " in " << b.number.whole().to_text();
    }
  }
}

TEST(NumberTest, HalvesSharpenOneAnother) {
  Number n = Number::unsigned_range(0, 0xffffffff), limit = Number::constant(10);
  assume(CmpOp::ult, false, n, limit);
  EXPECT_EQ(n.whole().umax(), 9u);  // the upper half is known to be zero
  Number wide, same = Number::constant(10);
  assume(CmpOp::ult, false, wide, same);
  EXPECT_GT(wide.whole().umax(), 0xffffffffu);
  EXPECT_EQ(wide.low().umax(), 9u);
  EXPECT_EQ(wide.zero_extended(32).whole().umax(), 9u);
}

}  // namespace
}  // namespace tenon::verify
