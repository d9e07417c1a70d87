// SPDX-License-Identifier: Apache-2.0
#include "engine/snapshot.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>

#include "abi/heap_layout.hpp"
#include "base/checksum.hpp"

namespace tenon::engine {

namespace {

static_assert(std::endian::native == std::endian::little);
constexpr std::uint64_t kMark = 0x504e'534e'4f4e'4554;  // "TENONSNP"
constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kPieceBytes = 1ull << 20;
/// Values of functions lie in the hole at the begin of the window.
constexpr std::size_t kMaxFunctions = abi::kGlobalsOffset - ir::kFunctionValueBase;
using Preamble = std::array<std::uint64_t, 4>;  // mark, version, bytes of the head, bytes of pages

// One description of the format, for both directions: each transfer() hands the fields of a value to a Writer or to a Reader.

class Writer {
 public:
  static constexpr bool kReads = false;
  template <class T>
  void number(const T& value) {
    const auto* const bytes = reinterpret_cast<const std::byte*>(&value);
    out_.insert(out_.end(), bytes, bytes + sizeof value);
  }
  void text(const std::string& value) {
    number(static_cast<std::uint32_t>(value.size()));
    const auto* const bytes = reinterpret_cast<const std::byte*>(value.data());
    out_.insert(out_.end(), bytes, bytes + value.size());
  }
  template <class C, class F>
  void list(const C& values, F&& each) {
    number(static_cast<std::uint32_t>(values.size()));
    for (const auto& value : values) each(value);
  }
  std::vector<std::byte> take() { return std::move(out_); }

 private:
  std::vector<std::byte> out_;
};

/// Once something is missing, everything is empty: lists are as long as there are bytes for.
class Reader {
 public:
  static constexpr bool kReads = true;
  explicit Reader(std::span<const std::byte> from) : from_(from) {}
  template <class T>
  void number(T& value) {
    if (from_.size() < sizeof value) return fail();
    if constexpr (std::is_same_v<T, bool>) {
      value = from_[0] != std::byte{0};
    } else {
      std::memcpy(&value, from_.data(), sizeof value);
    }
    from_ = from_.subspan(sizeof value);
  }
  void text(std::string& value) {
    std::uint32_t size = 0;
    number(size);
    if (size > from_.size()) return fail();
    value.assign(reinterpret_cast<const char*>(from_.data()), size);
    from_ = from_.subspan(size);
  }
  template <class C, class F>
  void list(C& values, F&& each) {
    std::uint32_t count = 0;
    number(count);
    for (std::uint32_t i = 0; i < count && !from_.empty() && !failed_; ++i) {
      typename C::value_type value{};
      each(value);
      values.push_back(std::move(value));
    }
    if (values.size() != count) fail();
  }
  bool is_done() const { return !failed_ && from_.empty(); }

 private:
  void fail() {
    failed_ = true;
    from_ = {};
  }
  std::span<const std::byte> from_;
  bool failed_ = false;
};

template <class Archive, class Part>
void transfer_part(Archive& archive, Part& part) {
  archive.text(part.section);
  archive.text(part.variable);
  archive.number(part.begin);
  archive.number(part.at);
  archive.number(part.bytes);
  archive.number(part.align);
  archive.text(part.type);
  archive.number(part.checksum);
}

template <class Archive, class Image>
void transfer_image(Archive& archive, Image& image) {
  archive.number(image.base);
  archive.number(image.window_bytes);
  archive.number(image.granted_bytes);
  archive.number(image.parking_generation);
  archive.list(image.spans, [&](auto& span) {
    archive.number(span.first);
    archive.number(span.pages);
    archive.number(span.kind);
    archive.list(span.allocated, [&](auto& word) { archive.number(word); });
  });
}

template <class Archive, class Head>
void transfer(Archive& archive, Head& head) {
  const auto pair = [&](auto& both) {
    archive.text(both.first);
    archive.text(both.second);
  };
  archive.list(head.programs, pair);
  archive.list(head.layout.parts, [&](auto& part) { transfer_part(archive, part); });
  std::vector<std::pair<std::string, std::string>> types(head.layout.types.begin(), head.layout.types.end());
  archive.list(types, pair);
  if constexpr (Archive::kReads) head.layout.types = {types.begin(), types.end()};
  archive.list(head.layout.functions, [&](auto& name) { archive.text(name); });
  transfer_image(archive, head.heap);
}

std::unexpected<Diagnostics> damaged(const std::string& path, const std::string& why) {
  return refuse("E0617", fmt::format("the snapshot '{}' is damaged: {}", path, why), "use an older one");
}

/// Parts of a hostile layout lie where it says; what is in the heap there belongs to the extension. Only sums must not wrap.
bool is_inside(const object::Layout& layout, const runtime::HeapImage& heap) {
  return std::ranges::all_of(
      layout.parts, [&](const object::LayoutPart& part) { return part.at <= heap.granted_bytes && part.bytes <= heap.granted_bytes - part.at; });
}

/// A file that takes the place of another when it is complete.
class NewFile {
 public:
  explicit NewFile(const std::filesystem::path& path) : path_(path.string()), temporary_(fmt::format("{}.tmp{}", path_, ::getpid())) {
    ::unlink(temporary_.c_str());  // of a process with our number that was killed
    file_ = base::Fd(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  }
  ~NewFile() {
    if (file_) ::unlink(temporary_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  bool is_open() const { return static_cast<bool>(file_); }
  bool write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t done = ::write(file_.get(), bytes.data(), bytes.size());
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(done));
    }
    return true;
  }
  /// On disk under its name, or errno says why not.
  bool commit() {
    if (::fsync(file_.get()) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) return false;
    file_.reset();
    const std::string folder = std::filesystem::path(path_).parent_path().string();
    const base::Fd directory(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return directory && ::fsync(directory.get()) == 0;
  }

 private:
  std::string path_, temporary_;
  base::Fd file_;
};

std::span<const std::byte> bytes_of(const auto& value) { return std::as_bytes(std::span(&value, 1)); }

/// Each piece is copied first: who else has the heap may write to it meanwhile, and the checksum is of what is written.
bool write_pages(NewFile& file, const runtime::HeapImage& image, const runtime::Heap& heap) {
  std::vector<std::byte> piece(kPieceBytes);
  std::uint64_t checksum = 0;
  for (const runtime::PageRange& range : image.kept_pages()) {
    const std::uint64_t begin = image.base + range.first * abi::kPageBytes, bytes = range.pages * abi::kPageBytes;
    for (std::uint64_t done = 0; done < bytes; done += kPieceBytes) {
      const std::span<std::byte> copy(piece.data(), std::min(kPieceBytes, bytes - done));
      if (!heap.read(begin + done, copy.data(), copy.size())) {
        errno = EFAULT;
        return false;
      }
      checksum = base::checksum(copy, checksum);
      if (!file.write(copy)) return false;
    }
  }
  return file.write(bytes_of(checksum));
}

}  // namespace

std::vector<std::byte> encode(const SnapshotHead& head) {
  Writer writer;
  transfer(writer, head);
  return writer.take();
}

std::optional<SnapshotHead> decode_head(std::span<const std::byte> bytes) {
  SnapshotHead head;
  Reader reader(bytes);
  transfer(reader, head);
  if (!reader.is_done()) return std::nullopt;
  return head;
}

Result<void> write_snapshot(const std::filesystem::path& path, const SnapshotHead& head, const runtime::Heap& heap) {
  const auto refused = [&] {
    return refuse("E0615", fmt::format("cannot write the snapshot '{}': {}", path.string(), std::strerror(errno)),
                  "what was there before is untouched");
  };
  const std::vector<std::byte> bytes = encode(head);
  std::uint64_t page_bytes = 0;
  for (const runtime::PageRange& range : head.heap.kept_pages()) page_bytes += range.pages * abi::kPageBytes;
  const Preamble preamble{kMark, kVersion, bytes.size(), page_bytes};
  const std::uint64_t checksum = base::checksum(bytes, base::checksum(bytes_of(preamble)));
  NewFile file(path);
  if (!file.is_open()) return refused();
  const bool written =
      file.write(bytes_of(preamble)) && file.write(bytes) && file.write(bytes_of(checksum)) && write_pages(file, head.heap, heap) && file.commit();
  if (!written) return refused();
  return {};
}

Result<void> SnapshotReader::read_exactly(std::span<std::byte> to) {
  while (!to.empty()) {
    const ssize_t got = ::pread(file_.get(), to.data(), to.size(), static_cast<off_t>(at_));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refuse("E0621", fmt::format("cannot read the snapshot '{}': {}", path_, std::strerror(errno)));
    if (got == 0) return damaged(path_, "it ends too early");
    at_ += static_cast<std::uint64_t>(got);
    to = to.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

Result<SnapshotReader> SnapshotReader::open(const std::filesystem::path& path) {
  SnapshotReader reader;
  reader.path_ = path.string();
  reader.file_ = base::Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (!reader.file_ || ::fstat(reader.file_.get(), &status) != 0) {
    return refuse("E0621", fmt::format("cannot read the snapshot '{}': {}", reader.path_, std::strerror(errno)));
  }
  if (!S_ISREG(status.st_mode)) return refuse("E0621", fmt::format("cannot read the snapshot '{}': it is no regular file", reader.path_));

  Preamble preamble{};
  if (auto read = reader.read_exactly(std::as_writable_bytes(std::span(preamble))); !read) return std::unexpected(std::move(read).error());
  const auto [mark, version, head_bytes, page_bytes] = preamble;
  if (mark != kMark) return damaged(reader.path_, "it does not begin like one");
  if (version != kVersion) return damaged(reader.path_, fmt::format("its format is {}, this library knows {}", version, kVersion));
  const auto file_bytes = static_cast<std::uint64_t>(status.st_size);
  const bool fits =
      head_bytes <= kMaxSnapshotHeadBytes && page_bytes <= file_bytes && sizeof preamble + head_bytes + 8 + page_bytes + 8 == file_bytes;
  if (!fits)
    return damaged(reader.path_,
                   fmt::format("it has {} bytes, and says it has {} of one kind and {} of another", file_bytes, head_bytes, page_bytes));
  std::vector<std::byte> bytes(head_bytes);
  if (auto read = reader.read_exactly(bytes); !read) return std::unexpected(std::move(read).error());
  std::uint64_t checksum = 0;
  if (auto read = reader.read_exactly(std::as_writable_bytes(std::span(&checksum, 1))); !read) return std::unexpected(std::move(read).error());
  if (checksum != base::checksum(bytes, base::checksum(bytes_of(preamble)))) return damaged(reader.path_, "the checksum of its head is wrong");

  auto head = decode_head(bytes);
  if (!head) return damaged(reader.path_, "its head is not well-formed");
  if (const char* const problem = head->heap.problem()) return damaged(reader.path_, problem);
  if (head->layout.functions.size() > kMaxFunctions) return damaged(reader.path_, "it has more functions than fit the numbers that are no addresses");
  if (head->layout.parts.size() > object::kMaxLayoutParts) return damaged(reader.path_, "it has more variables than a heap can have");
  if (!is_inside(head->layout, head->heap)) return damaged(reader.path_, "a variable lies outside of its heap");
  std::uint64_t kept_bytes = 0;
  for (const runtime::PageRange& range : head->heap.kept_pages()) kept_bytes += range.pages * abi::kPageBytes;
  if (kept_bytes != page_bytes) return damaged(reader.path_, fmt::format("it has {} bytes of pages, its heap has {}", page_bytes, kept_bytes));
  reader.head_ = *std::move(head);
  return reader;
}

Result<void> SnapshotReader::read_pages(std::span<std::byte> to) {
  if (auto read = read_exactly(to); !read) return read;
  checksum_ = base::checksum(to, checksum_);
  return {};
}

Result<void> SnapshotReader::finish() {
  std::uint64_t checksum = 0;
  if (auto read = read_exactly(std::as_writable_bytes(std::span(&checksum, 1))); !read) return read;
  if (checksum != checksum_) return damaged(path_, "the checksum of its pages is wrong");
  return {};
}

}  // namespace tenon::engine
