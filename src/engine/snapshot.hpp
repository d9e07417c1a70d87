// SPDX-License-Identifier: Apache-2.0
// Snapshots: a heap and what it means, in a file. Read as untrusted input: every count is checked before anything is made of it, and the checksums
// find damage, not malice; what a well-formed file can bring about is described in runtime/heap_image.hpp.
//
//   "TENONSNP" version | bytes of what follows | bytes of pages | programs, layout, heap image | checksum | pages | checksum      (little endian)
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tenon/result.hpp>

#include "base/fd.hpp"
#include "object/layout.hpp"
#include "runtime/heap_image.hpp"
#include "runtime/runtime.hpp"

namespace tenon::engine {

/// What a snapshot says beside its pages.
struct SnapshotHead {
  std::vector<std::pair<std::string, std::string>> programs;  ///< name and hook
  object::Layout layout;
  runtime::HeapImage heap;
};
/// A bit for each block, of which the largest heap can have 2^32, and some.
inline constexpr std::uint64_t kMaxSnapshotHeadBytes = 1ull << 30;

std::vector<std::byte> encode(const SnapshotHead& head);
/// Nothing when the bytes are no head, to the last one.
std::optional<SnapshotHead> decode_head(std::span<const std::byte> bytes);

/// In place of what was at `path`, at once and on disk, or not at all. Errors: E0615.
Result<void> write_snapshot(const std::filesystem::path& path, const SnapshotHead& head, const runtime::Heap& heap);

/// An open snapshot whose head is read and checked. Its pages are read once, in order, by read_pages(); finish() then says whether they were the ones
/// that were saved.
class SnapshotReader {
 public:
  /// Errors: E0617 damaged, E0621 cannot be read.
  static Result<SnapshotReader> open(const std::filesystem::path& path);
  const SnapshotHead& head() const { return head_; }
  Result<void> read_pages(std::span<std::byte> to);
  Result<void> finish();

 private:
  SnapshotReader() = default;
  Result<void> read_exactly(std::span<std::byte> to);

  std::string path_;
  base::Fd file_;
  SnapshotHead head_;
  std::uint64_t at_ = 0;
  std::uint64_t checksum_ = 0;
};

}  // namespace tenon::engine
