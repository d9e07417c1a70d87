// SPDX-License-Identifier: Apache-2.0
#include "object/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tenon::object {
namespace {

constexpr std::size_t kFirstReadBytes = 64u << 10;

}  // namespace

std::unexpected<Diagnostics> unreadable(const std::filesystem::path& path, const std::string& why) {
  return refuse("E0101", fmt::format("cannot read '{}': {}", path.string(), why));
}

Result<base::Fd> open_file(const std::filesystem::path& path) {
  base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return unreadable(path, std::strerror(errno));
  return fd;
}

Result<std::vector<std::byte>> read_part(const base::Fd& fd, const std::filesystem::path& path, std::uint64_t offset, std::uint64_t bytes) {
  std::vector<std::byte> data(bytes);
  std::size_t done = 0;
  while (done < data.size()) {
    const ssize_t got = ::pread(fd.get(), data.data() + done, data.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(path, std::strerror(errno));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  data.resize(done);
  return data;
}

Result<std::vector<std::byte>> read_stream(const base::Fd& fd, const std::filesystem::path& path, std::uint64_t most_bytes) {
  std::vector<std::byte> data;
  std::uint64_t step = kFirstReadBytes;
  for (;;) {
    TENON_TRY(part, read_part(fd, path, data.size(), std::min(step, most_bytes + 1 - data.size())));
    const bool is_last = part.size() < step;
    data.insert(data.end(), part.begin(), part.end());
    if (data.size() > most_bytes) return unreadable(path, fmt::format("it is larger than {} bytes", most_bytes));
    if (is_last) return data;
    step = std::max<std::uint64_t>(step, data.size());
  }
}

}  // namespace tenon::object
