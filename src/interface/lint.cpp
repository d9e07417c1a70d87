// SPDX-License-Identifier: Apache-2.0
// Each rule looks at all lines, because what is missing stands nowhere. The built-in functions are no part of what is looked at.
#include "interface/lint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace tenon::interface {

namespace {

using Passing = ObjectRef::Mode;

/// A function or a hook, as the rules see it.
struct Line {
  const std::vector<Parameter>& parameters;
  const Type& result;
  const Clauses& clauses;
  const std::string& name;
  std::uint32_t line;
  std::optional<FunctionIdx> function;  ///< none: a hook
};

class Linter {
 public:
  explicit Linter(const Declarations& declarations) : declarations_(declarations) {
    for (std::size_t f = 0; f < declarations.functions.size(); ++f) {
      const Function& function = declarations.functions[f];
      if (!function.builtin) lines_.push_back({function.parameters, function.result, function, function.name, function.line, FunctionIdx(f)});
    }
    for (const Hook& hook : declarations.hooks) lines_.push_back({hook.parameters, hook.result, hook, hook.name, hook.line, std::nullopt});
    collect_uses();
  }

  Diagnostics run() {
    for (std::size_t s = 0; s < declarations_.structs.size(); ++s) unused_struct(StructIdx(s));
    for (std::size_t t = 0; t < declarations_.object_types.size(); ++t) {
      if (!declarations_.object_types[t].builtin) object_type(ObjectTypeIdx(t));
    }
    for (std::size_t m = 0; m < declarations_.modes.size(); ++m) mode(ModeIdx(m));
    for (const Line& line : lines_) {
      result_without_owner(line);
      lonely_names(line);
      for (const Conditional& on : line.clauses.on) impossible(line, on);
    }
    return std::move(found_);
  }

 private:
  void say(std::string code, std::string message, std::string help, std::uint32_t line = 0) {
    Diagnostic diagnostic;
    diagnostic.code = std::move(code);
    diagnostic.message = std::move(message);
    diagnostic.help = std::move(help);
    diagnostic.where = {declarations_.file, line, 0, {}};
    found_.push_back(std::move(diagnostic));
  }

  // ---- what stands where ----
  void use(const Type& type) {
    if (const auto* reference = std::get_if<StructRef>(&type)) structs_.insert(declarations_.at(reference->type).name);
    if (const auto* object = std::get_if<ObjectRef>(&type)) {
      types_.insert(object->type.index());
      if (object->memory) structs_.insert(object->memory->element);
    }
    if (const auto* mem = std::get_if<Mem>(&type)) structs_.insert(mem->element);
    if (const auto* map = std::get_if<MapRef>(&type)) structs_.insert({map->key, map->value});
    if (const auto* called = std::get_if<CallbackRef>(&type)) {
      for (const Type& parameter : declarations_.at(called->type).parameters) {
        use(parameter);
        hand_out(parameter);  // the host lends it
      }
    }
  }

  /// The extension gets one of these.
  void hand_out(const Type& type) {
    if (const auto* object = std::get_if<ObjectRef>(&type)) {
      handed_out_.insert(object->type.index());
      if (object->mode == Passing::own || object->mode == Passing::create) owned_.insert(object->type.index());
      begin_in(*object);
    }
  }

  void begin_in(const ObjectRef& object) {
    const ObjectType& type = declarations_.at(object.type);
    if (type.states.empty()) return;
    reached_[object.type.index()].insert(object.state.value_or(StateIdx(0)));
  }

  void collect_uses() {
    for (const Line& line : lines_) {
      for (const Parameter& parameter : line.parameters) {
        use(parameter.type);
        const auto* object = std::get_if<ObjectRef>(&parameter.type);
        const bool given = !line.function || (object != nullptr && object->mode == Passing::create);
        if (given) hand_out(parameter.type);
      }
      use(line.result);
      hand_out(line.result);
      for (const LockRef& lock : line.clauses.requires_locks) locks_required_.insert({lock.type.index(), lock.field});
      for (const LockRef& lock : line.clauses.acquires_locks) locks_acquired_.insert({lock.type.index(), lock.field});
      for (const LockRef& lock : line.clauses.releases_locks) locks_released_.insert({lock.type.index(), lock.field});
      for (const ModeRef& one : line.clauses.enters) entered_.insert(one.mode.index());
      for (const ModeRef& one : line.clauses.exits) left_.insert(one.mode.index());
      for (const ModeRef& one : line.clauses.in_modes) asked_.insert(one.mode.index());
      for (const ModeRef& one : line.clauses.not_in_modes) asked_.insert(one.mode.index());
      for (const Conditional& on : line.clauses.on) collect_effect(on);
    }
    for (const Mode& one : declarations_.modes) {
      for (const ModeIdx other : one.excludes) asked_.insert(other.index());
    }
    for (const Struct& one : declarations_.structs) {
      for (const Field& field : one.fields) {
        if (!field.pointer) continue;
        use(*field.pointer);
        hand_out(*field.pointer);
      }
    }
    for (const ObjectType& one : declarations_.object_types) {
      if (one.view) structs_.insert(declarations_.at(*one.view).name);
    }
    for (const Iterator& one : declarations_.iterators) {
      structs_.insert(one.element);
      if (const auto element = declarations_.find_object_type(one.element)) types_.insert(element->index());
    }
    for (const StateVariable& variable : declarations_.state_variables) {
      for (const Type& index : variable.indices) use(index);
      use(variable.type);
    }
    step_states();
  }

  void collect_effect(const Conditional& on) {
    switch (on.effect) {
      case Conditional::Effect::acquires:
        locks_acquired_.insert({on.lock.type.index(), on.lock.field});
        break;
      case Conditional::Effect::releases:
        locks_released_.insert({on.lock.type.index(), on.lock.field});
        break;
      case Conditional::Effect::enters:
        entered_.insert(on.mode.mode.index());
        break;
      case Conditional::Effect::exits:
        left_.insert(on.mode.mode.index());
        break;
      case Conditional::Effect::state:
      case Conditional::Effect::keeps:
      case Conditional::Effect::consumes:
        break;
    }
  }

  /// Steps `@S => S2` and `on .. : x@S` from states that are reached, until nothing is new.
  void step_states() {
    for (bool more = true; more;) {
      more = false;
      const auto reach = [&](const ObjectRef& from, StateIdx to) {
        auto& reached = reached_[from.type.index()];
        const bool from_here = from.state ? reached.contains(*from.state) : !reached.empty();
        if (from_here) more |= reached.insert(to).second;
      };
      for (const Line& line : lines_) {
        for (const Parameter& parameter : line.parameters) {
          const auto* object = std::get_if<ObjectRef>(&parameter.type);
          if (object != nullptr && object->next_state) reach(*object, *object->next_state);
        }
        for (const Conditional& on : line.clauses.on) {
          if (on.effect == Conditional::Effect::state) reach(std::get<ObjectRef>(line.parameters[on.object].type), on.state);
        }
      }
    }
  }

  // ---- rules about types and modes ----
  void unused_struct(StructIdx index) {
    const std::string& name = declarations_.at(index).name;
    if (!structs_.contains(name)) say("E0527", fmt::format("struct '{}' is used by no line", name), "remove it, or write the line that needs it");
  }

  void object_type(ObjectTypeIdx index) {
    const ObjectType& type = declarations_.at(index);
    if (!types_.contains(index.index())) {
      return say("E0527", fmt::format("type '{}' is used by no line", type.name), "remove it, or write the line that hands one out");
    }
    const bool owned = type.kind == ObjectType::Kind::linear || type.kind == ObjectType::Kind::counted;
    if (!handed_out_.contains(index.index())) {
      say("E0520", fmt::format("nothing hands out a '{}', so no extension can call what takes one", type.name),
          fmt::format("write a function or hook that gives one: {} {}<'x>", owned ? "own" : "&", type.name));
    } else if (owned && !owned_.contains(index.index())) {
      say("E0520", fmt::format("'{}' is owned, with a drop function, but is only ever lent", type.name),
          fmt::format("hand it out with own {}<'x>, or make the type plain", type.name));
    }
    for (std::size_t s = 0; s < type.states.size(); ++s) {
      if (!handed_out_.contains(index.index()) || reached_[index.index()].contains(StateIdx(s))) continue;
      say("E0525", fmt::format("no step leads to state {} of '{}'", type.states[s], type.name),
          fmt::format("write the function that takes one there: &{}<'x @{} => {}>", type.name, type.states[0], type.states[s]));
    }
    for (std::uint32_t field = 0; field < type.locks.size(); ++field) lock(index, type, field);
  }

  void lock(ObjectTypeIdx index, const ObjectType& type, std::uint32_t field) {
    const LockField& lock = type.locks[field];
    const std::pair key{index.index(), field};
    const std::string name = type.name + "." + lock.name;
    const bool acquired = locks_acquired_.contains(key), released = locks_released_.contains(key);
    if (!acquired) {
      const bool wanted = released || locks_required_.contains(key);
      return say("E0521", fmt::format("nothing acquires the lock '{}'{}", name, wanted ? ", which other lines need" : ""),
                 fmt::format("write a function that acquires lock('x.{})", lock.name));
    }
    if (!released) {
      return say("E0521", fmt::format("nothing releases the lock '{}'", name), fmt::format("write a function that releases lock('x.{})", lock.name));
    }
    if (!lock.unlock) {
      say("E0523", fmt::format("the runtime cannot release the lock '{}' of a cancelled extension", name),
          fmt::format("write a function that takes nothing but the object: fn f(x: &{}<'x>) releases lock('x.{})", type.name, lock.name));
    }
  }

  void mode(ModeIdx index) {
    const Mode& mode = declarations_.at(index);
    const bool entered = entered_.contains(index.index()), left = left_.contains(index.index());
    if (!entered && !left && !asked_.contains(index.index())) {
      return say("E0527", fmt::format("mode '{}' is used by no line", mode.name), "remove it, or write the function that enters it");
    }
    if (!entered) {
      return say("E0522", fmt::format("nothing enters mode '{}'", mode.name), fmt::format("write a function that enters {}", mode.name));
    }
    if (!left) return say("E0522", fmt::format("nothing exits mode '{}'", mode.name), fmt::format("write a function that exits {}", mode.name));
    if (!mode.leave && !unlocking_leaves(index)) {
      say("E0523", fmt::format("the runtime cannot leave mode '{}' for a cancelled extension", mode.name),
          fmt::format("write a function without parameters that exits {}", mode.name));
    }
  }

  /// Every function that enters it takes a lock, and that lock's own release exits it.
  bool unlocking_leaves(ModeIdx index) const {
    const auto enters = [&](const ModeRef& mode) { return mode.mode == index; };
    const auto leaves_with = [&](const LockRef& lock) {
      const auto& unlock = declarations_.at(lock.type).locks[lock.field].unlock;
      return unlock && std::ranges::any_of(declarations_.at(*unlock).exits, enters);
    };
    const auto on_enters = [&](const Conditional& on) { return on.effect == Conditional::Effect::enters && enters(on.mode); };
    const auto on_locks = [&](const Conditional& on) { return on.effect == Conditional::Effect::acquires && leaves_with(on.lock); };
    return std::ranges::all_of(lines_, [&](const Line& line) {
      const bool may_enter = std::ranges::any_of(line.clauses.enters, enters) || std::ranges::any_of(line.clauses.on, on_enters);
      return !may_enter || std::ranges::any_of(line.clauses.acquires_locks, leaves_with) || std::ranges::any_of(line.clauses.on, on_locks);
    });
  }

  // ---- rules about one line ----
  void result_without_owner(const Line& line) {
    const auto* mem = std::get_if<Mem>(&line.result);
    if (mem == nullptr || !mem->of.empty() || !line.function) return;
    const auto owns = [](const Parameter& p) {
      const auto* object = std::get_if<ObjectRef>(&p.type);
      return (object != nullptr && object->mode == Passing::borrow) || std::holds_alternative<StructRef>(p.type) ||
             std::holds_alternative<MapRef>(p.type);
    };
    if (mem->shared || !line.clauses.in_modes.empty() || std::ranges::any_of(line.parameters, owns)) return;
    say("E0524", fmt::format("{}() hands out memory that belongs to nothing, so extensions may use it until the invocation ends", line.name),
        "borrow the object it belongs to and write of 'a, or shared when it is there for good", line.line);
  }

  /// A link to a name that stands nowhere else on the line asks for nothing.
  void lonely_names(const Line& line) {
    std::map<std::string, int> count;
    std::set<std::string> links;
    const auto name = [&](const std::string& one, bool is_link) {
      if (one.empty()) return;
      ++count[one];
      if (is_link) links.insert(one);
    };
    const auto look_at = [&](const auto& self, const Type& type) -> void {
      if (const auto* object = std::get_if<ObjectRef>(&type)) {
        name(object->instance, false);
        name(object->of, true);
        name(object->region, true);
      }
      if (const auto* mem = std::get_if<Mem>(&type)) name(mem->of, true);
      if (const auto* opaque = std::get_if<Opaque>(&type)) name(opaque->instance, true);
      if (const auto* called = std::get_if<CallbackRef>(&type)) {
        for (const Type& parameter : declarations_.at(called->type).parameters) self(self, parameter);
      }
    };
    for (const Parameter& parameter : line.parameters) look_at(look_at, parameter.type);
    look_at(look_at, line.result);
    const Clauses& clauses = line.clauses;
    for (const auto* locks : {&clauses.requires_locks, &clauses.acquires_locks, &clauses.releases_locks}) {
      for (const LockRef& lock : *locks) name(lock.instance, false);
    }
    for (const auto* modes : {&clauses.in_modes, &clauses.not_in_modes, &clauses.enters, &clauses.exits}) {
      for (const ModeRef& mode : *modes) name(mode.region, true);
    }
    for (const std::string& link : links) {
      if (count[link] != 1) continue;
      say("E0526", fmt::format("'{} stands only once in {}(), so it links nothing", link, line.name), "name the other end, or leave it out",
          line.line);
    }
  }

  void impossible(const Line& line, const Conditional& on) {
    const Type& type = on.parameter ? line.parameters[*on.parameter].type : line.result;
    const std::string what = on.parameter ? line.parameters[*on.parameter].name : "ret";
    const auto never = [&](const std::string& why) {
      say("E0528", fmt::format("a condition of {}() never holds: '{}' is {}", line.name, what, why), "correct the condition or the type", line.line);
    };
    if (const auto* scalar = std::get_if<Scalar>(&type)) {
      const bool possible = scalar->is_signed
                                ? can_hold(on.compare, scalar->lo, static_cast<std::int64_t>(scalar->hi), static_cast<std::int64_t>(on.value))
                                : can_hold(on.compare, static_cast<std::uint64_t>(scalar->lo), scalar->hi, on.value);
      if (!possible) never(to_text(declarations_, type));
      return;
    }
    const auto* object = std::get_if<ObjectRef>(&type);
    const auto* mem = std::get_if<Mem>(&type);
    const auto* structure = std::get_if<StructRef>(&type);
    const bool nullable =
        (object != nullptr && object->nullable) || (mem != nullptr && mem->nullable) || (structure != nullptr && structure->nullable);
    if (!nullable && on.compare == Conditional::Compare::eq) never("never null");
  }

  template <class Integer>
  static bool can_hold(Conditional::Compare compare, Integer lo, Integer hi, Integer value) {
    switch (compare) {
      case Conditional::Compare::eq:
        return lo <= value && value <= hi;
      case Conditional::Compare::ne:
        return lo != hi || lo != value;
      case Conditional::Compare::lt:
        return lo < value;
      case Conditional::Compare::le:
        return lo <= value;
      case Conditional::Compare::gt:
        return hi > value;
      case Conditional::Compare::ge:
        return hi >= value;
    }
    return true;
  }

  using Lock = std::pair<std::size_t, std::uint32_t>;

  const Declarations& declarations_;
  std::vector<Line> lines_;
  Diagnostics found_;
  std::set<std::string> structs_;                      // names that lines use
  std::set<std::size_t> types_, handed_out_, owned_;   // object types
  std::map<std::size_t, std::set<StateIdx>> reached_;  // object type -> states
  std::set<Lock> locks_required_, locks_acquired_, locks_released_;
  std::set<std::size_t> entered_, left_, asked_;  // modes
};

}  // namespace

Diagnostics lint(const Declarations& declarations) { return Linter(declarations).run(); }

}  // namespace tenon::interface
