// SPDX-License-Identifier: Apache-2.0
// Images that no code generator of ours makes, and what an installed one looks like to the kernel.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "unit/runtime/test_host.hpp"

namespace tenon::runtime::testing {
namespace {

Assembler calling_program() {
  Assembler code;
  code.instruction(0);
  code.enter();
  code.call_host(1, function("call"));
  code.instruction(2);
  code.leave();
  return code;
}

std::string code_of(const abi::CodeImage& image, std::uint64_t heap_bytes = 1 << 20) {
  const auto installed = try_install(image, make_heap(heap_bytes));
  return installed ? "accepted" : installed.error().front().code;
}

TEST(Install, AcceptsASoundImage) { EXPECT_EQ(code_of(calling_program().image()), "accepted"); }

TEST(Install, RefusesAnotherHeapShape) {
  EXPECT_EQ(code_of(calling_program().image(), 1ull << 33), "E0604");
  abi::CodeImage image = calling_program().image();
  image.shape.form = abi::HeapForm::mask;
  EXPECT_EQ(code_of(image), "E0604");
}

TEST(Install, RefusesUnboundFunctions) {
  Assembler code;
  code.enter();
  code.call_host(0, function("unbound"));
  code.leave();
  EXPECT_EQ(code_of(code.image()), "E0605");
}

TEST(Install, RefusesAcquirersWhoseDropIsNotBound) {
  auto interface = Interface::parse("type t rc drop=f; fn f(x: own t); fn g() -> ?own t;", "x.tni").value();
  interface.bind_function("g", {[](auto...) noexcept -> std::uint64_t { return 0; }, {CppType::Kind::pointer, 8, false, false}, {}}).value();
  Assembler code;
  code.enter();
  code.call_host(0, interface.declarations().find_function("g")->value);
  code.leave();
  const auto installed = Installed::create(code.image(), make_heap(), {std::make_shared<Interface>(interface), &interface.declarations()},
                                           interface.bindings(), make_places(), {});
  ASSERT_FALSE(installed.has_value());
  EXPECT_EQ(installed.error().front().code, "E0605");
  EXPECT_NE(installed.error().front().message.find("'f'"), std::string::npos);
}

TEST(Install, RefusesDamagedImages) {
  using Kind = abi::Relocation::Kind;
  const std::pair<const char*, std::function<void(abi::CodeImage&)>> damages[] = {
      {"no bytes", [](auto& i) { i.bytes.clear(); }},
      {"entry beyond the end", [](auto& i) { i.entry_offset = i.bytes.size(); }},
      {"entry far away", [](auto& i) { i.entry_offset = ~0ull; }},
      {"code begins inside a page", [](auto& i) { i.code_offset = 8; }},
      {"code begins beyond the end", [](auto& i) { i.code_offset = 1ull << 40; }},
      {"entry among the constants", [](auto& i) { i.bytes.insert(i.bytes.begin(), 4096, {}); i.code_offset = 4096; i.relocations.clear(); i.entry_offset = 4095; }},
      {"relocation at the end", [](auto& i) { i.relocations[0].at = i.bytes.size() - 7; }},
      {"relocation that wraps", [](auto& i) { i.relocations[0].at = ~0ull - 3; }},
      {"no such site", [](auto& i) { i.relocations[0].index = 1; }},
      {"no such thunk", [](auto& i) { i.relocations[1].index = abi::kThunkSlots; }},
      {"address outside of the image", [](auto& i) { i.relocations.push_back({2, Kind::image, 0, static_cast<std::int64_t>(i.bytes.size())}); }},
      {"address before the image", [](auto& i) { i.relocations.push_back({2, Kind::image, 0, -1}); }},
      {"unknown kind", [](auto& i) { i.relocations[0].kind = static_cast<Kind>(99); }},
      {"no such host function", [](auto& i) { i.sites[0].host_function = 10000; }},
      {"call at no instruction", [](auto& i) { i.sites[0].instruction = 64; }},
      {"table out of order", [](auto& i) { std::swap(i.pc_map.front(), i.pc_map.back()); }},
      {"table beyond the end", [](auto& i) { i.pc_map.back().offset = static_cast<std::uint32_t>(i.bytes.size()); }},
      {"table with no instruction", [](auto& i) { i.pc_map.back().instruction = 64; }},
      {"stack need that wraps", [](auto& i) { i.native_stack_bytes = ~0ull - 100; }},
  };
  for (const auto& [what, damage] : damages) {
    abi::CodeImage image = calling_program().image();
    damage(image);
    EXPECT_EQ(code_of(image), "E0606") << what;
  }
}

TEST(Install, NothingIsWritableAndExecutable) {
  Assembler code;
  code.edit().bytes.resize(4096);  // a page of constants
  code.edit().code_offset = 4096;
  code.set_entry();
  code.set(rax, abi::Relocation::Kind::image, 0, 16);
  code.ret();
  const auto program = install(code);
  const std::uint64_t constants = run(program).value - 16, text = constants + 4096;
  std::ifstream maps("/proc/self/maps");
  std::string at_constants, at_text;
  for (std::string line; std::getline(maps, line);) {
    std::uint64_t begin = 0, end = 0;
    char flags[5] = {};
    ASSERT_EQ(std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, flags), 3);
    EXPECT_FALSE(flags[1] == 'w' && flags[2] == 'x') << line;
    if (constants >= begin && constants < end) at_constants = flags;
    if (text >= begin && text < end) at_text = flags;
  }
  EXPECT_EQ(at_constants, "r--p");
  EXPECT_EQ(at_text, "r-xp");
}

TEST(Install, EveryRelocationKindLinksItsTarget) {
  const auto heap = make_heap();
  using Kind = abi::Relocation::Kind;
  const auto value = [&](Kind kind, std::int64_t addend) {
    Assembler code;
    code.set(rax, kind, 0, addend);
    code.ret();
    return run(install(code, heap)).value;
  };
  EXPECT_EQ(value(Kind::heap_base, 5), heap->base() + 5);
  EXPECT_EQ(value(Kind::globals, 24), heap->globals_address() + 24);
}

/// The last owner goes inside a host function of the program itself: its code must stay until that invocation has left.
TEST(Install, CodeOutlivesItsRunningInvocation) {
  Assembler code = calling_program();
  auto program = install(code);
  const Installed* const raw = program.get();
  script.on_call = [&](std::uint64_t value) {
    program.reset();
    install(calling_program());  // install and destruction of another program free what is unused
    return value + 1;
  };
  const Outcome outcome = raw->run(41, 0, 0, 0, 0);
  script.on_call = nullptr;
  EXPECT_EQ(outcome.value, 42u);
}

}  // namespace
}  // namespace tenon::runtime::testing
