// SPDX-License-Identifier: Apache-2.0
// extensions/memcached compiled for the host and called directly: no sandbox at all. The baseline for what the sandbox costs, and a way to debug the extension
// with ordinary tools. Its heap is one reservation that tn_grow hands out from the front; its locks are the simplest that do not burn a processor while the holder has none.
#include <sched.h>
#include <sys/mman.h>

#include <atomic>
#include <cstring>

#include "make_service.hpp"

extern "C" {
int memcached_start(kv::Settings* settings);
int memcached_request(kv::Request* request);
int memcached_closed(std::uint64_t connection);

void tn_copy(void* to, const void* from, std::uint64_t bytes) { std::memcpy(to, from, bytes); }
void tn_move(void* to, const void* from, std::uint64_t bytes) { std::memmove(to, from, bytes); }
void tn_fill(void* to, std::uint32_t value, std::uint64_t bytes) { std::memset(to, static_cast<int>(value), bytes); }
std::int32_t tn_compare(const void* a, const void* b, std::uint64_t bytes) { return std::memcmp(a, b, bytes); }
std::uint64_t tn_find(const void* in, std::uint32_t value, std::uint64_t bytes) {
  const void* at = std::memchr(in, static_cast<int>(value), bytes);
  return at ? static_cast<std::uint64_t>(static_cast<const char*>(at) - static_cast<const char*>(in)) : bytes;
}
std::uint64_t tn_grow(std::uint64_t bytes);
std::uint32_t tn_read_lock(std::uint64_t lock);
void tn_read_unlock(std::uint64_t lock);
std::uint32_t tn_write_lock(std::uint64_t lock);
void tn_write_unlock(std::uint64_t lock);
std::uint64_t kv_fact(std::uint32_t which) { return kv::fact(which); }
}

namespace {

constexpr std::uint64_t kReservedBytes = 64ull << 30;

constexpr std::uint64_t kWriting = ~0ull;
constexpr int kSpins = 100;  ///< before the processor goes to somebody else

/// Tries again and again.
template <class Try>
void wait_until(Try try_once) {
  for (int turn = 1; !try_once(); ++turn) {
    if (turn % kSpins == 0) {
      ::sched_yield();
    } else {
      __builtin_ia32_pause();
    }
  }
}

struct NativeHeap {
  char* base = nullptr;
  std::uint64_t granted = 0, limit = 0;
};
NativeHeap heap;  // tn_grow has no other way to find it

class NativeService : public kv::Service {
 public:
  bool start(kv::Settings& settings) override { return memcached_start(&settings) == 0; }
  std::int32_t request(kv::Request& request) override { return memcached_request(&request); }
  bool closed(std::uint64_t connection) override { return memcached_closed(connection) == 0; }
};

}  // namespace

// The first word of a lock: how many read, or kWriting. Nobody stops native code, so no lock is ever abandoned: the answer is always 0.
std::uint32_t tn_read_lock(std::uint64_t lock) {
  const std::atomic_ref word(*reinterpret_cast<std::uint64_t*>(lock));
  wait_until([&] {
    std::uint64_t readers = word.load(std::memory_order_relaxed);
    return readers != kWriting && word.compare_exchange_weak(readers, readers + 1, std::memory_order_acquire);
  });
  return 0;
}
void tn_read_unlock(std::uint64_t lock) { std::atomic_ref(*reinterpret_cast<std::uint64_t*>(lock)).fetch_sub(1, std::memory_order_release); }
std::uint32_t tn_write_lock(std::uint64_t lock) {
  const std::atomic_ref word(*reinterpret_cast<std::uint64_t*>(lock));
  wait_until([&] {
    std::uint64_t nobody = 0;
    return word.load(std::memory_order_relaxed) == 0 && word.compare_exchange_weak(nobody, kWriting, std::memory_order_acquire);
  });
  return 0;
}
void tn_write_unlock(std::uint64_t lock) { std::atomic_ref(*reinterpret_cast<std::uint64_t*>(lock)).store(0, std::memory_order_release); }

/// One at a time: memcached calls it before there are workers, or under its lock.
std::uint64_t tn_grow(std::uint64_t bytes) {
  const std::uint64_t rounded = (bytes + 4095) / 4096 * 4096;
  if (heap.base == nullptr || rounded < bytes || rounded > heap.limit - heap.granted) return 0;
  char* at = heap.base + heap.granted;
  heap.granted += rounded;
  return reinterpret_cast<std::uint64_t>(at);
}

namespace kv {

const bool kServiceIsExtension = false;

tenon::Result<std::unique_ptr<Service>> make_service(const TenantOptions& options) {
  void* at = ::mmap(nullptr, kReservedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return refuse_errno("cannot reserve memory");
  heap = {static_cast<char*>(at), 0, options.heap_limit_bytes ? options.heap_limit_bytes : options.memory_bytes + options.memory_bytes / 4 + (64ull << 20)};
  return std::make_unique<NativeService>();
}

}  // namespace kv
