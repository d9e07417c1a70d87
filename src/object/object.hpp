// SPDX-License-Identifier: Apache-2.0
// An object file, read and checked: what clang, gcc and bpftool make of BPF C. Every byte of it is hostile until it has been checked here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/result.hpp>

#include "ir/program.hpp"
#include "object/kernel.hpp"

namespace tenon::object {

struct EntryPoint {
  std::string name;        ///< function name
  std::string section;     ///< as written in SEC(), without a leading '?'
  std::string hook;        ///< the section name up to the first '/': SEC("raw"), SEC("kv_request/get")
  bool autoload = true;    ///< false for SEC("?...")
  std::string implements;  ///< a function of a .struct_ops variable: "tcp_congestion_ops::ssthresh"; else empty
};

struct ObjectData;
struct Placement;

/// What an object may ask for before it is refused.
struct ReadLimits {
  std::uint64_t globals_bytes = 1ull << 30;  ///< all sections of globals together; allocated while reading
};
/// Longest file that read_file() reads, in bytes.
inline constexpr std::uint64_t kMaxFileBytes = 256ull << 20;

/// Immutable, cheap to copy, thread-safe.
class Object {
 public:
  const std::vector<EntryPoint>& entry_points() const;
  const std::shared_ptr<const ir::Globals>& globals() const;
  const ObjectData& data() const { return *data_; }

 private:
  friend Result<Object> read(std::span<const std::byte> bytes, std::string_view name, const ReadLimits& limits, std::shared_ptr<const Kernel> kernel,
                             const Placement* placement);
  explicit Object(std::shared_ptr<const ObjectData> data);
  std::shared_ptr<const ObjectData> data_;
};

/// Reads and validates a whole object file. `name` stands in diagnostics; `kernel` answers what .kconfig variables and CO-RE relocations ask (without
/// one, programs that need them are refused). What is wrong with one program only, decode() says. Errors: E0101.. Cost: O(bytes). Never reads outside
/// `bytes`, never trusts a count. Thread-safe.
/// `placement`, unless null: where its globals lie in a heap that is there already (object/layout.hpp).
Result<Object> read(std::span<const std::byte> bytes, std::string_view name, const ReadLimits& limits = {},
                    std::shared_ptr<const Kernel> kernel = {}, const Placement* placement = nullptr);
Result<Object> read_file(const std::filesystem::path& path, std::shared_ptr<const Kernel> kernel = {});

struct DecodeOptions {
  /// Whether the host has a function of this name: makes the address of a weak extern function a constant, 1 or 0. Without it, all exist.
  std::function<bool(std::string_view)> has_function;
  /// Structures that belong to the host wherever they lie in a map's values; Linux's own are known without being named here.
  std::vector<std::string> host_fields = {};
};

/// The program that starts at `entry`: that function and every function it can reach by a call or through a function value.
/// Errors: E0110 no such entry point, E0113 a map with too many fields of the host, E0109 an undefined name, E0116 to E0119 kernel types and settings, E012x encodings, E013x linking and destructors.
Result<ir::Program> decode(const Object& object, std::string_view entry, const DecodeOptions& options = {});

/// The program of a bare instruction stream, without an object around it: it starts at slot 0; calls and function addresses are relative to their
/// slot; there are no globals, maps or lines. Errors: E0117, E012x, E013x.
Result<ir::Program> decode_raw(std::span<const std::byte> code, std::string_view name, std::string_view hook);

}  // namespace tenon::object
