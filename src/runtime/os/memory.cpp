// SPDX-License-Identifier: Apache-2.0
#include "runtime/os/memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "abi/heap_layout.hpp"

namespace tenon::runtime::os {

namespace {
void* pointer(std::uint64_t address) { return reinterpret_cast<void*>(address); }

int native(Protection protection) {
  switch (protection) {
    case Protection::none: return PROT_NONE;
    case Protection::read: return PROT_READ;
    case Protection::read_write: return PROT_READ | PROT_WRITE;
    case Protection::read_execute: return PROT_READ | PROT_EXEC;
  }
  return PROT_NONE;
}
}  // namespace

Reservation::Reservation(Reservation&& other) noexcept : address_(std::exchange(other.address_, 0)), bytes_(std::exchange(other.bytes_, 0)) {}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  std::swap(address_, other.address_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Reservation::~Reservation() {
  if (address_ != 0) ::munmap(pointer(address_), bytes_);
}

Reservation reserve(std::uint64_t bytes) {
  void* const p = ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return {};
  return {reinterpret_cast<std::uint64_t>(p), bytes};
}

Reservation reserve_at(std::uint64_t address, std::uint64_t bytes) {
  void* const p = ::mmap(pointer(address), bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (p == MAP_FAILED) return {};
  Reservation made(reinterpret_cast<std::uint64_t>(p), bytes);
  if (made.address() == address) return made;
  made = {};  // a kernel before 4.17 takes the address as a wish
  errno = EEXIST;
  return {};
}

Reservation map_first_page(const base::Fd& file, Protection protection) {
  void* const p = ::mmap(nullptr, abi::kPageBytes, native(protection), MAP_SHARED, file.get(), 0);
  if (p == MAP_FAILED) return {};
  return {reinterpret_cast<std::uint64_t>(p), abi::kPageBytes};
}

std::uint64_t sealed_bytes(const base::Fd& file) {
  constexpr int kNeeded = F_SEAL_SHRINK | F_SEAL_GROW;
  struct stat status{};
  const int seals = ::fcntl(file.get(), F_GET_SEALS);
  if (seals < 0 || (seals & kNeeded) != kNeeded || ::fstat(file.get(), &status) != 0) return 0;
  return static_cast<std::uint64_t>(status.st_size);
}

base::Fd duplicate(int fd) { return base::Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

namespace {
/// Where neither programs nor libraries nor stacks are put: 12288 windows of 4 GiB. A heap that is restored must lie where it lay, and where the kernel puts
/// mappings by itself, 1 of 260 such places was taken in the next small process.
#ifdef __SANITIZE_THREAD__
constexpr std::uint64_t kSparseBegin = 0x5500'0000'0000, kSparseEnd = 0x5680'0000'0000;  // what libtsan of GCC 12 leaves to programs
#else
constexpr std::uint64_t kSparseBegin = 0x2000'0000'0000, kSparseEnd = 0x5000'0000'0000;
#endif

Reservation reserve_sparse(std::uint64_t below, std::uint64_t window, std::uint64_t above) {
  for (int attempt = 0; attempt < 4; ++attempt) {
    std::uint64_t random = 0;
    if (::getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random) break;
    const std::uint64_t base = kSparseBegin + random % ((kSparseEnd - kSparseBegin) / window) * window;
    if (Reservation made = reserve_at(base - below, below + window + above)) return made;
  }
  return {};
}
}  // namespace

Reservation reserve_window(std::uint64_t below, std::uint64_t window, std::uint64_t above) {
  if (Reservation made = reserve_sparse(below, window, above)) return made;  // else address space is small, or watched by a sanitizer
  const std::uint64_t total = below + 2 * window + above;
  void* const p = ::mmap(nullptr, total, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return {};
  const auto begin = reinterpret_cast<std::uint64_t>(p);
  const std::uint64_t base = (begin + below + window - 1) & ~(window - 1);
  const std::uint64_t first = base - below, end = base + window + above;
  if (first > begin) ::munmap(p, first - begin);
  if (begin + total > end) ::munmap(pointer(end), begin + total - end);
  return {first, end - first};
}

int protect(std::uint64_t address, std::uint64_t bytes, Protection protection) {
  return ::mprotect(pointer(address), bytes, native(protection)) == 0 ? 0 : errno;
}

base::Fd create_sealed_memory(const char* name, std::uint64_t bytes) {
  base::Fd file(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return {};
  if (::ftruncate(file.get(), static_cast<off_t>(bytes)) != 0 || ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    const int error = errno;
    file.reset();
    errno = error;
  }
  return file;
}

void* map_zeroed(std::uint64_t bytes) {
  void* const p = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? nullptr : p;
}

int map_file(std::uint64_t address, std::uint64_t bytes, const base::Fd& file) {
  void* const p = ::mmap(pointer(address), bytes, PROT_NONE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, file.get(), 0);
  return p == MAP_FAILED ? errno : 0;
}

int commit(const base::Fd& file, std::uint64_t offset, std::uint64_t bytes) {
  for (;;) {
    if (::fallocate(file.get(), 0, static_cast<off_t>(offset), static_cast<off_t>(bytes)) == 0) return 0;
    if (errno != EINTR) return errno;
  }
}

void populate(std::uint64_t address, std::uint64_t bytes) noexcept {
  constexpr int kPopulateWrite = 23;  // MADV_POPULATE_WRITE, Linux 5.14
  static_cast<void>(::madvise(pointer(address), bytes, kPopulateWrite));
}

}  // namespace tenon::runtime::os
