// SPDX-License-Identifier: Apache-2.0
// Hand-made BTF: what no compiler writes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <span>

#include "object/btf.hpp"
#include "unit/object/compile.hpp"

namespace tenon::object {
namespace {

class Blob {
 public:
  std::uint32_t string(const std::string& text) {
    const auto at = static_cast<std::uint32_t>(strings_.size());
    strings_ += text + '\0';
    return at;
  }
  TypeId add(BtfKind kind, std::uint32_t size_or_type, std::initializer_list<std::uint32_t> trailer = {}, std::uint32_t entries = 0,
             std::uint32_t name = 0) {
    words_.insert(words_.end(), {name, static_cast<std::uint32_t>(kind) << 24 | entries, size_or_type});
    words_.insert(words_.end(), trailer);
    return next_++;
  }
  std::vector<std::byte> bytes() const {
    const auto type_bytes = static_cast<std::uint32_t>(words_.size() * 4), string_bytes = static_cast<std::uint32_t>(strings_.size());
    const std::uint32_t header[] = {0x0001eb9f, 24, 0, type_bytes, type_bytes, string_bytes};
    std::vector<std::byte> out(24 + type_bytes + string_bytes);
    std::memcpy(out.data(), header, 24);
    std::ranges::copy(std::as_bytes(std::span(words_)), out.begin() + 24);  // memcpy takes no null, not even for no bytes
    std::memcpy(out.data() + 24 + type_bytes, strings_.data(), string_bytes);
    return out;
  }
  std::string verdict() const { return test::code_of(Btf::read(bytes())); }

 private:
  std::vector<std::uint32_t> words_;
  std::string strings_ = std::string(1, '\0');
  TypeId next_ = 1;
};

using K = BtfKind;
constexpr std::uint32_t kIntBits = 64;

TEST(Btf, EmptyAndHeaders) {
  EXPECT_EQ(Blob().verdict(), "ok");
  std::vector<std::byte> bytes = Blob().bytes();
  for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_EQ(test::code_of(Btf::read(std::span(bytes).first(n))), "E0114") << n;
  bytes.back() = std::byte{'x'};
  EXPECT_EQ(test::code_of(Btf::read(bytes)), "E0114") << "strings without an end";
}

TEST(Btf, TypesThatContainThemselves) {
  const auto refused = [](const std::function<void(Blob&)>& build) {
    Blob blob;
    build(blob);
    return blob.verdict();
  };
  EXPECT_EQ(refused([](Blob& b) { b.add(K::type_name, 1); }), "E0114");
  EXPECT_EQ(refused([](Blob& b) { b.add(K::type_name, 2), b.add(K::const_type, 1); }), "E0114");
  EXPECT_EQ(refused([](Blob& b) { b.add(K::array, 0, {1, 1, 4}); }), "E0114");
  EXPECT_EQ(refused([](Blob& b) { b.add(K::structure, 8, {0, 1, 0}, 1); }), "E0114");
  EXPECT_EQ(refused([](Blob& b) {
              b.add(K::structure, 8, {0, 2, 0}, 1), b.add(K::array, 0, {3, 4, 1}), b.add(K::volatile_type, 1), b.add(K::integer, 4, {32});
            }),
            "E0114");
  EXPECT_EQ(refused([](Blob& b) { b.add(K::structure, 8, {0, 2, 0}, 1), b.add(K::pointer, 1); }), "ok") << "a list node";
  EXPECT_EQ(refused([](Blob& b) { b.add(K::pointer, 1); }), "ok") << "a pointer to itself has a size";
  EXPECT_EQ(refused([](Blob& b) { b.add(K::type_name, 2), b.add(K::pointer, 1); }), "ok");
}

TEST(Btf, DeepNestingNeedsNoStack) {
  Blob deep, cyclic;
  for (std::uint32_t i = 0; i < 500'000; ++i) deep.add(K::const_type, i), cyclic.add(K::const_type, (i + 1) % 500'000 + 1);
  EXPECT_EQ(deep.verdict(), "ok");
  EXPECT_EQ(cyclic.verdict(), "E0114");
}

TEST(Btf, ReferencesAndNames) {
  const auto with = [](K kind, std::uint32_t size_or_type, std::initializer_list<std::uint32_t> trailer = {}, std::uint32_t entries = 0) {
    Blob blob;
    blob.add(K::integer, 8, {kIntBits});
    blob.add(K::prototype, 1);
    blob.add(K::function, 2);
    blob.add(K::variable, 1, {0});
    blob.add(kind, size_or_type, trailer, entries);
    return blob.verdict();
  };
  for (const K kind : {K::pointer, K::type_name, K::const_type, K::volatile_type, K::restrict_type, K::type_tag}) {
    EXPECT_EQ(with(kind, 0), "ok") << "void";
    EXPECT_EQ(with(kind, 1), "ok");
    EXPECT_EQ(with(kind, 3), "E0114") << "a function is no type of values";
    EXPECT_EQ(with(kind, 4), "E0114");
    EXPECT_EQ(with(kind, 6), "E0114") << "does not exist";
  }
  EXPECT_EQ(with(K::function, 2), "ok");
  EXPECT_EQ(with(K::function, 1), "E0114");
  EXPECT_EQ(with(K::function, 9), "E0114");
  EXPECT_EQ(with(K::function, 2, {}, 3), "E0114") << "unknown linkage";
  EXPECT_EQ(with(K::variable, 1, {0}), "ok");
  EXPECT_EQ(with(K::variable, 3, {0}), "E0114");
  EXPECT_EQ(with(K::array, 0, {1, 1, 4}), "ok");
  EXPECT_EQ(with(K::array, 0, {0, 1, 4}), "E0114") << "an array of void";
  EXPECT_EQ(with(K::array, 0, {1, 77, 4}), "E0114");
  EXPECT_EQ(with(K::structure, 8, {0, 1, 0}, 1), "ok");
  EXPECT_EQ(with(K::structure, 8, {0, 0, 0}, 1), "E0114");
  EXPECT_EQ(with(K::structure, 8, {0, 1, 65}, 1), "E0114") << "a member outside";
  EXPECT_EQ(with(K::structure, 8, {999, 1, 0}, 1), "E0114") << "a name outside";
  EXPECT_EQ(with(K::structure, 8, {0, 1, 0}, 2), "E0114") << "half of the members";
  EXPECT_EQ(with(K::prototype, 1, {0, 1, 0, 0}, 2), "ok") << "f(int, ...)";
  EXPECT_EQ(with(K::prototype, 1, {0, 0, 0, 1}, 2), "E0114") << "void in the middle";
  EXPECT_EQ(with(K::data_section, 8, {4, 0, 8}, 1), "ok");
  EXPECT_EQ(with(K::data_section, 8, {1, 0, 8}, 1), "E0114");
  EXPECT_EQ(with(K::decl_tag, 3, {0}), "ok");
  EXPECT_EQ(with(K::decl_tag, 0, {0}), "E0114");
  EXPECT_EQ(with(K::void_type, 0), "E0114") << "kind 0";
  EXPECT_EQ(with(static_cast<K>(20), 0), "E0114") << "kind 20";
  Blob named;
  named.add(K::integer, 4, {32}, 0, named.string("int"));
  EXPECT_EQ(named.verdict(), "ok");
  named.add(K::integer, 4, {32}, 0, 1000);
  EXPECT_EQ(named.verdict(), "E0114");
}

TEST(Btf, AbsurdSizes) {
  Blob blob;
  blob.add(K::integer, 8, {kIntBits});
  blob.add(K::array, 0, {1, 1, 0xffffffff});
  EXPECT_EQ(blob.verdict(), "ok");
  blob.add(K::array, 0, {2, 1, 0xffffffff});
  EXPECT_EQ(blob.verdict(), "E0114");
}

TEST(Btf, SizesAndArgumentRegisters) {
  Blob blob;
  const TypeId word = blob.add(K::integer, 8, {kIntBits});
  const TypeId pair = blob.add(K::structure, 16, {0, word, 0, 0, word, 64}, 2);
  const TypeId array = blob.add(K::array, 0, {pair, word, 3});
  const TypeId alias = blob.add(K::type_name, array);
  const TypeId three = blob.add(K::prototype, word, {0, word, 0, pair}, 2);
  const TypeId many = blob.add(K::prototype, word, {0, pair, 0, pair, 0, pair}, 3);
  const TypeId none = blob.add(K::prototype, 0);
  const TypeId variadic = blob.add(K::prototype, word, {0, word, 0, 0}, 2);
  const TypeId hidden = blob.add(K::prototype, pair, {0, word}, 1);
  const std::vector<std::byte> bytes = blob.bytes();
  const auto btf = Btf::read(bytes);
  ASSERT_TRUE(btf);
  EXPECT_EQ(btf->type(alias).bytes, 48u);
  EXPECT_EQ(btf->resolved(alias).kind, K::array);
  EXPECT_EQ(argument_registers(*btf, btf->type(three)), 3);
  EXPECT_EQ(argument_registers(*btf, btf->type(many)), 5);
  EXPECT_EQ(argument_registers(*btf, btf->type(none)), 0);
  EXPECT_EQ(argument_registers(*btf, btf->type(variadic)), 5);
  EXPECT_EQ(argument_registers(*btf, btf->type(hidden)), 5) << "a structure as the result may be a hidden parameter";
}

}  // namespace
}  // namespace tenon::object
