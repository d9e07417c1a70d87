// SPDX-License-Identifier: Apache-2.0
#include "object/kernel.hpp"

#include <elf.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "object/bytes.hpp"
#include "object/files.hpp"

namespace tenon::object {
namespace {

constexpr std::uint64_t kMaxBtfBytes = 256ull << 20;
constexpr std::uint64_t kMaxConfigBytes = 4ull << 20;
constexpr std::string_view kFlavour = "___";

std::uint32_t hash(std::string_view text) {
  std::uint32_t h = 2166136261u;  // FNV-1a
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
  return h ^ h >> 15;
}

/// Half of a kernel's named types are functions, which no relocation is about.
bool may_be_asked_for(BtfKind kind) {
  return kind == BtfKind::structure || kind == BtfKind::union_type || kind == BtfKind::enumeration || kind == BtfKind::enumeration64 ||
         kind == BtfKind::type_name || kind == BtfKind::integer || kind == BtfKind::floating || kind == BtfKind::forward;
}

struct Mapped {
  std::shared_ptr<const void> owner;
  std::span<const std::byte> bytes;
};
/// Reading 5 MB from sysfs takes a system call per page, 3.4 ms; recent kernels let it be mapped. A file elsewhere might shrink under the mapping.
std::optional<Mapped> map_from_sysfs(const base::Fd& fd) {
  struct statfs system{};
  struct stat status{};
  if (::fstatfs(fd.get(), &system) != 0 || system.f_type != SYSFS_MAGIC || ::fstat(fd.get(), &status) != 0 || status.st_size <= 0)
    return std::nullopt;
  const auto bytes = static_cast<std::size_t>(status.st_size);
  void* const at = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (at == MAP_FAILED) return std::nullopt;
  return Mapped{{at, [bytes](const void* p) { ::munmap(const_cast<void*>(p), bytes); }}, {static_cast<const std::byte*>(at), bytes}};
}

std::unexpected<Diagnostics> no_btf(const std::filesystem::path& path, std::string_view why) {
  return refuse("E0118", fmt::format("'{}' has no usable BTF: {}", path.string(), why), "give raw BTF, or an ELF file with a .BTF section");
}

Result<std::vector<std::byte>> btf_section_of(const base::Fd& fd, const std::filesystem::path& path, const Elf64_Ehdr& header) {
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_shentsize != sizeof(Elf64_Shdr)) {
    return no_btf(path, "it is no 64-bit little-endian ELF file");
  }
  TENON_TRY(table, read_part(fd, path, header.e_shoff, std::uint64_t{header.e_shnum} * sizeof(Elf64_Shdr)));
  const auto section = [&](std::uint64_t i) { return load<Elf64_Shdr>(table, i * sizeof(Elf64_Shdr)); };
  const auto strings = section(header.e_shstrndx);
  if (!strings || strings->sh_size > kMaxConfigBytes) return no_btf(path, "its section names cannot be read");
  TENON_TRY(names, read_part(fd, path, strings->sh_offset, strings->sh_size));
  for (std::uint64_t i = 1; i < header.e_shnum; ++i) {
    const auto one = section(i);
    if (!one || one->sh_type != SHT_PROGBITS || string_at(names, one->sh_name) != ".BTF") continue;
    if (one->sh_size > kMaxBtfBytes) return no_btf(path, "its .BTF section is absurdly large");
    return read_part(fd, path, one->sh_offset, one->sh_size);
  }
  return no_btf(path, "it has no .BTF section");
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

std::string_view as_text(const std::vector<std::byte>& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

Result<std::vector<std::byte>> read_small(const std::filesystem::path& path) {
  TENON_TRY(fd, open_file(path));
  return read_stream(fd, path, kMaxConfigBytes);
}

/// "6.1.12-rc1": the numbers before the first other character.
std::optional<std::uint32_t> version_in(std::string_view release) {
  std::array<std::uint32_t, 3> parts{};
  const char* at = release.data();
  const char* const end = at + release.size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto [next, error] = std::from_chars(at, end, parts[i]);
    if (error != std::errc()) return i < 2 ? std::nullopt : std::optional(parts[0] << 16 | parts[1] << 8);
    at = next;
    if (at == end || *at != '.') {
      if (i == 0) return std::nullopt;
      break;
    }
    ++at;
  }
  if (parts[0] > 0xffff || parts[1] > 0xff) return std::nullopt;
  return parts[0] << 16 | parts[1] << 8 | std::min(parts[2], 255u);
}

}  // namespace

std::string_view essential_name(std::string_view name) {
  // A flavour has another character before it and after it: "___x" is a name of its own.
  for (std::size_t at = name.rfind(kFlavour); at != std::string_view::npos && at > 0; at = name.rfind(kFlavour, at - 1)) {
    const std::size_t after = at + kFlavour.size();
    if (after < name.size() && name[at - 1] != '_' && name[after] != '_') return name.substr(0, at);
  }
  return name;
}

Result<std::shared_ptr<const TargetTypes>> TargetTypes::read(std::shared_ptr<const void> owner, std::span<const std::byte> bytes) {
  TENON_TRY(view, BtfView::read(bytes));
  return std::shared_ptr<const TargetTypes>(new TargetTypes(std::move(owner), std::move(view)));
}

Result<std::shared_ptr<const TargetTypes>> TargetTypes::read(std::vector<std::byte> bytes) {
  const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  return read(owner, *owner);
}

Result<std::shared_ptr<const TargetTypes>> TargetTypes::read_file(const std::filesystem::path& path) {
  const auto named = [&](Result<std::shared_ptr<const TargetTypes>> types) {
    if (!types) types.error().front().message += fmt::format(" ('{}')", path.string());
    return types;
  };
  TENON_TRY(fd, open_file(path));
  if (const auto mapped = map_from_sysfs(fd)) return named(read(mapped->owner, mapped->bytes));
  TENON_TRY(head, read_part(fd, path, 0, sizeof(Elf64_Ehdr)));
  const auto header = load<Elf64_Ehdr>(head, 0);
  const bool is_elf = header && std::equal(ELFMAG, ELFMAG + SELFMAG, reinterpret_cast<const char*>(header->e_ident));
  TENON_TRY(bytes, is_elf ? btf_section_of(fd, path, *header) : read_stream(fd, path, kMaxBtfBytes));
  return named(read(std::move(bytes)));
}

void TargetTypes::make_index() const {
  const TypeId types = view_.size();
  first_.assign(std::bit_ceil(std::max<TypeId>(types, 2)), 0);
  next_.assign(types, 0);
  for (TypeId id = types; id-- > 1;) {
    if (!may_be_asked_for(view_.kind(id))) continue;
    const std::string_view name = view_.name(id);
    if (name.empty()) continue;
    TypeId& head = first_[hash(essential_name(name)) & (first_.size() - 1)];
    next_[id] = head;
    head = id;
  }
}

std::vector<TypeId> TargetTypes::named(std::string_view essential) const {
  std::call_once(indexed_, [this] { make_index(); });
  std::vector<TypeId> found;
  for (TypeId id = first_[hash(essential) & (first_.size() - 1)]; id != 0; id = next_[id]) {
    if (essential_name(view_.name(id)) == essential) found.push_back(id);
  }
  return found;
}

Result<std::shared_ptr<const TargetTypes>> Kernel::types() const {
  std::call_once(types_read_, [this] {
    if (!types_) types_ = TargetTypes::read_file(files_.btf);
  });
  return *types_;
}

void Kernel::read_version() const {
  const auto bytes = read_small(files_.version);
  if (!bytes) return;
  constexpr std::string_view kBefore = "Linux version ";
  std::string_view text = first_line(as_text(*bytes));
  if (text.starts_with(kBefore)) text.remove_prefix(kBefore.size());
  text = text.substr(0, text.find(' '));
  version_ = version_in(text);
  if (version_) release_ = text;
}

std::optional<std::uint32_t> Kernel::version() const {
  std::call_once(version_read_, [this] { read_version(); });
  return version_;
}

void Kernel::read_config() const {
  const bool is_given = !files_.config.empty();
  static_cast<void>(version());  // finds the release
  auto bytes = read_small(is_given ? files_.config : std::filesystem::path("/boot/config-" + release_));
  if (!bytes) {
    config_ = is_given ? Result<Settings>(std::unexpected(std::move(bytes).error())) : Settings();
    return;
  }
  Settings settings;
  for (std::string_view rest = as_text(*bytes); !rest.empty();) {
    const std::string_view line = first_line(rest);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t equals = line.find('=');
    if (line.starts_with("CONFIG_") && equals != std::string_view::npos) settings.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  config_ = std::move(settings);
}

Result<std::optional<std::string>> Kernel::config(std::string_view name) const {
  std::call_once(config_read_, [this] { read_config(); });
  if (!*config_) return std::unexpected(config_->error());
  const auto found = (*config_)->find(name);
  if (found == (*config_)->end()) return std::optional<std::string>();
  return std::optional(found->second);
}

}  // namespace tenon::object
