// SPDX-License-Identifier: Apache-2.0
// What the handles of <tenon/engine.hpp> share.
#pragma once

#include <memory>
#include <vector>

#include <tenon/engine.hpp>

#include "engine/executable.hpp"
#include "runtime/control.hpp"
#include "runtime/runtime.hpp"

namespace tenon {

struct ProgramState {
  std::shared_ptr<const engine::Executable> executable;
};

struct ExtensionState {
  std::shared_ptr<runtime::Control> control;  ///< shared by the programs
  std::shared_ptr<runtime::Heap> heap;
  std::vector<std::shared_ptr<ProgramState>> programs;
};

}  // namespace tenon
