// SPDX-License-Identifier: Apache-2.0
// Host functions take and give what fits a register.
// ERROR: host functions take and give integers, bool, enums and pointers
#include <string>

#include <tenon/interface.hpp>

inline void number(std::uint64_t) {}
inline void text(std::string) {}

tenon::Result<void> bind(tenon::Interface& interface) {
#ifdef MISUSE
  return interface.bind<&text>("text");
#else
  return interface.bind<&number>("number");
#endif
}
