// SPDX-License-Identifier: Apache-2.0
// A host's interface: what extensions may do with its functions, objects and memory (the .tni language), and the C++ functions
// behind it.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tenon/callback.hpp>
#include <tenon/language/cpp_types.hpp>
#include <tenon/result.hpp>

namespace tenon {

/// Every host function as the runtime calls it: five argument registers in, r0 out. Never throws.
using HostEntry = std::uint64_t (*)(std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t) noexcept;

struct HostFunction {
  HostEntry entry = nullptr;
  CppType result;
  std::vector<CppType> parameters;
};

namespace detail {

template <class T>
constexpr CppType cpp_type() {
  if constexpr (std::is_void_v<T>) {
    return {};
  } else if constexpr (std::is_same_v<T, const Callback*>) {
    return {CppType::Kind::callback, 8, false, false};
  } else if constexpr (std::is_pointer_v<T>) {
    return {CppType::Kind::pointer, 8, false, std::is_const_v<std::remove_pointer_t<T>>};
  } else if constexpr (std::is_same_v<T, bool>) {
    return {CppType::Kind::boolean, 1, false, false};
  } else if constexpr (std::is_enum_v<T>) {
    return cpp_type<std::underlying_type_t<T>>();
  } else {
    static_assert(std::is_integral_v<T>, "host functions take and give integers, bool, enums and pointers");
    return {CppType::Kind::integer, sizeof(T), std::is_signed_v<T>, false};
  }
}

template <class T>
T from_register(std::uint64_t value) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<T>(value);
  } else if constexpr (std::is_same_v<T, bool>) {
    return value != 0;
  } else {
    return static_cast<T>(value);
  }
}

template <class T>
std::uint64_t to_register(T value) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<std::uint64_t>(value);
  } else {
    return static_cast<std::uint64_t>(value);  // sign-extends signed results, as C does
  }
}

template <auto Function, class Signature>
struct HostAdaptor;

template <auto Function, class R, class... A>
struct HostAdaptor<Function, R (*)(A...)> {
  static_assert(sizeof...(A) <= 5, "BPF passes at most five arguments");

  static std::uint64_t entry(std::uint64_t r1, std::uint64_t r2, std::uint64_t r3, std::uint64_t r4, std::uint64_t r5) noexcept {
    const std::array<std::uint64_t, 5> registers{r1, r2, r3, r4, r5};
    return call(registers, std::index_sequence_for<A...>{});
  }

  template <std::size_t... I>
  static std::uint64_t call([[maybe_unused]] const std::array<std::uint64_t, 5>& registers, std::index_sequence<I...>) noexcept {
    if constexpr (std::is_void_v<R>) {
      Function(from_register<A>(registers[I])...);
      return 0;
    } else {
      return to_register<R>(Function(from_register<A>(registers[I])...));
    }
  }

  static HostFunction describe() { return {&entry, cpp_type<R>(), {cpp_type<A>()...}}; }
};

template <auto Function, class R, class... A>
struct HostAdaptor<Function, R (*)(A...) noexcept> : HostAdaptor<Function, R (*)(A...)> {};

}  // namespace detail

/// Value type; copies share the parsed declarations. Thread-safe once every function is bound.
class Interface {
 public:
  /// Parses `text`; `name` stands in diagnostics as the file. The built-in declarations (tn_copy and kin) are always part of it.
  /// Errors: E05xx.
  static Result<Interface> parse(std::string_view text, std::string_view name);
  static Result<Interface> read(const std::filesystem::path& path);

  /// Binds the declared function `name` to a C++ function and checks one against the other.
  /// Errors: E0530 no such declaration, E0531 the types do not fit (the message shows both).
  template <auto Function>
  Result<void> bind(std::string_view name) {
    return bind_function(name, detail::HostAdaptor<Function, decltype(Function)>::describe());
  }
  Result<void> bind_function(std::string_view name, HostFunction function);

  const interface::Declarations& declarations() const { return *declarations_; }
  /// The bound function of each declared function, by index; `entry` is null where nothing is bound.
  const std::vector<HostFunction>& bindings() const { return bindings_; }

 private:
  explicit Interface(std::shared_ptr<const interface::Declarations> declarations);

  std::shared_ptr<const interface::Declarations> declarations_;
  std::vector<HostFunction> bindings_;
};

}  // namespace tenon
