// SPDX-License-Identifier: Apache-2.0
// Only verify::prove makes a Proof.
// ERROR: is private
#include "verify/proof.hpp"

tenon::Result<tenon::verify::Proof> proof_of(tenon::ir::Program program, std::shared_ptr<const tenon::interface::Declarations> declarations) {
#ifdef MISUSE
  return tenon::verify::Proof();
#else
  return tenon::verify::prove(std::move(program), declarations);
#endif
}
