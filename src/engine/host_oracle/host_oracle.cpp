// SPDX-License-Identifier: Apache-2.0
// Hook entry and exit, callbacks, and what holds at any instruction.
#include "engine/host_oracle/host_oracle.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/bug.hpp"

namespace tenon::engine {

using interface::ObjectRef;

void HostOracle::broken(const std::string& what) {
  const bool in_call = !calls_.empty();
  const std::string& line = in_call ? now().function->text : hook_->text;
  violations_.push_back(fmt::format("{}:{}: the extension {}: {}", declarations_.file, in_call ? now().function->line : hook_->line, what, line));
}

void HostOracle::enter(const interface::Hook& hook, const Registers& arguments) {
  enter_alone(hook);
  for (const interface::ModeRef& mode : hook.in_modes) lifetimes_.enter_mode(mode.mode);
  for (std::size_t i = 0; i < hook.parameters.size(); ++i) {
    const auto* object = std::get_if<ObjectRef>(&hook.parameters[i].type);
    if (object == nullptr) {
      lend(hook.parameters[i].type, arguments[i], arguments, {});
      continue;
    }
    if (arguments[i] == 0) continue;
    const auto known = lifetimes_.find(arguments[i], object->type);
    const ObjectId id = known ? *known : lifetimes_.add(arguments[i], object->type);
    Object& made = lifetimes_.object(id);
    ++(object->mode == ObjectRef::Mode::own ? made.owned : made.lent_by_hook);
    if (object->mode == ObjectRef::Mode::own) hold({.object = id});
    const interface::ObjectType& type = declarations_.at(object->type);
    if (!type.states.empty()) made.state = object->state.value_or(interface::StateIdx(0));
    if (type.view && !known) memory_.add_struct(*type.view, arguments[i], {Anchor{Anchor::Kind::object, id, 0}});
  }
  for (std::size_t i = 0; i < hook.parameters.size(); ++i) {  // links between arguments, in either order
    const auto* object = std::get_if<ObjectRef>(&hook.parameters[i].type);
    if (object == nullptr || object->of.empty() || arguments[i] == 0) continue;
    for (std::size_t j = 0; j < hook.parameters.size(); ++j) {
      const auto* owner = std::get_if<ObjectRef>(&hook.parameters[j].type);
      if (owner == nullptr || owner->instance != object->of || arguments[j] == 0) continue;
      lifetimes_.object(*lifetimes_.find(arguments[i], object->type)).of = lifetimes_.find(arguments[j], owner->type);
    }
  }
}

void HostOracle::enter_alone(const interface::Hook& hook) {
  lifetimes_.clear();
  memory_.clear();
  locks_.clear();
  calls_.clear();
  holds_.clear();
  callbacks_.clear();
  violations_.clear();
  hook_ = &hook;
}

void HostOracle::hold(Hold what) {
  what.serial = ++last_hold_;
  holds_.push_back(what);
}

HostOracle::Hold HostOracle::let_go(const Hold& what) {
  const auto newest = std::find_if(holds_.rbegin(), holds_.rend(), [&](const Hold& one) { return one.same(what); });
  if (newest == holds_.rend()) return what;  // reported by whoever let it go
  const Hold gone = *newest;
  holds_.erase(std::next(newest).base());
  return gone;
}

void HostOracle::give_back(const Hold& what) {
  switch (what.kind) {
    case Hold::Kind::reference:
      --lifetimes_.object(what.object).owned;
      break;
    case Hold::Kind::lock:
      static_cast<void>(locks_.release({what.object, what.field}));
      break;
    case Hold::Kind::mode:
      lifetimes_.leave_mode(what.mode);
      break;
  }
}

void HostOracle::caught(std::size_t depth) {
  calls_.resize(depth);
  while (callbacks_.size() > now().callbacks) {
    callbacks_.pop_back();
    lifetimes_.leave_callback();
  }
  while (!holds_.empty() && holds_.back().serial > now().began) {
    give_back(holds_.back());
    holds_.pop_back();
  }
}

/// `when`: "ends".
void HostOracle::check_nothing_held(std::string_view when, const std::vector<interface::ModeRef>& given_modes) {
  for (const Object& object : lifetimes_.objects()) {
    if (object.owned > 0) broken(fmt::format("{} while it holds {} '{}'", when, object.owned, declarations_.at(object.type).name));
  }
  for (const HeldLock& lock : locks_.held()) broken(fmt::format("{} while it holds {}", when, locks_.name(lock)));
  for (interface::ModeIdx mode(0); mode.index() < declarations_.modes.size(); ++mode.value) {
    const auto given = std::count_if(given_modes.begin(), given_modes.end(), [&](const auto& ref) { return ref.mode == mode; });
    if (lifetimes_.depth_of(mode) != given) broken(fmt::format("{} in mode {}", when, declarations_.at(mode).name));
  }
}

void HostOracle::leave(std::uint64_t r0) {
  base::ensure(calls_.empty(), "an invocation ended inside a host call");
  check_nothing_held("ends", hook_->in_modes);
  const auto* result = std::get_if<interface::Scalar>(&hook_->result);
  if (result == nullptr) return;
  if (!in_range(*result, r0)) broken(fmt::format("returns {}, which is outside the range", static_cast<std::int64_t>(r0)));
  if (result->bits == 64 && is_secret(r0, &interface::Escapes::result)) broken("returns a host address");
}

void HostOracle::enter_later(const interface::Hook& hook, const interface::Callback& callback, const Registers& arguments) {
  enter_alone(hook);
  enter_callback(callback, arguments);
}

void HostOracle::leave_later(const interface::Callback& callback, std::uint64_t r0) {
  base::ensure(calls_.empty(), "an invocation ended inside a host call");
  leave_callback(callback, r0);
  check_nothing_held("ends", {});
}

void HostOracle::lend(const interface::Type& type, std::uint64_t value, const Registers& arguments, const Loan& loan) {
  const auto* mem = std::get_if<interface::Mem>(&type);
  if (mem == nullptr || !mem->count_parameter) return memory_.add_pointee(type, value, loan);
  if (value == 0) return;
  const std::uint64_t count = arguments[*mem->count_parameter] * mem->count_factor + mem->count_addend;
  memory_.add({value, count * mem->element_bytes, mem->access, loan, {}, false, {}, {}});
}

void HostOracle::enter_callback(const interface::Callback& callback, const Registers& arguments) {
  callbacks_.push_back(lifetimes_.enter_callback());
  for (std::size_t i = 0; i < callback.parameters.size(); ++i) {
    const interface::Type& type = callback.parameters[i];
    const auto* object = std::get_if<ObjectRef>(&type);
    const bool known = object != nullptr && lifetimes_.find(arguments[i], object->type);
    lend(type, arguments[i], arguments, {callbacks_.back()});
    if (object == nullptr || known || arguments[i] == 0) continue;
    const ObjectId id = *lifetimes_.find(arguments[i], object->type);
    const interface::ObjectType& declared = declarations_.at(object->type);
    if (!declared.states.empty()) lifetimes_.object(id).state = object->state.value_or(interface::StateIdx(0));
  }
}

void HostOracle::leave_callback(const interface::Callback& callback, std::uint64_t r0) {
  callbacks_.pop_back();
  lifetimes_.leave_callback();
  if (const auto* result = std::get_if<interface::Scalar>(&callback.result); result != nullptr && !in_range(*result, r0)) {
    broken(fmt::format("returns {} from its callback, which is outside the range", static_cast<std::int64_t>(r0)));
  }
  if (const std::string wrong = locks_.lost(); !wrong.empty()) broken(wrong);
}

bool HostOracle::is_secret(std::uint64_t value, bool interface::Escapes::* allowed) const {
  if (hook_->may_escape.*allowed) return false;
  for (const Object& object : lifetimes_.objects()) {
    if (object.address == value) return !(object.escapes.*allowed);
  }
  const HostPiece* const piece = memory_.pointed_to_by(value);
  return piece != nullptr && !(piece->escapes.*allowed);
}

void HostOracle::touched(bool is_private_stack, std::uint64_t address, std::uint64_t bytes, const std::optional<std::uint64_t>& stored) {
  if (is_private_stack) stack_touched(address, bytes, stored.has_value());
  if (stored) before_store(address, bytes, *stored, is_private_stack);
}

void HostOracle::before_store(std::uint64_t address, std::uint64_t bytes, std::uint64_t value, bool is_private_stack) {
  if (!is_private_stack && bytes == 8 && is_secret(value, &interface::Escapes::heap))
    broken(fmt::format("stores the host address {:#x} where others can read it", value));
  if (const HostPiece* const field = memory_.spoilt_by(address, bytes, value)) {
    broken(fmt::format("stores {:#x} over a field at {:#x} that has a range", value, field->address));
  }
}

bool HostOracle::end_plain(ObjectId id) {
  if (declarations_.at(lifetimes_.object(id).type).kind != interface::ObjectType::Kind::plain) return false;
  lifetimes_.object(id).loans.clear();
  return true;
}

void HostOracle::stack_touched(std::uint64_t address, std::uint64_t bytes, bool is_store) {
  for (std::size_t i = 0; i < lifetimes_.objects().size(); ++i) {
    const Object& object = lifetimes_.objects()[i];
    const std::uint64_t size = declarations_.at(object.type).stack_bytes;
    if (size == 0 || address >= object.address + size || address + bytes <= object.address || !lifetimes_.valid(static_cast<ObjectId>(i))) continue;
    if (!is_store || !end_plain(static_cast<ObjectId>(i))) broken("touches the bytes of a '" + declarations_.at(object.type).name + "' that lives in its stack");
  }
}

void HostOracle::frame_ended(std::uint64_t begin, std::uint64_t end) {
  for (std::size_t i = 0; i < lifetimes_.objects().size(); ++i) {
    const Object& object = lifetimes_.objects()[i];
    const std::uint64_t size = declarations_.at(object.type).stack_bytes;
    if (size == 0 || object.address < begin || object.address >= end || !lifetimes_.valid(static_cast<ObjectId>(i))) continue;
    if (!end_plain(static_cast<ObjectId>(i))) broken("leaves the function in whose stack a '" + declarations_.at(object.type).name + "' lives");
  }
}

std::vector<std::uint32_t> HostOracle::held_by_type() const {
  std::vector<std::uint32_t> held(declarations_.object_types.size());
  for (const Object& object : lifetimes_.objects()) held[object.type.index()] += object.owned;
  return held;
}

}  // namespace tenon::engine
