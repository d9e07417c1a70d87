// SPDX-License-Identifier: Apache-2.0
// Nor can the interpreter run one.
// ERROR: invalid initialization of reference
#include "interp/interp.hpp"

tenon::interp::Run interpret(const tenon::ir::Program& program, const tenon::instrument::Guarded& guarded, const tenon::interp::Environment& environment) {
#ifdef MISUSE
  return tenon::interp::run(program, {}, environment);
#else
  return tenon::interp::run(guarded, {}, environment);
#endif
}
