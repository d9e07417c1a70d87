// SPDX-License-Identifier: Apache-2.0
// Only insert_guards makes a Guarded.
// ERROR: is private
#include "instrument/guarded.hpp"

tenon::instrument::Guarded guarded_of(tenon::verify::Proof proof) {
#ifdef MISUSE
  return tenon::instrument::Guarded();
#else
  return tenon::instrument::insert_guards(std::move(proof));
#endif
}
