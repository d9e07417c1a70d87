// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <tuple>
#include <utility>

#include "engine/executable.hpp"

namespace tenon::engine {

class Native final : public Executable {
 public:
  Native(instrument::Guarded guarded, std::shared_ptr<runtime::Installed> installed, std::uint32_t guards_in_code)
      : Executable(std::move(guarded), installed->serial()), installed_(std::move(installed)), guards_in_code_(guards_in_code) {}

  Outcome run(const std::array<std::uint64_t, 5>& arguments) const noexcept override {
    return std::apply([&](auto... r) { return installed_->run(r...); }, arguments);
  }
  runtime::RecordCounts record_counts() const override { return installed_->record_counts(); }
  std::uint32_t guards_in_code() const override { return guards_in_code_; }

 private:
  std::shared_ptr<runtime::Installed> installed_;
  std::uint32_t guards_in_code_;
};

}  // namespace tenon::engine
