// SPDX-License-Identifier: Apache-2.0
#include "cli/values.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace tenon::cli {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

/// A number, then one of `units`.
template <std::size_t N>
std::uint64_t with_unit(const std::string& text, const std::array<Unit, N>& units, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) throw CLI::ValidationError(fmt::format("'{}' does not start with a number", text));
  const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const Unit& unit : units) {
    if (rest != unit.name) continue;
    if (number > most / unit.factor) throw CLI::ValidationError(fmt::format("'{}' is too large", text));
    return number * unit.factor;
  }
  throw CLI::ValidationError(fmt::format("'{}' has an unknown unit", text));
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

std::chrono::nanoseconds parse_duration(const std::string& text) {
  if (text == "0") return {};
  constexpr std::array<Unit, 4> kUnits{{{"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}}};
  return std::chrono::nanoseconds(with_unit(text, kUnits, static_cast<std::uint64_t>(INT64_MAX)));
}

std::uint64_t parse_size(const std::string& text) {
  constexpr std::array<Unit, 4> kUnits{{{"", 1}, {"K", 1ull << 10}, {"M", 1ull << 20}, {"G", 1ull << 30}}};
  return with_unit(text, kUnits, UINT64_MAX);
}

Result<std::vector<std::byte>> parse_hex(std::string_view text) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < text.size();) {
    if (is_blank(text[i])) {
      ++i;
      continue;
    }
    const int high = digit_value(text[i]);
    const int low = i + 1 < text.size() ? digit_value(text[i + 1]) : -1;
    if (high < 0 || low < 0) return refuse("E0806", fmt::format("'{}' is no pair of hexadecimal digits", text.substr(i, 2)));
    bytes.push_back(static_cast<std::byte>(high * 16 + low));
    i += 2;
  }
  return bytes;
}

std::string to_hex(const std::uint8_t* bytes, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

Result<std::vector<std::byte>> read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> content;
  if (file) content.assign(std::istreambuf_iterator<char>(file), {});
  if (!file) return refuse("E0807", fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  const auto* const begin = reinterpret_cast<const std::byte*>(content.data());
  return std::vector<std::byte>(begin, begin + content.size());
}

void add_load_options(CLI::App& verb, LoadOptions& options) {
  verb.add_flag_callback("--interp", [&options] { options.backend = Backend::interpreter; }, "run on the interpreter instead of native code");
  verb.add_option_function<std::string>(
      "--quantum", [&options](const std::string& text) { options.quantum = parse_duration(text); },
      "CPU time of one run before it is cancelled: 250us, 10ms (default), 2s, 0 for no limit");
  verb.add_flag_callback("--poll", [&options] { options.trigger = Trigger::poll; }, "loops poll for their end instead of being signalled");
  verb.add_flag("--performance-mode", options.performance_mode, "do not guard reads: the program can read all memory of this process");
  verb.add_option_function<std::string>(
      "--heap", [&options](const std::string& text) { options.heap_bytes = parse_size(text); }, "address space of the heap: 64K to 64G (default 1G)");
  verb.add_option_function<std::string>(
      "--heap-limit", [&options](const std::string& text) { options.heap_limit_bytes = parse_size(text); },
      "most memory the heap may take (default: all of it)");
  verb.add_flag("--debug-heap", options.debug_heap, "stop at wrong frees and at uses of freed memory; slow");
  verb.add_flag("--cancel-out-of-memory", options.cancel_when_out_of_memory, "end a run that asks for memory when there is none left");
}

void add_kernel_options(CLI::App& verb, object::KernelFiles& files) {
  verb.add_option("--btf", files.btf, "types of the kernel for CO-RE relocations: raw BTF, or an ELF file that has it")->capture_default_str();
  verb.add_option("--kconfig", files.config, "configuration of the kernel for .kconfig variables (default: /boot/config-RELEASE)");
}

}  // namespace tenon::cli
