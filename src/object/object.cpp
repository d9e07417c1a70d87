// SPDX-License-Identifier: Apache-2.0
// Reading an object, step by step; each step is a file of its own.
#include "object/object.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/fd.hpp"
#include "object/object_data.hpp"

namespace tenon::object {
namespace {

Result<void> read_debug_information(ObjectData& data) {
  std::span<const std::byte> btf_bytes, ext_bytes;
  for (const Section& section : data.image.sections) {
    if (section.name == ".BTF") btf_bytes = section.data;
    if (section.name == ".BTF.ext") ext_bytes = section.data;
  }
  if (btf_bytes.empty()) return {};
  TENON_TRY(btf, Btf::read(btf_bytes));
  data.btf = std::move(btf);
  if (ext_bytes.empty()) return {};
  TENON_TRY(ext, read_btf_ext(ext_bytes, *data.btf, data.image));
  data.btf_ext = std::move(ext);
  return {};
}

template <class T>
std::unexpected<Diagnostics> give_up(Result<T>& result) {
  return std::unexpected(std::move(result).error());
}

std::unexpected<Diagnostics> unreadable(const std::filesystem::path& path, const std::string& why) {
  return refuse("E0101", fmt::format("cannot read '{}': {}", path.string(), why));
}

}  // namespace

Object::Object(std::shared_ptr<const ObjectData> data) : data_(std::move(data)) {}
const std::vector<EntryPoint>& Object::entry_points() const { return data_->entry_points; }
const std::shared_ptr<const ir::Globals>& Object::globals() const { return data_->globals; }

Result<Object> read(std::span<const std::byte> bytes, std::string_view name, const ReadLimits& limits) {
  auto data = std::make_shared<ObjectData>();
  data->name = name;
  TENON_TRY(image, read_elf(bytes));
  data->image = std::move(image);
  if (auto step = read_debug_information(*data); !step) return give_up(step);
  if (auto step = find_functions(*data); !step) return give_up(step);
  TENON_TRY(maps, find_maps(*data));
  if (auto step = lay_out(*data, maps, limits); !step) return give_up(step);
  return Object(std::move(data));
}

Result<Object> read_file(const std::filesystem::path& path) {
  const base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!fd || ::fstat(fd.get(), &status) != 0) return unreadable(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return unreadable(path, "it is no regular file");
  if (static_cast<std::uint64_t>(status.st_size) > kMaxFileBytes) return unreadable(path, fmt::format("it is larger than {} bytes", kMaxFileBytes));
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::read(fd.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(path, std::strerror(errno));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return read(bytes, path.string());
}

Result<ir::Program> decode(const Object& object, std::string_view entry) {
  const ObjectData& data = object.data();
  for (std::size_t i = 0; i < data.entry_points.size(); ++i) {
    if (data.entry_points[i].name == entry) return assemble(data, data.entry_functions[i], entry, data.entry_points[i].hook);
  }
  std::string names;
  for (const EntryPoint& point : data.entry_points) names += (names.empty() ? "" : ", ") + point.name;
  return refuse("E0110", fmt::format("'{}' has no entry point '{}'", data.name, entry),
                names.empty() ? "an entry point is a global function in a section of its own: SEC(\"raw\")" : "it has: " + names);
}

}  // namespace tenon::object
