// SPDX-License-Identifier: Apache-2.0
// LoadOptions::check_records: the record, kept by the thunks, against the object tables, found by the verifier (soundness.md, rule 18). Only host calls
// change what is held, so what holds at any instruction is what holds after the last one.
#include <algorithm>

#include "base/bug.hpp"
#include "runtime/installed_state.hpp"

namespace tenon::runtime {

void Installed::State::add_tables(const interface::Declarations& declarations, const std::map<std::uint32_t, std::vector<HeldTable>>& tables) {
  const auto drop_of = [&](const HeldTable::Item& item) -> const Drop* {
    switch (item.kind) {
      case HeldTable::Item::Kind::object: {
        const interface::ObjectTypeIdx type(item.index);
        return declarations.at(type).builtin ? nullptr : &calls->drop_of(type);  // the built-in counter is in no record
      }
      case HeldTable::Item::Kind::lock:
        return &calls->lock_of(interface::ObjectTypeIdx(item.index), item.field);
      case HeldTable::Item::Kind::mode:
        return &calls->mode_of(interface::ModeIdx(item.index));
    }
    return nullptr;
  };
  for (const auto& [instruction, some] : tables) {
    for (const HeldTable& table : some) {
      ExpectedRecord& made = expected[instruction].emplace_back(ExpectedRecord{table.after, table.complete, {}});
      for (const HeldTable::Item& item : table.items) {
        const Drop* const drop = drop_of(item);
        if (drop == nullptr) continue;
        auto count = std::ranges::find(made.counts, drop, &ExpectedRecord::Count::drop);
        if (count == made.counts.end()) count = made.counts.insert(count, {drop, 0, 0});
        count->least += item.maybe ? 0 : 1;
        ++count->most;
      }
    }
  }
}

void Installed::State::check_record(const Level& level) const noexcept {
  if (expected.empty() || level.site == nullptr) return;
  const auto tables = expected.find(level.site->instruction);
  if (tables == expected.end()) return;  // the site of a check, not of a call
  const auto held = [&](const Drop* drop) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < level.held.size(); ++i) n += level.held.at(i).drop == drop ? 1 : 0;
    return n;
  };
  const auto is_expected = [&](const ExpectedRecord& record) {
    if (!record.after && level.ending != Ending::in_call) return false;  // that call has returned
    const auto in_bounds = [&](const ExpectedRecord::Count& count) {
      const std::size_t n = held(count.drop);
      return n >= count.least && (!record.complete || n <= count.most);
    };
    if (!std::ranges::all_of(record.counts, in_bounds)) return false;
    if (!record.complete) return true;
    for (std::size_t i = 0; i < level.held.size(); ++i) {
      const Drop* const drop = level.held.at(i).drop;
      const bool is_given_back = drop != nullptr && (drop->kind == Drop::Kind::object || drop->kind == Drop::Kind::lock || drop->kind == Drop::Kind::mode);
      if (is_given_back && std::ranges::find(record.counts, drop, &ExpectedRecord::Count::drop) == record.counts.end()) return false;
    }
    return true;
  };
  base::ensure(std::ranges::any_of(tables->second, is_expected), "the record differs from what the verifier said may be held here");
}

}  // namespace tenon::runtime
