// SPDX-License-Identifier: Apache-2.0
// Another process with an extension's heap: what the attacks on sharing start. The descriptor is inherited; 'y' on standard output says that it is
// ready.
//   second_process FD lock ADDRESS      takes the lock, and waits to be killed
//   second_process FD count ADDRESS N   adds 1 to the word behind the lock, N times, without an atomic instruction
//   second_process FD scribble          writes noise over everything that was granted, and says that more was
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <tenon/heap_lock.hpp>
#include <tenon/shared_heap.hpp>

namespace {

using namespace std::chrono_literals;

void say(char answer) {
  if (::write(STDOUT_FILENO, &answer, 1) != 1) std::abort();
}

int count(const tenon::SharedHeap& heap, std::uint64_t lock, std::uint64_t n) {
  const auto counter = heap.pointer<std::uint64_t>(lock + 8);
  for (std::uint64_t i = 0; i < n; ++i) {
    const auto taken = tenon::HeapLock::try_lock_for(heap, lock, 30s);
    if (!taken) return 1;
    const auto value = counter.load();
    if (!value || !counter.store(*value + 1)) return 1;
  }
  return 0;
}

int scribble(const tenon::SharedHeap& heap, int fd) {
  const std::uint64_t begin = 64 << 10, bytes = heap.granted_bytes();
  std::uint64_t random = 42;
  std::array<std::uint64_t, 512> page{};
  for (int round = 0; round < 20; ++round) {
    for (std::uint64_t at = 0; at < bytes; at += sizeof page) {
      for (std::uint64_t& word : page) word = random = random * 6364136223846793005u + 1442695040888963407u;
      if (!heap.pointer<std::uint64_t>(begin + at).copy_in(page)) return 1;
    }
  }
  // The page that no extension reaches, but who has the descriptor.
  void* const first = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (first == MAP_FAILED) return 1;
  for (int i = 1; i < 512; ++i) static_cast<std::uint64_t*>(first)[i] = ~0ull;
  if (::ftruncate(fd, 0) == 0 || ::ftruncate(fd, 1 << 20) == 0) return 2;  // sealed
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  const int fd = std::atoi(argv[1]);
  const std::string_view what = argv[2];
  const auto heap = tenon::SharedHeap::attach(fd);
  if (!heap) {
    std::fputs(tenon::to_text(heap.error()).c_str(), stderr);
    say('n');
    return 1;
  }
  const std::uint64_t address = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0;
  if (what == "lock") {
    const auto taken = tenon::HeapLock::try_lock_for(*heap, address, 10s);
    say(taken ? 'y' : 'n');
    for (;;) ::pause();
  }
  say('y');
  if (what == "count") return count(*heap, address, std::strtoull(argv[4], nullptr, 10));
  return what == "scribble" ? scribble(*heap, fd) : 64;
}
