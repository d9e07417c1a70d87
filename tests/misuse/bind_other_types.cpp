// SPDX-License-Identifier: Apache-2.0
// A C++ function that takes something else than its line says.
// ERROR: the C++ function has other types than its line
#include <tenon/host_interface.hpp>

using Lines = tenon::HostInterface<"fn take(p: mem(u8|n) r, n: u64); hook h(n: u64) -> u64 default 0;">;

inline void take(const std::uint8_t*, std::uint64_t) {}
inline void scribble(std::uint8_t*, std::uint64_t) {}

void bind(Lines& lines) {
#ifdef MISUSE
  lines.bind<"take", &scribble>();
#else
  lines.bind<"take", &take>();
#endif
}
