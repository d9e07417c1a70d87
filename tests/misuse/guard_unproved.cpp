// SPDX-License-Identifier: Apache-2.0
// A program that nobody proved cannot be guarded.
// ERROR: could not convert
#include "instrument/guarded.hpp"

tenon::instrument::Guarded guard(tenon::ir::Program program, tenon::verify::Proof proof) {
#ifdef MISUSE
  return tenon::instrument::insert_guards(std::move(program));
#else
  return tenon::instrument::insert_guards(std::move(proof));
#endif
}
