// SPDX-License-Identifier: Apache-2.0
// The extensions that are tortured: some written by hand for what they hold, and any number that are generated.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tenon::torture {

struct Source {
  std::string name, text;  ///< C, after the interface's header
  std::string hook = "t";
};

const std::vector<Source>& written();
/// The same program for the same seed: blocks that acquire, loop, call, catch, throw and give back, nested at random.
Source generated(std::uint64_t seed);

}  // namespace tenon::torture
