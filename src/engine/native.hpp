// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "engine/executable.hpp"

namespace tenon::engine {

class Native final : public Executable {
 public:
  Native(instrument::Guarded guarded, std::shared_ptr<runtime::Installed> installed)
      : Executable(std::move(guarded)), installed_(std::move(installed)) {}

  Outcome run(const std::array<std::uint64_t, 5>& arguments) const noexcept override { return installed_->run(arguments); }
  runtime::RecordCounts record_counts() const override { return installed_->record_counts(); }

 private:
  std::shared_ptr<runtime::Installed> installed_;
};

}  // namespace tenon::engine
