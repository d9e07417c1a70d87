// SPDX-License-Identifier: Apache-2.0
// What an interface's lines say, as a concrete model of one invocation: the interpreter tells it what the extension does, it says which line was
// broken. Written from docs/interface-language.md alone and reads no proof: a check on the verifier, not a part of it. A violation by an accepted
// program is a hole of the verifier; it comes back as text, so that a fuzzer can go on, and the engine aborts on it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host_oracle/host_memory.hpp"
#include "engine/host_oracle/lifetimes.hpp"
#include "engine/host_oracle/locks.hpp"

namespace tenon::engine {

/// A map that the extension defines, as it is passed to host functions.
struct MapIdentity {
  std::uint64_t address = 0, key_bytes = 0, value_bytes = 0;
  std::string kind = {};  ///< "hash"; as the interface's kinds of maps name it
};

class HostOracle {
 public:
  using Registers = std::array<std::uint64_t, 5>;

  explicit HostOracle(const interface::Declarations& declarations)
      : declarations_(declarations), lifetimes_(declarations), memory_(declarations, lifetimes_), locks_(declarations, lifetimes_) {}

  const interface::Declarations& declarations() const { return declarations_; }
  /// The maps of the program that runs next.
  void set_maps(std::vector<MapIdentity> maps) { maps_ = std::move(maps); }

  /// A new invocation; forgets the one before.
  void enter(const interface::Hook& hook, const Registers& arguments);
  /// A function of the program that runs by itself, after the invocation; it is handed numbers only.
  void enter_alone(const interface::Hook& hook);
  /// A function that the host kept, in an invocation of its own; it is lent what its line says.
  void enter_later(const interface::Hook& hook, const interface::Callback& callback, const Registers& arguments);
  /// The program returned `r0`: nothing may be held.
  void leave(std::uint64_t r0);
  void leave_later(const interface::Callback& callback, std::uint64_t r0);

  /// Around each host call; calls nest when a host function calls back.
  void before_call(interface::FunctionIdx function, const Registers& arguments);
  void after_call(std::uint64_t r0);
  /// Something was thrown, and the call that was number `depth` (counted from 1, calls_under_way() when it began) caught it: what was acquired since
  /// then has been given back for the extension.
  void caught(std::size_t depth);
  std::size_t calls_under_way() const { return calls_.size(); }
  /// Around each callback that the host function under way makes.
  void enter_callback(const interface::Callback& callback, const Registers& arguments);
  void leave_callback(const interface::Callback& callback, std::uint64_t r0);

  /// Host memory: may these bytes be touched now?
  bool allows(std::uint64_t address, std::uint64_t bytes, bool write) const { return memory_.allows(address, bytes, write); }
  /// The extension is about to touch memory of any kind; `stored` is what will be there.
  void touched(bool is_private_stack, std::uint64_t address, std::uint64_t bytes, const std::optional<std::uint64_t>& stored);
  /// Objects that live in this private stack must be gone.
  void frame_ended(std::uint64_t begin, std::uint64_t end);

  /// Each names the line it broke. Empty: all was as declared.
  const std::vector<std::string>& violations() const { return violations_; }

  /// What the extension holds now, for comparison with other records: references to objects of each type.
  std::vector<std::uint32_t> held_by_type() const;

 private:
  /// Something held, and when it was acquired: what is caught gives back everything newer than the call that catches.
  struct Hold {
    enum class Kind : std::uint8_t { reference, lock, mode };
    Kind kind = Kind::reference;
    ObjectId object = 0;
    std::uint32_t field = 0;
    interface::ModeIdx mode = {};
    std::uint64_t serial = 0;
    bool same(const Hold& other) const { return kind == other.kind && object == other.object && field == other.field && mode == other.mode; }
  };
  void hold(Hold what);
  /// Of several alike the newest, as the runtime does it.
  Hold let_go(const Hold& what);
  void give_back(const Hold& what);

  /// A host call under way.
  struct Activation {
    const interface::Function* function = nullptr;
    Registers arguments{};
    std::array<std::optional<ObjectId>, 5> objects{};
    std::array<bool, 5> consumed{};  ///< the reference passed as argument i is gone
    std::array<Hold, 5> taken{};     ///< which reference that was
    std::uint64_t began = 0;         ///< Hold::serial before it
    std::size_t callbacks = 0;       ///< under way before it
  };
  /// What names such as 'a stand for during one call.
  struct Names {
    std::vector<std::pair<std::string_view, std::optional<ObjectId>>> instances;
    std::vector<std::pair<std::string_view, std::optional<Anchor>>> regions;
    const std::optional<ObjectId>* find(std::string_view name) const;
  };

  // Before the call.
  void check_argument(std::size_t i);
  void check_object(std::size_t i, const interface::ObjectRef& declared);
  void check_create(std::size_t i, const interface::ObjectRef& declared);
  void check_scalar(std::size_t i, const interface::Scalar& declared);
  void check_struct(std::size_t i, const interface::StructRef& declared);
  std::optional<interface::StructIdx> context_type() const;
  void check_map(std::size_t i, const interface::MapRef& declared);
  /// `given`: modes that whoever runs the extension is in.
  void check_nothing_held(std::string_view when, const std::vector<interface::ModeRef>& given);
  void check_names();
  void check_surroundings();
  void consume_arguments();
  // After it.
  void settle_states(std::uint64_t r0);
  void settle_conditions(std::uint64_t r0);
  void settle_held(std::uint64_t r0);
  void note_created();
  void note_result(std::uint64_t r0);
  void note_object(const interface::ObjectRef& declared, std::uint64_t r0);
  void note_memory(const interface::Mem& declared, std::uint64_t r0);
  void note_moves();

  bool condition_holds(const interface::Conditional& clause, std::uint64_t r0) const;
  void take_reference(std::size_t i);
  Names names_of(const Activation& call) const;
  Loan loan_for_result(const std::string& of, const std::string& region) const;
  std::uint64_t memory_bytes(const interface::Mem& declared) const;
  std::optional<ObjectId> owner_of(const interface::LockRef& lock) const;
  void acquire(const interface::LockRef& lock);
  void release(const interface::LockRef& lock);
  void enter_mode(interface::ModeIdx mode);
  void exit_mode(const interface::ModeRef& mode);
  void lend(const interface::Type& type, std::uint64_t value, const Registers& arguments, const Loan& loan);

  void before_store(std::uint64_t address, std::uint64_t bytes, std::uint64_t value, bool is_private_stack);
  void stack_touched(std::uint64_t address, std::uint64_t bytes, bool is_store);
  /// A plain object in the stack is over when its bytes are used for something else. False: it is not plain.
  bool end_plain(ObjectId id);
  /// A host address that may not be where `allowed` says it is allowed.
  bool is_secret(std::uint64_t value, bool interface::Escapes::* allowed) const;

  void broken(const std::string& what);
  const Activation& now() const { return calls_.back(); }
  Activation& now() { return calls_.back(); }

  const interface::Declarations& declarations_;
  Lifetimes lifetimes_;
  HostMemory memory_;
  Locks locks_;
  const interface::Hook* hook_ = nullptr;
  std::vector<Activation> calls_;
  std::vector<Hold> holds_;  // by serial
  std::uint64_t last_hold_ = 0;
  std::vector<Anchor> callbacks_;
  std::vector<MapIdentity> maps_;
  std::vector<std::string> violations_;
};

}  // namespace tenon::engine
