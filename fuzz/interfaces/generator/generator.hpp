// SPDX-License-Identifier: Apache-2.0
// Programs for an interface that mostly do as its lines say, with a slip here and there. The generator keeps its own idea of what it holds, so that
// it can release it; it knows nothing of what the verifier proves.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "code.hpp"

namespace tenon::fuzz {

inline constexpr std::size_t kGlobalsBytes = 256;

/// Maps that programs may name: one for each size of keys and values that a `map K->V` parameter wants.
std::vector<ir::MapDefinition> maps_for(const interface::Declarations& declarations);

class Generator {
 public:
  Generator(const interface::Declarations& declarations, Random& random) : declarations_(declarations), random_(random) {}
  ir::Parts make(const interface::Hook& hook);

 private:
  /// Something the program has: where it lies, and what it is thought to be.
  struct Variable {
    enum class Kind : std::uint8_t { scalar, object, memory, context, stack_object };
    Kind kind = Kind::scalar;
    int home = 0;  ///< 6 to 9: a register; else the distance of its slot (or bytes) below r10
    interface::ObjectTypeIdx type;
    interface::StructIdx structure;
    std::optional<interface::StateIdx> state;
    bool owned = false, maybe_null = false, lent = false;
    std::uint64_t bytes = 0;
    interface::Access access = interface::Access::read;
    int of = -1;  ///< index of the variable it is linked to
    bool gone = false;
  };
  struct Scope {
    std::size_t first = 0;  ///< variables from here on belong to it
  };
  struct FunctionText {
    std::string name;
    Code code;
    std::uint8_t parameters = 0;
    bool address_taken = false;
  };
  /// What one function's body needs while it is written.
  struct Body {
    std::vector<Variable> variables;
    std::vector<std::size_t> owed;                 ///< variables to release before leaving, in order of acquisition
    std::vector<const interface::Function*> undo;  ///< unlocks and mode exits to come, innermost last
    std::vector<std::array<int, 2>> undo_objects;  ///< the variable each one is about (-1: none)
    std::optional<interface::Scalar> result;
    bool returns_nothing = false;
  };

  bool slip() { return random_.below(1000) < 12; }
  Code& code() { return functions_[current_].code; }

  // What can stand in a block.
  void block(unsigned depth);
  void statement(unsigned depth);
  void acquire(unsigned depth);
  void reach(unsigned depth);
  void call_something(unsigned depth);
  void if_else(unsigned depth);
  void loop(unsigned depth);
  void guarded_by_lock(unsigned depth);
  void inside_mode(unsigned depth);
  void make_in_stack(unsigned depth);
  void iterate(unsigned depth);
  void touch_memory();
  void touch_packet();
  void touch_globals();
  void touch_atomically();
  void touch_array();
  void arithmetic();
  void alias();
  struct Acquirer {
    const interface::Function* get;
    const interface::ObjectRef* object;  ///< its result
    std::vector<int> arguments;
    const interface::Function* put;
  };
  std::optional<Acquirer> pick_acquirer();
  void rotate();
  void maybe_acquire(unsigned depth);
  void early_exit();
  void call_subprogram(unsigned depth);
  void throw_something();
  void throw_where(std::uint64_t value);
  void catch_something(unsigned depth);
  void clean_up_later(unsigned depth);

  // Calls a function, and before it whatever it needs: producers of its objects, steps to their states, locks, modes. False: some of it cannot be
  // had.
  bool achieve(const interface::Function& function, unsigned depth, unsigned budget, std::vector<int> chosen = {});
  int obtain(const interface::ObjectRef& wanted, int owner, unsigned depth, unsigned budget);
  bool bring_to_state(int variable, interface::StateIdx state, unsigned depth, unsigned budget);
  bool take_lock(const interface::LockRef& lock, const interface::Function& function, const std::vector<int>& chosen, unsigned depth,
                 unsigned budget);
  bool enter(const interface::ModeRef& mode, unsigned depth);
  void leave_if_null(int variable);

  // Pieces of them.
  bool emit_call(const interface::Function& function, unsigned depth, const std::vector<int>& chosen = {});
  int choose_argument(const interface::Type& type, const std::vector<int>& taken);
  void load_argument(const interface::Function& function, std::size_t i, int variable, isa::Reg reg, unsigned depth);
  void load_scalar(const interface::Scalar& type, isa::Reg reg);
  void load_buffer(const interface::Mem& mem, std::uint64_t bytes, isa::Reg reg);
  void note_effects(const interface::Function& function, const std::vector<int>& used);
  void handle_conditions(const interface::Function& function, const std::vector<int>& used, unsigned depth);
  int keep_result(const interface::Function& function, const std::vector<int>& used);
  void release(std::size_t variable, bool always_drop = false);
  void release_from(std::size_t first_owed);
  void undo_from(std::size_t first);
  void leave();
  void set_result();
  std::uint32_t make_callback(const interface::Callback& callback, unsigned depth);
  /// One of them that can be called with what is there; those that take an object a step further more often.
  const interface::Function* pick_callable(const std::vector<const interface::Function*>& from);
  std::vector<const interface::Function*> functions_where(bool (*wanted)(const interface::Function&)) const;
  int any_variable(bool (*wanted)(const Variable&));
  std::uint32_t extern_of(const std::string& name);
  void host_call(const interface::Function& function);
  void host_call(const std::string& builtin);
  const interface::Callback& callback_of(std::string_view builtin) const;

  // Places.
  int new_home(bool may_be_register = true);
  int add(Variable variable);
  void load(const Variable& variable, isa::Reg reg);
  void store(isa::Reg reg, const Variable& variable);
  void move(isa::Reg to, isa::Operand from) { code().add(isa::Alu{isa::AluOp::mov, true, to, from}); }
  std::optional<std::vector<int>> arguments_for(const interface::Function& function, const std::vector<int>& chosen);

  const interface::Declarations& declarations_;
  Random& random_;
  const interface::Hook* hook_ = nullptr;
  std::vector<FunctionText> functions_;
  std::vector<std::string> externs_;
  std::vector<ir::MapDefinition> maps_;
  unsigned pieces_left_ = 0;
  std::optional<interface::StateIdx> wanted_state_;  ///< the path of an `on` clause that leads there is the one that goes on
  std::size_t current_ = 0;
  Body body_;
  unsigned statements_left_ = 0;
};

}  // namespace tenon::fuzz
