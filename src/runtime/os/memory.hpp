// SPDX-License-Identifier: Apache-2.0
// Address space and memory from the kernel. Functions that can fail return 0 or an errno value.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/fd.hpp"

namespace tenon::runtime::os {

/// Address space that nothing can touch, with an owner.
class Reservation {
 public:
  Reservation() = default;
  Reservation(std::uint64_t address, std::uint64_t bytes) : address_(address), bytes_(bytes) {}
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation();

  std::uint64_t address() const { return address_; }
  std::uint64_t bytes() const { return bytes_; }
  explicit operator bool() const { return address_ != 0; }

 private:
  std::uint64_t address_ = 0, bytes_ = 0;
};

enum class Protection { none, read, read_write, read_execute };

/// Reserves `below` + `window` + `above` bytes so that the window is aligned to `window` (a power of two), at a random place. Empty on failure, errno set.
Reservation reserve_window(std::uint64_t below, std::uint64_t window, std::uint64_t above);
/// Reserves exactly [address, +bytes). Empty on failure, errno set: EEXIST when something lies there.
Reservation reserve_at(std::uint64_t address, std::uint64_t bytes);
/// Maps the first page of the file for reading, and for writing if asked. Empty on failure, errno set.
Reservation map_first_page(const base::Fd& file, Protection protection);
/// Bytes of a memory file that can neither shrink nor grow; 0: it is none.
std::uint64_t sealed_bytes(const base::Fd& file);
/// A second descriptor, close-on-exec. Empty on failure, errno set.
base::Fd duplicate(int fd);
/// Reserves `bytes`, page-aligned, committed on protect(). Empty on failure, errno set.
Reservation reserve(std::uint64_t bytes);
/// Private pages that can be read and written and cost memory once they are touched; null on failure.
void* map_zeroed(std::uint64_t bytes);
int protect(std::uint64_t address, std::uint64_t bytes, Protection protection);

/// A memory file of fixed size, sealed against shrinking, growing and unsealing. Empty on failure, errno set.
base::Fd create_sealed_memory(const char* name, std::uint64_t bytes);
/// Maps the file over [address, +bytes) with no access yet. Requires: the range belongs to a Reservation.
int map_file(std::uint64_t address, std::uint64_t bytes, const base::Fd& file);
/// Allocates the pages now, so that a shortage is an error here and no SIGBUS later.
int commit(const base::Fd& file, std::uint64_t offset, std::uint64_t bytes);
/// Takes the page faults of the range now. Where the kernel cannot, the first accesses take them.
void populate(std::uint64_t address, std::uint64_t bytes) noexcept;

}  // namespace tenon::runtime::os
