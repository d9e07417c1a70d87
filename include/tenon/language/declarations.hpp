// SPDX-License-Identifier: Apache-2.0
// What a .tni file says, as data. The verifier, the runtime and the header generator read these types and nothing else about a host.
// Everything here is usable in constant expressions: a C++ host's interface is parsed by its compiler (parser.hpp).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tenon::interface {

/// Position in one of the vectors of Declarations; those of different vectors do not mix.
template <class Tag>
struct Index {
  std::uint32_t value = 0;

  constexpr Index() = default;
  template <class Integer>
  constexpr explicit Index(Integer v) : value(static_cast<std::uint32_t>(v)) {}
  constexpr auto operator<=>(const Index&) const = default;
  constexpr std::size_t index() const { return value; }
};

using StructIdx = Index<struct StructIdxTag>;
using ObjectTypeIdx = Index<struct ObjectTypeIdxTag>;
using FunctionIdx = Index<struct HostFunctionIdxTag>;
using HookIdx = Index<struct HookIdxTag>;
using ModeIdx = Index<struct ModeIdxTag>;
using CallbackIdx = Index<struct CallbackIdxTag>;
using MapKindIdx = Index<struct MapKindIdxTag>;
using StateIdx = Index<struct StateIdxTag>;  ///< into ObjectType::states

enum class Access : std::uint8_t { read, write, read_write, uninit };  ///< uninit: need not be initialised before, is afterwards
constexpr bool may_read(Access a) { return a == Access::read || a == Access::read_write; }
constexpr bool may_write(Access a) { return a != Access::read; }

struct Nothing {
  bool operator==(const Nothing&) const = default;
};

/// u8..u64, s8..s64, optionally `in lo..hi` (both inclusive). Bounds as the type's own value, sign-extended.
struct Scalar {
  std::uint8_t bits = 64;
  bool is_signed = false;
  std::int64_t lo = 0;   ///< for u64 without a range: 0 ..
  std::uint64_t hi = 0;  ///< .. UINT64_MAX; for signed types read as int64_t
  bool operator==(const Scalar&) const = default;
};

/// [?] &S where S is a struct: a context or host structure; field accesses as the struct declares.
struct StructRef {
  StructIdx type;
  bool is_context = false;  ///< `&hook`: the struct that the hook hands in, whichever it is; `type` then says nothing
  bool nullable = false;
  std::string of;  ///< result: dies with this instance; empty: see Mem::of
  bool operator==(const StructRef&) const = default;
};

/// [?] mem(T|expr) [r|w|rw|uninit] [shared] [sparse] [of 'a]. As a parameter the extension passes memory of its own (stack, heap) or of the host; as
/// a result the host hands out memory.
struct Mem {
  /// `mem(K)`, `mem(V)`: the key or the value of the map that another parameter (`map K->V`) names.
  enum class MapPart : std::uint8_t { none, key, value };

  std::string element;              ///< "u8", a struct's name, or the map's K or V
  std::uint64_t element_bytes = 1;  ///< 0 for a part of a map: the map's definition says
  MapPart part = MapPart::none;
  std::uint32_t map_parameter = 0;  ///< of `part`
  std::string map_of;  ///< of `part`, in a callback with a map of its own: that map `holds` this instance; empty: map_parameter says which
  /// Number of elements: `count` alone when constant (1 when no expression stands there), else parameter * factor + addend.
  std::optional<std::uint64_t> count;
  std::optional<std::uint32_t> count_parameter;  ///< index of the parameter that gives the number of elements
  std::uint64_t count_factor = 1, count_addend = 0;
  Access access = Access::read;
  bool shared = false;    ///< parameter: the host function works on heap memory in place, not on a copy; result: others may write it meanwhile
  bool sparse = false;    ///< parameter: bytes that nobody wrote may be among them; the host gets whatever stands there
  bool kept = false;      ///< parameter: the host keeps the address; what a local variable passed so holds is not known any more
  bool optional = false;  ///< parameter: may be null whatever the count says; implies nullable
  bool nullable = false;
  /// Result: the instance it dies with. Empty: it dies with any object that the call borrows, and without one it stays valid for the invocation.
  std::string of;
  bool operator==(const Mem&) const = default;
};

/// [?] (& | own | rcu | new) T<'a [of 'b] [in 'r] [@S [=> S2]]> [mem(..)]
struct ObjectRef {
  enum class Mode : std::uint8_t {
    borrow,  ///< `&`
    own,     ///< parameter: consumed; result: acquired
    rcu,     ///< result: valid inside region `in 'r` only
    create,  ///< `new`: parameter of a type that lives in the extension's stack; the function makes one there
  };
  Mode mode = Mode::borrow;
  ObjectTypeIdx type;
  bool nullable = false;
  std::string instance;                ///< "a" of 'a; empty when not named
  std::string of;                      ///< linked to this instance; a borrowed result dies with it
  std::string region;                  ///< `in 'r`
  std::optional<StateIdx> state;       ///< parameter: required; result and hook parameter: what it is in (none: the type's first state)
  std::optional<StateIdx> next_state;  ///< parameter: after the call, unless an `on` clause says otherwise
  std::optional<Mem> memory;           ///< own result: the object's own bytes, which the extension may access while it holds it
  bool operator==(const ObjectRef&) const = default;
};

/// map<kind> K->V: a map that the extension defines. K and V are structs, integers, or names that other parameters use in mem(K), mem(V).
struct MapRef {
  std::optional<MapKindIdx> kind;  ///< none: a map of any type
  std::string key, value;
  std::uint64_t key_bytes = 0, value_bytes = 0;  ///< 0: any size, bound by the map that is passed
  std::string holds;                             ///< `holds 'f`: a value of this map holds the field 'f
  std::optional<std::uint32_t> inner_of;         ///< result `map of m`: what parameter m's map holds; all else is unset then
  bool nullable = false;                         ///< result
  bool operator==(const MapRef&) const = default;
};

/// fn(ty..) [-> ty] [later]: one of the object's own functions, which the host calls 0 to n times before it returns, or afterwards. The signature is
/// in Declarations::callbacks.
struct CallbackRef {
  CallbackIdx type;
  bool nullable = false;
  bool operator==(const CallbackRef&) const = default;
};

/// 'x as a type: whatever the extension passes; the callback's parameter of the same name receives it unchanged.
struct Opaque {
  std::string instance;
  bool operator==(const Opaque&) const = default;
};

/// `text`: characters up to a zero, in the object's own globals. The host reads no further than its heap reaches.
struct Text {
  bool operator==(const Text&) const = default;
};

using Type = std::variant<Nothing, Scalar, StructRef, ObjectRef, Mem, MapRef, CallbackRef, Opaque, Text>;

/// `name: ty [n] @off r|w|rw`. `pointer`: the field holds an address; only whole 8-byte reads of it are allowed.
struct Field {
  std::string name;
  Scalar type;
  std::uint32_t offset = 0;
  Access access = Access::read;
  std::uint32_t count = 1;      ///< array fields
  std::optional<Type> pointer;  ///< StructRef, ObjectRef (borrowed) or Mem
  /// `traced "p*"`: 8-byte slots, the arguments of a function of the host, typed by the host's own type information; its name is this with what
  /// stands behind the first '/' of the section in place of the '*'. Empty: not so.
  std::string traced;
  bool with_result = false;  ///< `traced .. result`: a slot for the result follows
  bool operator==(const Field&) const = default;
};

/// `data..data_end: mem rw @0..8 [u32]`, also with pointers between: `meta..data..data_end: mem rw @8..0..4 u32`. The pointers ascend through one
/// memory.
struct MemRange {
  struct Mark {
    std::string name;
    std::uint32_t offset = 0;  ///< of the pointer in the struct; always read-only
    bool operator==(const Mark&) const = default;
  };
  std::vector<Mark> marks;          ///< at least 2
  std::uint32_t pointer_bytes = 8;  ///< 4: the field has 4 bytes, reading it gives the address (Linux contexts)
  Access access = Access::read;
  bool operator==(const MemRange&) const = default;
};

struct Struct {
  std::string name;
  std::vector<Field> fields;
  std::vector<MemRange> ranges;
  std::uint32_t bytes = 0;  ///< end of the last field, rounded up to 8
  bool operator==(const Struct&) const = default;
};

/// `locks {field: kind [rank n]}`. Whoever holds a lock may acquire only locks of a higher rank; without a rank, only while holding no other.
struct LockField {
  std::string name, kind;
  std::optional<std::uint32_t> rank;
  std::optional<FunctionIdx> unlock;  ///< `fn f(x: &T<'x>) releases lock('x.field)`: how the runtime releases it
  bool operator==(const LockField&) const = default;
};

/// `maps NAME { hash, array }`: types of maps that some functions take, as ir::MapDefinition::kind names them.
struct MapKind {
  std::string name;
  std::vector<std::string> types;
  bool operator==(const MapKind&) const = default;
};

struct ObjectType {
  enum class Kind : std::uint8_t { linear, counted, rcu, plain };
  std::string name;
  Kind kind = Kind::plain;
  std::vector<std::string> states;
  std::vector<StateIdx> stable;     ///< nobody but the extension's own calls moves the object out of these
  std::string drop_name;            ///< drop=f
  std::optional<FunctionIdx> drop;  ///< how the runtime gives one back; mandatory for linear and counted types
  std::vector<LockField> locks;
  std::optional<ObjectTypeIdx> base;  ///< `is B`: each one is a B, too, and may be passed as such
  std::optional<StructIdx> view;      ///< `as S`: the extension may access the object's fields as S declares
  std::uint32_t stack_bytes = 0;      ///< `stack n`: objects live in n bytes of the extension's private stack (8-byte aligned)
  /// `field n`: objects are the fields of a map's values whose C type is `struct NAME`, n bytes; only the host touches them
  std::uint32_t field_bytes = 0;
  /// `reads "s"`: the fields of the host's struct s may be read, as the host's type information has them
  std::string reads;
  bool parkable = false;  ///< tn_park_NAME() and tn_take_NAME() keep objects beyond the invocation, by handles that the extension may store anywhere
  bool builtin = false;   ///< part of the built-in declarations
  bool operator==(const ObjectType&) const = default;
};

/// iterator I over T: new f, next g, drop h [stack n]; declares the linear type I, too.
struct Iterator {
  ObjectTypeIdx type;               ///< I
  std::string element;              ///< T: an object type, a struct or an integer
  std::string new_name, next_name;  ///< the drop function is the type's
  std::optional<FunctionIdx> make, next;
  bool operator==(const Iterator&) const = default;
};

struct Mode {
  std::string name;
  std::vector<ModeIdx> excludes;  ///< as written; exclusion works both ways
  bool excludes_suspend = false, excludes_sleep = false;
  bool excludes_calls = false;       ///< `calls`: nothing may be called but what exits the mode, or names it in `in` or `allowed_in`
  std::optional<FunctionIdx> leave;  ///< the function without parameters that exits it: how the runtime leaves it
  bool operator==(const Mode&) const = default;
};

struct Parameter {
  std::string name;
  Type type;
  bool operator==(const Parameter&) const = default;
};

struct Callback {
  std::vector<Type> parameters;
  Type result;
  bool later = false;  ///< called after the call has returned, each time as an invocation of its own that begins with nothing held
  bool cleans = false;  ///< `finally`: later, when what the invocation holds is given back; it may neither acquire nor throw
  bool operator==(const Callback&) const = default;
};

/// 'a.field, or T<of 'a>.field: any T linked to 'a.
struct LockRef {
  std::string instance;                      ///< 'a
  std::optional<ObjectTypeIdx> linked_type;  ///< T; none: 'a itself has the lock
  ObjectTypeIdx type;                        ///< the type that has the lock
  std::uint32_t field = 0;                   ///< into ObjectType::locks
  bool operator==(const LockRef&) const = default;
};

struct ModeRef {
  ModeIdx mode;
  std::string region;  ///< 'r, may be empty
  bool operator==(const ModeRef&) const = default;
};

/// Expressions of predicates and contracts, as nodes that name their operands by position; the root is the last one.
struct Expression {
  enum class Op : std::uint8_t {
    number,
    truth,
    null,
    name,
    member,
    element,
    old,
    negate,
    complement,
    logical_not,
    multiply,
    divide,
    modulo,
    add,
    subtract,
    shift_left,
    shift_right,
    bit_and,
    bit_or,
    bit_xor,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    logical_and,
    logical_or,
    implies,
    for_all,
    exists,
  };
  struct Node {
    Op op = Op::number;
    std::uint64_t number = 0;             ///< number (two's complement); truth: 0 or 1
    std::string name;                     ///< name, member, and the variable of for_all and exists
    std::vector<std::uint32_t> operands;  ///< element: state variable, indices..; for_all: lo, hi (inclusive), body
    bool operator==(const Node&) const = default;
  };
  std::vector<Node> nodes;
  bool operator==(const Expression&) const = default;
};

/// `on PRED : effect`: what holds instead when the call's result (or a scalar argument) compares so.
struct Conditional {
  enum class Compare : std::uint8_t { eq, ne, lt, le, gt, ge };
  enum class Effect : std::uint8_t { state, keeps, consumes, acquires, releases, enters, exits };
  std::optional<std::uint32_t> parameter;  ///< none: the result
  Compare compare = Compare::eq;
  std::uint64_t value = 0;  ///< two's complement; null is 0
  Effect effect = Effect::state;
  std::uint32_t object = 0;  ///< state, keeps, consumes: index of the parameter
  StateIdx state;
  LockRef lock;
  ModeRef mode;
  bool operator==(const Conditional&) const = default;
};

/// requires {P}, ensures {P}, modifies {sv[..],..}, case {P} => {Q}; kept for the contract level.
struct Contract {
  enum class Kind : std::uint8_t { require, ensure, modify, consider };
  Kind kind = Kind::require;
  std::vector<Expression> expressions;  ///< modify: each variable; consider: P, Q
  bool operator==(const Contract&) const = default;
};

struct Escapes {
  bool heap = false, map = false, result = false;
  bool operator==(const Escapes&) const = default;
};

/// What a call, or running a hook, asks for and changes.
struct Clauses {
  std::vector<LockRef> requires_locks, acquires_locks, releases_locks;
  std::vector<ModeRef> enters, exits, in_modes, not_in_modes;
  std::vector<ModeRef> allowed_in;  ///< modes that exclude calls, but not this one
  std::vector<Conditional> on;
  std::vector<Contract> contracts;
  std::vector<std::uint32_t> moves;  ///< `moves ctx`: the context's memory changes place; pointers into it die and are read anew
  Escapes may_escape;                ///< host pointers that come from here may be stored there
  bool may_suspend = false, may_sleep = false;
  bool may_end = false;    ///< `ends`: the invocation may be over inside, as if the program had returned
  bool no_return = false;  ///< it never comes back to its caller
  bool throws = false;     ///< it may throw: to the innermost call that `catches`, else out of the invocation
  bool catches = false;    ///< runs its callback exactly once and returns 1 if that threw, 0 if it returned; built-in functions only
  bool destroys = false;   ///< runs a function that an earlier call was given as `finally`; built-in functions only
  bool interruptible = false;
  bool callback_safe = false;
  std::string inline_file;  ///< inline "x.bc"
  bool operator==(const Clauses&) const = default;
};

struct Function : Clauses {
  std::string name;
  std::vector<Parameter> parameters;  ///< at most 5
  Type result;
  bool variadic = false;                ///< `...`: numbers may follow, as many as still fit
  std::optional<std::uint32_t> helper;  ///< `helper n`: the number by which programs call it that know no names
  std::vector<std::string> hooks;       ///< `for a, b`: programs of these hooks may call it; empty: all
  bool builtin = false;                 ///< part of the built-in declarations; the runtime implements it
  bool parks = false;                   ///< built in for a parkable type: keeps the object that it is given
  std::uint32_t line = 0;               ///< in its .tni file
  std::string text;                     ///< the declaration as written, one line
  bool operator==(const Function&) const = default;
};

struct Hook : Clauses {
  std::string name;
  std::vector<Parameter> parameters;  ///< at most 5
  Type result;
  std::uint64_t default_result = 0;   ///< what the host gets when the extension is cancelled
  std::uint8_t level = 0;             ///< level>=Lk: the least safety level
  bool no_performance_mode = false;   ///< noperf
  std::vector<std::string> sections;  ///< `section "a", "b/*"`: ELF sections whose programs are for it, besides its own name
  std::uint32_t line = 0;
  std::string text;
  bool operator==(const Hook&) const = default;
};

/// state NAME[ty,..] : ty; what contracts speak about.
struct StateVariable {
  std::string name;
  std::vector<Type> indices;
  Type type;
  bool operator==(const StateVariable&) const = default;
};

class Declarations {
 public:
  std::string file;
  std::string name;  ///< of `interface NAME;`, may be empty
  std::string over;  ///< of `interface NAME over OVER;`
  std::vector<StateVariable> state_variables;
  std::vector<Expression> invariants;
  std::vector<Struct> structs;
  std::vector<ObjectType> object_types;
  std::vector<Iterator> iterators;
  std::vector<MapKind> map_kinds;
  std::vector<Mode> modes;
  std::vector<Callback> callbacks;
  std::vector<Function> functions;
  std::vector<Hook> hooks;

  constexpr std::optional<FunctionIdx> find_function(std::string_view wanted) const { return find<FunctionIdx>(functions, wanted); }
  /// The next line of the same name: one for another kind of maps.
  constexpr std::optional<FunctionIdx> next_variant(FunctionIdx i) const {
    for (std::size_t f = i.index() + 1; f < functions.size(); ++f) {
      if (functions[f].name == functions[i.index()].name) return FunctionIdx(f);
    }
    return std::nullopt;
  }
  /// A callee as programs name it: by its name, or "helper#n".
  constexpr std::optional<FunctionIdx> find_callee(std::string_view wanted) const {
    if (const auto named = find_function(wanted)) return named;
    constexpr std::string_view kHelper = "helper#";
    if (!wanted.starts_with(kHelper)) return std::nullopt;
    std::uint64_t number = 0;
    for (const char digit : wanted.substr(kHelper.size())) {
      if (digit < '0' || digit > '9' || number > UINT32_MAX) return std::nullopt;
      number = number * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    for (std::size_t f = 0; f < functions.size(); ++f) {
      if (functions[f].helper && *functions[f].helper == number) return FunctionIdx(f);
    }
    return std::nullopt;
  }
  /// The hook that a section is for: the one that names it, else the one that is called so.
  constexpr std::optional<HookIdx> hook_of_section(std::string_view section, std::string_view name) const {
    for (std::size_t h = 0; h < hooks.size(); ++h) {
      for (const std::string& pattern : hooks[h].sections) {
        const bool any = pattern.ends_with("/*");
        const std::string_view start = std::string_view(pattern).substr(0, pattern.size() - (any ? 1 : 0));
        if (any ? section.starts_with(start) : section == start) return HookIdx(h);
      }
    }
    return find_hook(name);
  }
  constexpr std::optional<HookIdx> find_hook(std::string_view wanted) const { return find<HookIdx>(hooks, wanted); }
  constexpr std::optional<StructIdx> find_struct(std::string_view wanted) const { return find<StructIdx>(structs, wanted); }
  constexpr std::optional<ObjectTypeIdx> find_object_type(std::string_view wanted) const { return find<ObjectTypeIdx>(object_types, wanted); }
  constexpr std::optional<MapKindIdx> find_map_kind(std::string_view wanted) const { return find<MapKindIdx>(map_kinds, wanted); }
  constexpr std::optional<ModeIdx> find_mode(std::string_view wanted) const { return find<ModeIdx>(modes, wanted); }
  constexpr const Struct& at(StructIdx i) const { return structs[i.index()]; }
  constexpr const ObjectType& at(ObjectTypeIdx i) const { return object_types[i.index()]; }
  constexpr const Function& at(FunctionIdx i) const { return functions[i.index()]; }
  constexpr const Hook& at(HookIdx i) const { return hooks[i.index()]; }
  constexpr const MapKind& at(MapKindIdx i) const { return map_kinds[i.index()]; }
  constexpr const Mode& at(ModeIdx i) const { return modes[i.index()]; }
  constexpr const Callback& at(CallbackIdx i) const { return callbacks[i.index()]; }

  /// `type` is `wanted`, or is declared to be one.
  constexpr bool is_a(ObjectTypeIdx type, ObjectTypeIdx wanted) const {
    std::optional<ObjectTypeIdx> one = type;
    for (std::size_t steps = 0; one && steps <= object_types.size(); ++steps) {
      if (*one == wanted) return true;
      one = at(*one).base;
    }
    return false;
  }

 private:
  template <class I, class T>
  static constexpr std::optional<I> find(const std::vector<T>& all, std::string_view wanted) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].name == wanted) return I(i);
    }
    return std::nullopt;
  }
};

}  // namespace tenon::interface
