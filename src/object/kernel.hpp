// SPDX-License-Identifier: Apache-2.0
// The kernel that an object is read for: its types for CO-RE relocations, its version and configuration for .kconfig. Nothing is opened before an
// object asks. All of it is hostile input too.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/result.hpp>

#include "object/btf_view.hpp"

namespace tenon::object {

/// `name` without its flavour: task_struct___old is a way to look at task_struct.
std::string_view essential_name(std::string_view name);

/// A kernel's BTF with an index by essential name, made at the first look-up. Thread-safe.
class TargetTypes {
 public:
  /// Raw BTF. Errors: E0118.
  static Result<std::shared_ptr<const TargetTypes>> read(std::vector<std::byte> bytes);
  /// Raw BTF, or a 64-bit little-endian ELF file with a .BTF section, of which only that is read. Errors: E0101, E0118.
  static Result<std::shared_ptr<const TargetTypes>> read_file(const std::filesystem::path& path);

  const BtfView& view() const { return view_; }
  /// All types of values with this essential name, by id. Cost: O(types) once, then O(results).
  std::vector<TypeId> named(std::string_view essential) const;

 private:
  TargetTypes(std::shared_ptr<const void> owner, BtfView view) : owner_(std::move(owner)), view_(std::move(view)) {}
  static Result<std::shared_ptr<const TargetTypes>> read(std::shared_ptr<const void> owner, std::span<const std::byte> bytes);
  void make_index() const;

  std::shared_ptr<const void> owner_;  ///< of the bytes that view_ looks at
  BtfView view_;
  mutable std::once_flag indexed_;
  mutable std::vector<TypeId> first_, next_;  ///< chains by hash of the essential name; by id
};

struct KernelFiles {
  std::filesystem::path btf = "/sys/kernel/btf/vmlinux";
  std::filesystem::path version = "/proc/version";
  std::filesystem::path config;  ///< lines CONFIG_X=y; empty: /boot/config-RELEASE if there is one
};

/// Thread-safe; answers never change.
class Kernel {
 public:
  explicit Kernel(KernelFiles files) : files_(std::move(files)) {}
  /// A kernel of which only the types are known.
  explicit Kernel(std::shared_ptr<const TargetTypes> types) : files_{{}, {}, {}}, types_(std::move(types)) {}

  /// Errors: E0101, E0118.
  Result<std::shared_ptr<const TargetTypes>> types() const;
  /// major << 16 | minor << 8 | patch (patch at most 255), as LINUX_KERNEL_VERSION is; nothing when the version file does not say.
  std::optional<std::uint32_t> version() const;
  /// The text behind `CONFIG_X=`; nothing when it is not set or there is no such file. Errors: E0101 when a given file cannot be read.
  Result<std::optional<std::string>> config(std::string_view name) const;

 private:
  using Settings = std::map<std::string, std::string, std::less<>>;
  void read_version() const;
  void read_config() const;

  KernelFiles files_;
  mutable std::once_flag types_read_, version_read_, config_read_;
  mutable std::optional<Result<std::shared_ptr<const TargetTypes>>> types_;
  mutable std::string release_;
  mutable std::optional<std::uint32_t> version_;
  mutable std::optional<Result<Settings>> config_;
};

}  // namespace tenon::object
