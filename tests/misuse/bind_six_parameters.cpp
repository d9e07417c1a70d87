// SPDX-License-Identifier: Apache-2.0
// BPF passes five arguments.
// ERROR: BPF passes at most five arguments
#include <tenon/interface.hpp>

inline void five(int, int, int, int, int) {}
inline void six(int, int, int, int, int, int) {}

tenon::Result<void> bind(tenon::Interface& interface) {
#ifdef MISUSE
  return interface.bind<&six>("six");
#else
  return interface.bind<&five>("five");
#endif
}
