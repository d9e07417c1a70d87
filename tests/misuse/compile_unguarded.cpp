// SPDX-License-Identifier: Apache-2.0
// A proof without guards cannot be compiled.
// ERROR: invalid initialization of reference
#include "codegen/codegen.hpp"

tenon::Result<tenon::abi::CodeImage> compile(const tenon::verify::Proof& proof, const tenon::instrument::Guarded& guarded) {
#ifdef MISUSE
  return tenon::codegen::compile(proof, {});
#else
  return tenon::codegen::compile(guarded, {});
#endif
}
