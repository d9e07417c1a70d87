// SPDX-License-Identifier: Apache-2.0
// Reading an object, step by step; each step is a file of its own.
#include "object/object.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "object/bytes.hpp"
#include "object/files.hpp"
#include "object/object_data.hpp"

namespace tenon::object {
namespace {

constexpr std::size_t kMaxLicenseBytes = 128;

Result<void> read_debug_information(ObjectData& data) {
  std::span<const std::byte> btf_bytes, ext_bytes;
  for (const Section& section : data.image.sections) {
    if (section.name == ".BTF") btf_bytes = section.data;
    if (section.name == ".BTF.ext") ext_bytes = section.data;
  }
  if (btf_bytes.empty()) return {};
  TENON_TRY(btf, Btf::read(btf_bytes));
  data.btf = std::move(btf);
  data.declarations = index_declarations(*data.btf);
  if (ext_bytes.empty()) return {};
  TENON_TRY(ext, read_btf_ext(ext_bytes, *data.btf, data.image));
  data.btf_ext = std::move(ext);
  if (data.btf_ext.core.empty()) return {};
  TENON_TRY(view, BtfView::read(btf_bytes));
  data.btf_view = std::move(view);
  return {};
}

template <class T>
std::unexpected<Diagnostics> give_up(Result<T>& result) {
  return std::unexpected(std::move(result).error());
}

/// The text of the license section, up to its NUL.
std::string license_of(const ElfImage& image) {
  for (const Section& section : image.sections) {
    if (section.name == "license") return made_printable(string_at(section.data, 0).value_or(std::string_view()).substr(0, kMaxLicenseBytes));
  }
  return {};
}

}  // namespace

Object::Object(std::shared_ptr<const ObjectData> data) : data_(std::move(data)) {}
const std::vector<EntryPoint>& Object::entry_points() const { return data_->entry_points; }
const std::shared_ptr<const ir::Globals>& Object::globals() const { return data_->globals; }

Result<Object> read(std::span<const std::byte> bytes, std::string_view name, const ReadLimits& limits, std::shared_ptr<const Kernel> kernel,
                    const Placement* placement) {
  auto data = std::make_shared<ObjectData>();
  data->name = name;
  data->kernel = std::move(kernel);
  TENON_TRY(image, read_elf(bytes));
  data->image = std::move(image);
  data->license = license_of(data->image);
  if (auto step = read_debug_information(*data); !step) return give_up(step);
  if (auto step = find_functions(*data); !step) return give_up(step);
  TENON_TRY(maps, find_maps(*data));
  if (auto step = find_struct_ops(*data); !step) return give_up(step);
  find_destructors(*data);
  if (auto step = lay_out(*data, maps, limits, placement); !step) return give_up(step);
  return Object(std::move(data));
}

Result<Object> read_file(const std::filesystem::path& path, std::shared_ptr<const Kernel> kernel) {
  TENON_TRY(fd, open_file(path));
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return unreadable(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return unreadable(path, "it is no regular file");
  if (static_cast<std::uint64_t>(status.st_size) > kMaxFileBytes) return unreadable(path, fmt::format("it is larger than {} bytes", kMaxFileBytes));
  TENON_TRY(bytes, read_part(fd, path, 0, static_cast<std::uint64_t>(status.st_size)));
  return read(bytes, path.string(), {}, std::move(kernel));
}

Result<ir::Program> decode(const Object& object, std::string_view entry, const DecodeOptions& options) {
  const ObjectData& data = object.data();
  for (std::size_t i = 0; i < data.entry_points.size(); ++i) {
    if (data.entry_points[i].name == entry) return assemble(data, data.entry_functions[i], data.entry_points[i], options);
  }
  std::string names;
  for (const EntryPoint& point : data.entry_points) names += (names.empty() ? "" : ", ") + point.name;
  return refuse("E0110", fmt::format("'{}' has no entry point '{}'", data.name, entry),
                names.empty() ? "an entry point is a global function in a section of its own: SEC(\"raw\")" : "it has: " + names);
}

}  // namespace tenon::object
