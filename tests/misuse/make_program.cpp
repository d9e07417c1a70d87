// SPDX-License-Identifier: Apache-2.0
// Only link() makes a Program.
// ERROR: is private
#include "ir/program.hpp"

tenon::Result<tenon::ir::Program> program_of(tenon::ir::Parts parts) {
#ifdef MISUSE
  return tenon::ir::Program();
#else
  return tenon::ir::link(std::move(parts));
#endif
}
