// SPDX-License-Identifier: Apache-2.0
// Two versions of an interface: do extensions that were verified against the old one hold under the new one?
#pragma once

#include <string>
#include <vector>

#include "interface/declarations.hpp"

namespace tenon::interface {

/// One line that differs.
struct Change {
  bool holds = false;    ///< whatever was verified against the old line holds under the new one
  std::string what;      ///< "fn send", "struct packet"
  std::string old_line;  ///< canonical, without ';'; empty: the line is new
  std::string new_line;  ///< empty: the line is gone
  std::string reason;
};

/// In the order of the new declarations, what is gone last. An extension may take more and ask for less: an argument's range may grow, a result's
/// may shrink. Whatever is not known to be of that kind does not hold. Thread-safe.
std::vector<Change> compare(const Declarations& old_ones, const Declarations& new_ones);

}  // namespace tenon::interface
