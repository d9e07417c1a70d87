// SPDX-License-Identifier: Apache-2.0
// A C++ function for which no line stands.
// ERROR: no line of the interface declares it
#include <tenon/host_interface.hpp>

using Lines = tenon::HostInterface<"fn take(n: u64); hook h(n: u64) -> u64 default 0;">;

inline void take(std::uint64_t) {}

void bind(Lines& lines) {
#ifdef MISUSE
  lines.bind<"takes", &take>();
#else
  lines.bind<"take", &take>();
#endif
}
