// SPDX-License-Identifier: Apache-2.0
// A line is compared by taking back, in a copy of the new one, each difference that no verified extension can notice; what then still differs from
// the old line breaks it. Nothing is allowed by omission: a construct that this file does not know breaks. Fails: Compare.Lines.
#include "interface/compare.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace tenon::interface {

namespace {

// ---- names that do not matter ----

class Renamer {
 public:
  void operator()(std::string& name) {
    if (!name.empty()) name = names_.try_emplace(name, fmt::format("n{}", names_.size())).first->second;
  }
  void type(Type& type) {
    if (auto* structure = std::get_if<StructRef>(&type)) (*this)(structure->of);
    if (auto* mem = std::get_if<Mem>(&type)) (*this)(mem->of);
    if (auto* opaque = std::get_if<Opaque>(&type)) (*this)(opaque->instance);
    if (auto* object = std::get_if<ObjectRef>(&type)) {
      for (std::string* name : {&object->instance, &object->of, &object->region}) (*this)(*name);
    }
  }

 private:
  std::map<std::string, std::string> names_;
};

/// Parameters and instances called by their order. Callbacks keep their names: they are shared between lines.
template <class Line>
Line with_plain_names(Line line) {
  Renamer rename;
  for (std::size_t n = 0; n < line.parameters.size(); ++n) {
    rename.type(line.parameters[n].type);
    line.parameters[n].name = fmt::format("p{}", n + 1);
  }
  rename.type(line.result);
  for (auto* locks : {&line.requires_locks, &line.acquires_locks, &line.releases_locks}) {
    for (LockRef& lock : *locks) rename(lock.instance);
  }
  for (auto* modes : {&line.enters, &line.exits, &line.in_modes, &line.not_in_modes}) {
    for (ModeRef& mode : *modes) rename(mode.region);
  }
  for (Conditional& on : line.on) {
    rename(on.lock.instance);
    rename(on.mode.region);
  }
  line.contracts.clear();  // nothing enforces them yet
  return line;
}

// ---- values ----

bool within(const Scalar& inner, const Scalar& outer) {
  if (inner.bits != outer.bits || inner.is_signed != outer.is_signed || inner.lo < outer.lo) return false;
  return inner.is_signed ? static_cast<std::int64_t>(inner.hi) <= static_cast<std::int64_t>(outer.hi) : inner.hi <= outer.hi;
}

/// What the extension gives (an argument, a hook's result) or gets (a result, a hook's argument).
enum class Way : std::uint8_t { gives, gets };

/// Makes `now` what it was where the difference cannot be noticed, and says why it cannot.
class Relaxer {
 public:
  explicit Relaxer(std::vector<std::string>& reasons) : reasons_(reasons) {}

  void type(Type& now, const Type& was, Way way, const std::string& what) {
    if (now.index() != was.index()) return;
    if (auto* scalar = std::get_if<Scalar>(&now)) {
      const auto& before = std::get<Scalar>(was);
      const bool fine = way == Way::gives ? within(before, *scalar) : within(*scalar, before);
      take_back(*scalar, before, fine, what + (way == Way::gives ? " may have more values" : " has fewer values"));
    }
    if (auto* structure = std::get_if<StructRef>(&now)) null(structure->nullable, std::get<StructRef>(was).nullable, way, what);
    if (auto* mem = std::get_if<Mem>(&now)) memory(*mem, std::get<Mem>(was), way, what);
    if (auto* object = std::get_if<ObjectRef>(&now)) reference(*object, std::get<ObjectRef>(was), way, what);
  }

  template <class T>
  void take_back(T& now, const T& was, bool fine, const std::string& reason) {
    if (now == was || !fine) return;
    now = was;
    reasons_.push_back(reason);
  }

 private:
  void null(bool& now, bool was, Way way, const std::string& what) {
    take_back(now, was, now == (way == Way::gives), what + (way == Way::gives ? " may be null" : " is never null"));
  }

  void memory(Mem& now, const Mem& was, Way way, const std::string& what) {
    null(now.nullable, was.nullable, way, what);
    if (way == Way::gets) {
      take_back(now.access, was.access, now.access == Access::read_write, what + " may be written, too");
      if (now.count && was.count) take_back(now.count, was.count, *now.count >= *was.count, what + " is longer");
      take_back(now.shared, was.shared, !now.shared, what + " is changed by nobody else");
      return;
    }
    const bool only_read = now.access == Access::read;
    take_back(now.access, was.access, only_read && was.access == Access::read_write, what + " is no longer written");
    if (now.count && was.count) take_back(now.count, was.count, only_read && *now.count <= *was.count, what + " may be shorter");
    take_back(now.shared, was.shared, true, what + " is used in another way by the host");
  }

  void reference(ObjectRef& now, const ObjectRef& was, Way way, const std::string& what) {
    null(now.nullable, was.nullable, way, what);
    if (way == Way::gives && !now.next_state && !was.next_state) take_back(now.state, was.state, !now.state, what + " may be in any state");
    if (now.memory && was.memory) memory(*now.memory, *was.memory, way, what + "'s memory");
  }

  std::vector<std::string>& reasons_;
};

template <class T>
bool contains_all(const std::vector<T>& all, const std::vector<T>& some) {
  return std::ranges::all_of(some, [&](const T& one) { return std::ranges::find(all, one) != all.end(); });
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ';')) text.pop_back();
  return text;
}

class Comparison {
 public:
  Comparison(const Declarations& was, const Declarations& now) : was_(was), now_(now) {}

  std::vector<Change> run() {
    if (was_.name != now_.name || was_.over != now_.over) add(true, "interface", was_.name, now_.name, "the name means nothing to an extension");
    contracts();
    each(was_.structs, now_.structs, "struct", [&](const Struct& a, const Struct& b) { return structure(a, b); });
    each(was_.object_types, now_.object_types, "type", [&](const ObjectType& a, const ObjectType& b) { return object_type(a, b); });
    each(was_.modes, now_.modes, "mode", [&](const Mode& a, const Mode& b) { return mode(a, b); });
    each(was_.functions, now_.functions, "fn", [&](const Function& a, const Function& b) { return function(a, b); });
    each(was_.hooks, now_.hooks, "hook", [&](const Hook& a, const Hook& b) { return hook(a, b); });
    return std::move(changes_);
  }

 private:
  struct Verdict {
    bool holds = false;
    std::string reason;
  };

  void add(bool holds, std::string what, std::string old_line, std::string new_line, std::string reason) {
    changes_.push_back({holds, std::move(what), std::move(old_line), std::move(new_line), std::move(reason)});
  }

  void contracts() {
    const auto text = [](const Declarations& d) {
      Declarations only;
      only.state_variables = d.state_variables;
      only.invariants = d.invariants;
      only.object_types = d.object_types;
      only.structs = d.structs;
      const std::string all = to_text(only);
      only.state_variables.clear();
      only.invariants.clear();
      return all.substr(0, all.size() - to_text(only).size());
    };
    const std::string before = text(was_), after = text(now_);
    if (before != after) add(true, "state", trimmed(before), trimmed(after), "nothing enforces contracts yet");
  }

  /// The line of that name, and of several with one name the one in the same place among them.
  template <class T>
  static auto counterpart(const std::vector<T>& from, const T& line, const std::vector<T>& in) {
    auto earlier = std::count_if(from.data(), &line, [&](const T& other) { return other.name == line.name; });
    return std::find_if(in.begin(), in.end(), [&](const T& other) { return other.name == line.name && earlier-- == 0; });
  }

  template <class T, class Judge>
  void each(const std::vector<T>& was, const std::vector<T>& now, const std::string& word, Judge&& judge) {
    for (const T& after : now) {
      const auto before = counterpart(now, after, was);
      const std::string new_line = trimmed(to_text(now_, after));
      if (before == was.end()) {
        add(true, word + " " + after.name, {}, new_line, "nothing that was verified before uses it");
        continue;
      }
      const std::string old_line = trimmed(to_text(was_, *before));
      if (old_line == new_line) continue;
      const Verdict verdict = judge(*before, after);
      add(verdict.holds, word + " " + after.name, old_line, new_line, verdict.reason);
    }
    for (const T& before : was) {
      if (counterpart(was, before, now) != now.end()) continue;
      add(false, word + " " + before.name, trimmed(to_text(was_, before)), {}, "it is gone");
    }
  }

  static Verdict verdict(const std::vector<std::string>& reasons) {
    return {true, reasons.empty() ? "only names differ" : fmt::format("{}", fmt::join(reasons, "; "))};
  }

  // ---- functions and hooks ----

  /// The first part that still differs after all that may differ has been taken back.
  template <class Line>
  std::string first_difference(const Line& was, const Line& now) const {
    if (was.parameters.size() != now.parameters.size()) return "it has another number of parameters";
    for (std::size_t n = 0; n < now.parameters.size(); ++n) {
      const std::string before = to_text(was_, was.parameters[n].type), after = to_text(now_, now.parameters[n].type);
      if (before != after) return fmt::format("argument {} is {}, it was {}", n + 1, after, before);
    }
    const auto text = [](const Declarations& d, const Type& type) { return std::holds_alternative<Nothing>(type) ? "nothing" : to_text(d, type); };
    const std::string before = text(was_, was.result), after = text(now_, now.result);
    if (before != after) return fmt::format("the result is {}, it was {}", after, before);
    return "its clauses ask for or change something else";
  }

  /// What only the host's own code promises.
  static void host_side(Relaxer& relax, Clauses& now, const Clauses& was) {
    relax.take_back(now.interruptible, was.interruptible, true, "it may be interrupted or not");
    relax.take_back(now.callback_safe, was.callback_safe, true, "its code may be called back or not");
    relax.take_back(now.inline_file, was.inline_file, true, "its code comes from elsewhere");
    const bool more = (now.may_escape.heap || !was.may_escape.heap) && (now.may_escape.map || !was.may_escape.map) &&
                      (now.may_escape.result || !was.may_escape.result);
    relax.take_back(now.may_escape, was.may_escape, more, "its pointers may be stored in more places");
  }

  Verdict function(const Function& before, const Function& after) const {
    Function was = with_plain_names(before), now = with_plain_names(after);
    std::vector<std::string> reasons;
    if (before.contracts != after.contracts) reasons.emplace_back("nothing enforces contracts yet");
    Relaxer relax(reasons);
    for (std::size_t n = 0; n < std::min(was.parameters.size(), now.parameters.size()); ++n)
      relax.type(now.parameters[n].type, was.parameters[n].type, Way::gives, fmt::format("argument {}", n + 1));
    relax.type(now.result, was.result, Way::gets, "the result");
    relax_demands(relax, now, was);
    host_side(relax, now, was);
    relax.take_back(now.hooks, was.hooks, now.hooks.empty() || (!was.hooks.empty() && contains_all(now.hooks, was.hooks)), "more hooks may call it");
    relax.take_back(now.helper, was.helper, !was.helper, "it has a number, too");
    return to_text(now_, now) == to_text(was_, was) ? verdict(reasons) : Verdict{false, first_difference(was, now)};
  }

  void relax_demands(Relaxer& relax, Function& now, const Function& was) const {
    const auto lock_text = [](const Declarations& d, const Function& f) {
      Function only;
      only.requires_locks = f.requires_locks;
      return to_text(d, only);
    };
    if (now.requires_locks.size() < was.requires_locks.size() &&
        (now.requires_locks.empty() || lock_text(was_, was).starts_with(lock_text(now_, now))))
      relax.take_back(now.requires_locks, in_new(was.requires_locks), true, "it needs fewer locks");
    if (now.in_modes.empty() && std::ranges::all_of(was.in_modes, [](const ModeRef& m) { return m.region.empty(); }))
      relax.take_back(now.in_modes, in_new(was.in_modes), true, "it may be called in any mode");
    if (now.not_in_modes.empty()) relax.take_back(now.not_in_modes, in_new(was.not_in_modes), true, "it may be called in more modes");
    if (was.allowed_in.empty()) relax.take_back(now.allowed_in, in_new(was.allowed_in), true, "it may be called in more modes");
    relax.take_back(now.may_suspend, was.may_suspend, !now.may_suspend, "it no longer suspends");
    relax.take_back(now.may_sleep, was.may_sleep, !now.may_sleep, "it no longer sleeps");
  }

  /// Old locks and modes under their positions in the new declarations; what is gone keeps its line different.
  std::vector<LockRef> in_new(std::vector<LockRef> locks) const {
    std::erase_if(locks, [&](LockRef& lock) {
      const auto type = now_.find_object_type(was_.at(lock.type).name);
      if (!type) return true;
      const auto& fields = now_.at(*type).locks;
      const auto field = std::ranges::find(fields, was_.at(lock.type).locks[lock.field].name, &LockField::name);
      lock.field = static_cast<std::uint32_t>(field - fields.begin());
      lock.type = *type;
      if (lock.linked_type) lock.linked_type = *type;
      return field == fields.end();
    });
    return locks;
  }
  std::vector<ModeRef> in_new(std::vector<ModeRef> modes) const {
    std::erase_if(modes, [&](ModeRef& mode) {
      const auto found = now_.find_mode(was_.at(mode.mode).name);
      if (found) mode.mode = *found;
      return !found;
    });
    return modes;
  }

  Verdict hook(const Hook& before, const Hook& after) const {
    Hook was = with_plain_names(before), now = with_plain_names(after);
    std::vector<std::string> reasons;
    if (before.contracts != after.contracts) reasons.emplace_back("nothing enforces contracts yet");
    Relaxer relax(reasons);
    for (std::size_t n = 0; n < std::min(was.parameters.size(), now.parameters.size()); ++n)
      relax.type(now.parameters[n].type, was.parameters[n].type, Way::gets, fmt::format("argument {}", n + 1));
    relax.type(now.result, was.result, Way::gives, "the result");
    host_side(relax, now, was);
    relax.take_back(now.default_result, was.default_result, true, "the default is the host's");
    relax.take_back(now.no_performance_mode, was.no_performance_mode, true, "performance mode changes no verdict");
    relax.take_back(now.level, was.level, now.level <= was.level, "a lower safety level is enough");
    relax.take_back(now.sections, was.sections, contains_all(now.sections, was.sections), "it has more sections");
    return to_text(now_, now) == to_text(was_, was) ? verdict(reasons) : Verdict{false, hook_difference(was, now)};
  }

  std::string hook_difference(const Hook& was, const Hook& now) const {
    if (now.level > was.level) return fmt::format("it asks for safety level L{}, it asked for L{}", now.level, was.level);
    if (now.sections != was.sections) return "a section is gone";
    return first_difference(was, now);
  }

  // ---- types ----

  bool is_element(const std::string& name) const {
    const auto element = [&](const Type& type) {
      const auto* mem = std::get_if<Mem>(&type);
      const auto* map = std::get_if<MapRef>(&type);
      const auto* object = std::get_if<ObjectRef>(&type);
      return (mem != nullptr && mem->element == name) || (map != nullptr && (map->key == name || map->value == name)) ||
             (object != nullptr && object->memory && object->memory->element == name);
    };
    const auto line = [&](const auto& l) {
      return element(l.result) || std::ranges::any_of(l.parameters, [&](const Parameter& p) { return element(p.type); });
    };
    const auto called = [&](const Callback& c) { return std::ranges::any_of(c.parameters, element); };
    const auto holds = [&](const Struct& s) {
      return std::ranges::any_of(s.fields, [&](const Field& f) { return f.pointer && element(*f.pointer); });
    };
    return std::ranges::any_of(was_.functions, line) || std::ranges::any_of(was_.hooks, line) || std::ranges::any_of(was_.callbacks, called) ||
           std::ranges::any_of(was_.structs, holds);
  }

  Verdict structure(const Struct& was, const Struct& now) const {
    std::vector<std::string> reasons;
    for (const Field& before : was.fields) {
      const auto after = std::ranges::find(now.fields, before.offset, &Field::offset);
      if (after == now.fields.end()) return {false, fmt::format("field '{}' is gone from offset {}", before.name, before.offset)};
      if (auto wrong = field(before, *after, reasons); !wrong.empty()) return {false, wrong};
    }
    for (const MemRange& before : was.ranges) {
      const auto same = [&](const MemRange& r) {
        return std::ranges::equal(r.marks, before.marks, {}, &MemRange::Mark::offset, &MemRange::Mark::offset);
      };
      const auto after = std::ranges::find_if(now.ranges, same);
      const std::string name = before.marks.front().name;
      if (after == now.ranges.end() || after->pointer_bytes != before.pointer_bytes)
        return {false, fmt::format("the memory '{}' lies elsewhere, or is gone", name)};
      if (after->access != before.access && after->access != Access::read_write)
        return {false, fmt::format("the memory '{}' may be accessed in fewer ways", name)};
      if (after->access != before.access) reasons.push_back(fmt::format("the memory '{}' may be accessed in more ways", name));
    }
    if (now.bytes != was.bytes && is_element(was.name))
      return {false, fmt::format("it is an element of memory, and has {} bytes instead of {}", now.bytes, was.bytes)};
    if (now.fields.size() + now.ranges.size() > was.fields.size() + was.ranges.size()) reasons.emplace_back("there are new fields");
    return verdict(reasons);
  }

  std::string field(const Field& was, const Field& now, std::vector<std::string>& reasons) const {
    const std::string name = fmt::format("field '{}'", was.name);
    if (was.pointer.has_value() != now.pointer.has_value() || now.type.bits != was.type.bits || now.type.is_signed != was.type.is_signed ||
        now.count < was.count)
      return name + " has another type";
    if (was.pointer && to_text(was_, *was.pointer) != to_text(now_, *now.pointer)) return name + " points to something else";
    if (now.access != was.access && now.access != Access::read_write) return name + " may be accessed in fewer ways";
    const bool reads_well = !may_read(was.access) || within(now.type, was.type);
    const bool writes_well = !may_write(was.access) || within(was.type, now.type);
    if (!reads_well) return name + " may have more values";
    if (!writes_well) return name + " takes fewer values";
    if (now.access != was.access) reasons.push_back(name + " may be accessed in more ways");
    if (now.type != was.type) reasons.push_back(name + (may_write(was.access) ? " takes more values" : " has fewer values"));
    if (now.count > was.count) reasons.push_back(name + " has more elements");
    return {};
  }

  Verdict object_type(const ObjectType& was, const ObjectType& now) const {
    std::vector<std::string> reasons;
    if (now.kind != was.kind) return {false, "it is owned in another way"};
    for (std::size_t s = 0; s < was.states.size(); ++s) {
      if (std::ranges::find(now.states, was.states[s]) == now.states.end()) return {false, fmt::format("state {} is gone", was.states[s])};
    }
    if (!was.states.empty() && now.states.front() != was.states.front())
      return {false, fmt::format("new ones begin in state {}", now.states.front())};
    for (const LockField& before : was.locks) {
      const auto after = std::ranges::find(now.locks, before.name, &LockField::name);
      if (after == now.locks.end()) return {false, fmt::format("the lock '{}' is gone", before.name)};
      if (after->rank != before.rank) return {false, fmt::format("the lock '{}' has another rank", before.name)};
    }
    const auto view = [](const Declarations& d, const ObjectType& type) { return type.view ? d.at(*type.view).name : std::string(); };
    if (was.view && view(was_, was) != view(now_, now)) return {false, "its fields are those of another struct"};
    if (now.stack_bytes != was.stack_bytes) return {false, "it has another size in the stack"};
    if (!was.reads.empty() && now.reads != was.reads) return {false, "its fields are those of another struct"};
    if (now.field_bytes != was.field_bytes) return {false, "it has another size in a map's values"};
    const std::string before = to_text(was_, was), after = to_text(now_, now);
    if (before.starts_with("iterator") != after.starts_with("iterator")) return {false, "it is no longer what it was"};
    if (now.drop_name != was.drop_name) reasons.emplace_back("the runtime gives one back in another way");
    if (now.states.size() > was.states.size()) reasons.emplace_back("there are new states");
    if (now.locks.size() > was.locks.size()) reasons.emplace_back("there are new locks");
    if (was.reads.empty() && !now.reads.empty()) reasons.emplace_back("its fields may be read");
    if (!was.view && now.view) reasons.emplace_back("it has fields");
    if (reasons.empty()) reasons.emplace_back("what differs is the host's");
    return verdict(reasons);
  }

  Verdict mode(const Mode& was, const Mode& now) const {
    const auto names = [](const Declarations& d, const Mode& m) {
      std::vector<std::string> all;
      for (const ModeIdx other : m.excludes) all.push_back(d.at(other).name);
      if (m.excludes_suspend) all.emplace_back("suspend");
      if (m.excludes_sleep) all.emplace_back("sleep");
      if (m.excludes_calls) all.emplace_back("calls");
      return all;
    };
    if (contains_all(names(was_, was), names(now_, now))) return {true, "it excludes less"};
    return {false, "it excludes more"};
  }

  const Declarations &was_, &now_;
  std::vector<Change> changes_;
};

}  // namespace

std::vector<Change> compare(const Declarations& old_ones, const Declarations& new_ones) { return Comparison(old_ones, new_ones).run(); }

}  // namespace tenon::interface
