// SPDX-License-Identifier: Apache-2.0
// What a .tni file says, as data. The verifier, the runtime and the header generator read these types and nothing else about a host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tenon/result.hpp>

#include "base/strong.hpp"

namespace tenon::interface {

using StructIdx = base::Strong<struct StructIdxTag>;
using ObjectTypeIdx = base::Strong<struct ObjectTypeIdxTag>;
using FunctionIdx = base::Strong<struct HostFunctionIdxTag>;
using HookIdx = base::Strong<struct HookIdxTag>;

enum class Access : std::uint8_t { read, write, read_write, uninit };  ///< uninit: need not be initialised before, is afterwards
constexpr bool may_read(Access a) { return a == Access::read || a == Access::read_write; }
constexpr bool may_write(Access a) { return a != Access::read; }

struct Nothing { bool operator==(const Nothing&) const = default; };

/// u8..u64, s8..s64, optionally `in lo..hi` (both inclusive). Bounds as the type's own value, sign-extended.
struct Scalar {
  std::uint8_t bits = 64;
  bool is_signed = false;
  std::int64_t lo = 0;   ///< for u64 without a range: 0 ..
  std::uint64_t hi = 0;  ///< .. UINT64_MAX; for signed types read as int64_t
  bool operator==(const Scalar&) const = default;
};

/// `&S` where S is a struct: a context or host structure, never null, field accesses as the struct declares.
struct StructRef { StructIdx type; bool operator==(const StructRef&) const = default; };

/// [?] (& | own) T<'a>
struct ObjectRef {
  enum class Mode : std::uint8_t { borrow, own };
  Mode mode = Mode::borrow;
  ObjectTypeIdx type;
  bool nullable = false;
  std::string instance;  ///< "a" of 'a; empty when not named
  bool operator==(const ObjectRef&) const = default;
};

/// [?] mem(T|expr) [r|w|rw|uninit] [shared]. As a parameter the extension passes memory of its own (stack, heap) or of the host; as a result the host
/// hands out memory that stays valid for the invocation.
struct Mem {
  std::string element;            ///< "u8", or a struct's name
  std::uint64_t element_bytes = 1;
  std::optional<std::uint64_t> count;    ///< constant number of elements (1 when no expression stands there)
  std::optional<std::uint32_t> count_parameter;  ///< index of the parameter that gives the number of elements
  Access access = Access::read;
  bool shared = false;            ///< parameter: the host function works on heap memory in place, not on a copy; result: others may write it meanwhile
  bool nullable = false;
  bool operator==(const Mem&) const = default;
};

using Type = std::variant<Nothing, Scalar, StructRef, ObjectRef, Mem>;

/// `name: ty @off r|w|rw` or, for a pair of pointers that delimit memory, `data..data_end: mem r|w|rw @off..off`.
struct Field {
  std::string name;
  Scalar type;
  std::uint32_t offset = 0;
  Access access = Access::read;
};
struct MemRange {
  std::string begin_name, end_name;
  std::uint32_t begin_offset = 0, end_offset = 0;  ///< of the two 8-byte pointers; both fields are read-only
  Access access = Access::read;
};
struct Struct {
  std::string name;
  std::vector<Field> fields;
  std::vector<MemRange> ranges;
  std::uint32_t bytes = 0;  ///< end of the last field, rounded up to 8
};

struct ObjectType {
  enum class Kind : std::uint8_t { linear, counted, rcu, plain };
  std::string name;
  Kind kind = Kind::plain;
  std::string drop_name;             ///< drop=f
  std::optional<FunctionIdx> drop;   ///< how the runtime gives one back; mandatory for linear and counted types
};

struct Parameter {
  std::string name;
  Type type;
};

struct Function {
  std::string name;
  std::vector<Parameter> parameters;  ///< at most 5
  Type result;
  bool no_return = false;      ///< noreturn: the invocation ends inside
  bool interruptible = false;
  bool callback_safe = false;
  bool builtin = false;        ///< part of the built-in declarations; the runtime implements it
  std::uint32_t line = 0;      ///< in its .tni file
  std::string text;            ///< the declaration as written, one line
};

struct Hook {
  std::string name;
  std::vector<Parameter> parameters;  ///< at most 5
  Type result;
  std::uint64_t default_result = 0;   ///< what the host gets when the extension is cancelled
  std::uint32_t line = 0;
  std::string text;
};

class Declarations {
 public:
  std::string file;
  std::string name;  ///< of `interface NAME;`, may be empty
  std::vector<Struct> structs;
  std::vector<ObjectType> object_types;
  std::vector<Function> functions;
  std::vector<Hook> hooks;

  std::optional<FunctionIdx> find_function(std::string_view name) const;
  std::optional<HookIdx> find_hook(std::string_view name) const;
  const Struct& at(StructIdx i) const { return structs[i.index()]; }
  const ObjectType& at(ObjectTypeIdx i) const { return object_types[i.index()]; }
  const Function& at(FunctionIdx i) const { return functions[i.index()]; }
  const Hook& at(HookIdx i) const { return hooks[i.index()]; }
};

/// Parses .tni text (grammar: docs/interface-language.md). Clauses of the full language that this build does not implement are refused by name (E0510),
/// never skipped. Errors: E0501 syntax, E0502 unknown name, E0503 duplicate, E0504 does not fit, each with line and column. Thread-safe.
Result<Declarations> parse(std::string_view text, std::string_view file);

/// The C header for extension authors: struct definitions with the declared layout, opaque object types, extern functions, one section macro per hook.
/// The built-in functions come from <tn/builtin.h>.
std::string to_header(const Declarations& declarations);

/// Canonical .tni text without the built-in declarations; parse(to_text(d)) equals d but for lines and `text`.
std::string to_text(const Declarations& declarations);
std::string to_text(const Declarations& declarations, const Type& type);

}  // namespace tenon::interface
