// SPDX-License-Identifier: Apache-2.0
#include "object/kconfig.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "object/bytes.hpp"

namespace tenon::object {
namespace {

constexpr std::uint32_t kCookieSince = 5 << 16 | 15 << 8;   // bpf_get_attach_cookie()
constexpr std::uint32_t kWrapperSince = 4 << 16 | 17 << 8;  // system calls take a struct pt_regs

constexpr std::string_view kTristate = "libbpf_tristate";
constexpr std::uint64_t kNo = 0, kYes = 1, kModule = 2;  // its values

/// Names that are no settings but facts about the kernel.
std::optional<std::uint64_t> fact(const Kernel& kernel, std::string_view name) {
  const auto version = kernel.version();
  if (!version) return std::nullopt;
  if (name == "LINUX_KERNEL_VERSION") return *version;
  if (name == "LINUX_HAS_BPF_COOKIE") return *version >= kCookieSince;
  if (name == "LINUX_HAS_SYSCALL_WRAPPER") return *version >= kWrapperSince;
  return std::nullopt;
}

bool fits(std::uint64_t value, bool is_negative, const BtfType& type) {
  const std::uint64_t bits = type.bytes * 8;
  if (bits == 0 || bits > 64) return false;
  if (bits == 64) return true;
  if (is_negative) return type.is_signed && static_cast<std::int64_t>(value) >= -(std::int64_t{1} << (bits - 1));
  return value < (std::uint64_t{1} << (type.is_signed ? bits - 1 : bits));
}

bool store(std::span<std::byte> out, std::uint64_t value) {
  if (out.size() > sizeof value) return false;
  std::memcpy(out.data(), &value, out.size());
  return true;
}

std::optional<std::uint64_t> number(std::string_view text, bool& is_negative) {
  is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const int base = text.starts_with("0x") ? 16 : 10;
  if (base == 16) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return is_negative ? 0 - value : value;
}

/// `CONFIG_X=y`, `=m`, `="text"`, `=123` as a value of the type.
bool write(std::span<std::byte> out, const Btf& btf, const BtfType& type, std::string_view text) {
  if (text == "y" || text == "n" || text == "m") {
    const std::uint64_t tristate = text == "y" ? kYes : text == "m" ? kModule : kNo;
    if (type.kind == BtfKind::enumeration && type.name == kTristate) return store(out, tristate);
    if (type.kind != BtfKind::integer || type.bytes != 1) return false;
    if (type.name == "_Bool" || type.name == "bool") return tristate != kModule && store(out, tristate);
    return store(out, static_cast<unsigned char>(text[0]));
  }
  if (text.starts_with('"')) {
    if (type.kind != BtfKind::array || btf.resolved(type.target).bytes != 1 || text.size() < 2 || !text.ends_with('"') || out.empty()) return false;
    const std::string_view inner = text.substr(1, text.size() - 2);
    std::memcpy(out.data(), inner.data(), std::min(inner.size(), out.size() - 1));
    return true;
  }
  bool is_negative = false;
  const auto value = number(text, is_negative);
  return value && type.kind == BtfKind::integer && type.bytes <= 8 && fits(*value, is_negative, type) && store(out, *value);
}

}  // namespace

Result<bool> read_setting(const Kernel* kernel, const Btf& btf, TypeId id, std::string_view name, std::span<std::byte> out) {
  if (kernel == nullptr) return false;
  const BtfType& type = btf.resolved(id);
  const auto misfit = [&](std::string_view value) {
    return refuse("E0119", fmt::format("the kernel's setting '{}' is {}, which the variable of that name cannot hold", name, made_printable(value)),
                  "declare it as bool, char, enum libbpf_tristate, an integer or an array of char, as the setting is");
  };
  if (const auto known = fact(*kernel, name)) {
    const bool ok = type.kind == BtfKind::integer && type.bytes <= 8 && fits(*known, false, type) && store(out, *known);
    return ok ? Result<bool>(true) : misfit(fmt::format("{}", *known));
  }
  TENON_TRY(text, kernel->config(name));
  if (!text) return false;
  return write(out, btf, type, *text) ? Result<bool>(true) : misfit(*text);
}

}  // namespace tenon::object
