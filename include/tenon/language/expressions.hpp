// SPDX-License-Identifier: Apache-2.0
// Predicates of contracts: precedence climbing, names and types checked on the way.
#pragma once

#include <tenon/language/types.hpp>

namespace tenon::interface {

class ExpressionParser : public TypeParser {
 public:
  using TypeParser::TypeParser;

 protected:
  using Op = Expression::Op;
  enum class Sort : std::uint8_t { truth, number, object, null };

  /// What an expression may speak about.
  struct Names {
    const Signature* signature = nullptr;  ///< null: invariants
    bool result = false;                   ///< `ret` and `old` make sense
  };

  /// `{ P }`
  constexpr bool predicate(const Names& names, Expression& made) {
    if (!expect("{")) return false;
    const Token at = peek();
    Sort sort = Sort::truth;
    std::uint32_t root = 0;
    names_ = names;
    made_ = &made;
    if (!binary(0, root, sort)) return false;
    if (sort != Sort::truth) return fail(at, "E0504", "a condition is wanted here, this is none", "compare it with something");
    return expect("}");
  }

  /// A state variable with its indices, as `modifies` lists them.
  constexpr bool place(const Names& names, Expression& made) {
    const Token at = peek();
    names_ = names;
    made_ = &made;
    std::uint32_t root = 0;
    Sort sort = Sort::number;
    if (!primary(root, sort)) return false;
    const Op op = made.nodes[root].op;
    const std::uint32_t base = op == Op::element ? made.nodes[root].operands[0] : root;
    const bool variable = made.nodes[base].op == Op::name && find_variable(made.nodes[base].name) != nullptr;
    return variable || fail(at, "E0504", "only state variables can be modified");
  }

 private:
  struct Operator {
    std::string_view text;
    Op op;
    int level;
    bool right;
  };
  static constexpr std::array<Operator, 19> kOperators{{
      {"=>", Op::implies, 1, true},        {"||", Op::logical_or, 2, false},  {"&&", Op::logical_and, 3, false},
      {"==", Op::equal, 4, false},         {"!=", Op::not_equal, 4, false},   {"<=", Op::less_equal, 4, false},
      {">=", Op::greater_equal, 4, false}, {"<", Op::less, 4, false},         {">", Op::greater, 4, false},
      {"|", Op::bit_or, 5, false},         {"^", Op::bit_xor, 6, false},      {"&", Op::bit_and, 7, false},
      {"<<", Op::shift_left, 8, false},    {">>", Op::shift_right, 8, false}, {"+", Op::add, 9, false},
      {"-", Op::subtract, 9, false},       {"*", Op::multiply, 10, false},    {"/", Op::divide, 10, false},
      {"%", Op::modulo, 10, false},
  }};

  constexpr std::uint32_t add(Op op, std::vector<std::uint32_t> operands = {}, std::string name = {}, std::uint64_t number = 0) {
    made_->nodes.push_back({op, number, std::move(name), std::move(operands)});
    return static_cast<std::uint32_t>(made_->nodes.size() - 1);
  }

  constexpr const Operator* operator_here(int least) const {
    for (const Operator& one : kOperators) {
      if (one.level >= least && is(one.text) && peek().kind == Token::Kind::symbol) return &one;
    }
    return nullptr;
  }

  constexpr bool binary(int least, std::uint32_t& root, Sort& sort) {
    if (!unary(root, sort)) return false;
    while (const Operator* op = operator_here(least)) {
      const Token at = take();
      std::uint32_t right = 0;
      Sort right_sort = Sort::number;
      if (!binary(op->right ? op->level : op->level + 1, right, right_sort)) return false;
      if (!combine(at, *op, sort, right_sort)) return false;
      root = add(op->op, {root, right});
    }
    return true;
  }

  constexpr bool combine(const Token& at, const Operator& op, Sort& left, Sort right) {
    const auto wanted = [&](std::string_view what) { return fail(at, "E0504", cat("'", op.text, "' takes ", what)); };
    if (op.level <= 3) {
      if (left != Sort::truth || right != Sort::truth) return wanted("two conditions");
      return true;
    }
    if (op.level == 4) {
      const bool equality = op.op == Op::equal || op.op == Op::not_equal;
      const bool pointers = (left == Sort::object || left == Sort::null) && (right == Sort::object || right == Sort::null);
      if (!(left == Sort::number && right == Sort::number) && !(equality && (pointers || (left == Sort::truth && right == Sort::truth)))) {
        return wanted(equality ? "two values of one kind" : "two numbers");
      }
      left = Sort::truth;
      return true;
    }
    if (left != Sort::number || right != Sort::number) return wanted("two numbers");
    return true;
  }

  constexpr bool unary(std::uint32_t& root, Sort& sort) {
    const Token at = peek();
    const bool logical = is("!"), negative = is("-"), bits = is("~");
    if (!logical && !negative && !bits) return quantified(root, sort);
    take();
    if (!unary(root, sort)) return false;
    if (sort != (logical ? Sort::truth : Sort::number)) return fail(at, "E0504", cat("'", at.text, "' takes a ", logical ? "condition" : "number"));
    root = add(logical ? Op::logical_not : negative ? Op::negate : Op::complement, {root});
    return true;
  }

  /// `forall i: u32 in lo..hi : P`
  constexpr bool quantified(std::uint32_t& root, Sort& sort) {
    if (!is("forall") && !is("exists")) return primary(root, sort);
    const bool all = take().text == "forall";
    Token id, word;
    if (!name("a variable's name", id) || !expect(":") || !name("an integer type", word)) return false;
    if (!scalar_named(word.text)) return fail(word, "E0504", "a bound variable is an integer");
    std::uint32_t low = 0, high = 0, body = 0;
    Sort low_sort = Sort::number, high_sort = Sort::number, body_sort = Sort::truth;
    const Token at = peek();
    if (!expect("in") || !binary(5, low, low_sort) || !expect("..") || !binary(5, high, high_sort) || !expect(":")) return false;
    if (low_sort != Sort::number || high_sort != Sort::number) return fail(at, "E0504", "the ends of a range are numbers");
    bound_.push_back(id.text);
    const Token body_at = peek();
    if (!binary(1, body, body_sort)) return false;
    bound_.pop_back();
    if (body_sort != Sort::truth) return fail(body_at, "E0504", "a condition is wanted here, this is none");
    root = add(all ? Op::for_all : Op::exists, {low, high, body}, std::string(id.text));
    sort = Sort::truth;
    return true;
  }

  constexpr bool primary(std::uint32_t& root, Sort& sort) {
    const Token at = peek();
    if (is(Token::Kind::number)) {
      root = add(Op::number, {}, {}, take().value);
      sort = Sort::number;
      return true;
    }
    if (accept("(")) return binary(1, root, sort) && expect(")");
    if (is(Token::Kind::instance)) return instance_value(root, sort);
    if (at.kind != Token::Kind::name) return unexpected_here("an expression");
    take();
    if (at.text == "true" || at.text == "false") {
      root = add(Op::truth, {}, {}, at.text == "true" ? 1 : 0);
      sort = Sort::truth;
      return true;
    }
    if (at.text == "null") {
      root = add(Op::null);
      sort = Sort::null;
      return true;
    }
    if (at.text == "old" && is("(")) {
      if (!names_.result) return fail(at, "E0504", "old(..) speaks of the time before a call: it belongs into ensures");
      take();
      std::uint32_t inner = 0;
      if (!binary(1, inner, sort) || !expect(")")) return false;
      root = add(Op::old, {inner});
      return true;
    }
    return named(at, root, sort);
  }

  constexpr bool instance_value(std::uint32_t& root, Sort& sort) {
    const Token at = take();
    bool known = false;
    if (names_.signature != nullptr) {
      const auto has = [&](const Type& type) {
        const auto* object = std::get_if<ObjectRef>(&type);
        return object != nullptr && object->instance == at.text;
      };
      for (const Parameter& parameter : names_.signature->parameters) known |= has(parameter.type);
      known |= has(names_.signature->result);
    }
    if (!known) return fail(at, "E0502", cat("nothing here is called '", at.text));
    root = add(Op::name, {}, std::string(cat("'", at.text).view()));
    sort = Sort::object;
    return true;
  }

  constexpr const StateVariable* find_variable(std::string_view wanted) const {
    for (const StateVariable& variable : out_.state_variables) {
      if (variable.name == wanted) return &variable;
    }
    return nullptr;
  }

  static constexpr Sort sort_of(const Type& type) { return std::holds_alternative<Scalar>(type) ? Sort::number : Sort::object; }

  constexpr bool named(const Token& at, std::uint32_t& root, Sort& sort) {
    if (std::find(bound_.begin(), bound_.end(), at.text) != bound_.end()) {
      root = add(Op::name, {}, std::string(at.text));
      sort = Sort::number;
      return true;
    }
    if (const Type* type = type_of(at.text)) {
      root = add(Op::name, {}, std::string(at.text));
      sort = sort_of(*type);
      return is(".") ? member(at, *type, root, sort) : true;
    }
    const StateVariable* variable = find_variable(at.text);
    if (variable == nullptr) return fail(at, "E0502", cat("nothing here is called '", at.text, "'"));
    root = add(Op::name, {}, std::string(at.text));
    sort = sort_of(variable->type);
    if (variable->indices.empty()) return true;
    return elements(at, *variable, root);
  }

  constexpr const Type* type_of(std::string_view wanted) const {
    if (names_.signature == nullptr) return nullptr;
    if (wanted == "ret") return names_.result && !std::holds_alternative<Nothing>(names_.signature->result) ? &names_.signature->result : nullptr;
    for (const Parameter& parameter : names_.signature->parameters) {
      if (parameter.name == wanted) return &parameter.type;
    }
    return nullptr;
  }

  constexpr bool elements(const Token& at, const StateVariable& variable, std::uint32_t& root) {
    std::vector<std::uint32_t> operands{root};
    if (!expect("[")) return false;
    const bool done = list("]", [&] {
      const Token here = peek();
      std::uint32_t index = 0;
      Sort sort = Sort::number;
      if (!binary(5, index, sort)) return false;
      const std::size_t n = operands.size() - 1;
      if (n >= variable.indices.size()) return fail(here, "E0504", cat("'", variable.name, "' has fewer indices"));
      if (sort != sort_of(variable.indices[n])) return fail(here, "E0504", "this index is of another kind");
      operands.push_back(index);
      return true;
    });
    if (!done) return false;
    if (operands.size() != variable.indices.size() + 1) return fail(at, "E0504", cat("'", variable.name, "' has more indices"));
    root = add(Op::element, std::move(operands));
    return true;
  }

  constexpr bool member(const Token& at, const Type& type, std::uint32_t& root, Sort& sort) {
    take();
    Token id;
    if (!name("a field's name", id)) return false;
    const auto* reference = std::get_if<StructRef>(&type);
    const auto* object = std::get_if<ObjectRef>(&type);
    const Struct* structure = reference != nullptr && !reference->is_context ? &out_.at(reference->type) : nullptr;
    if (object != nullptr && out_.at(object->type).view) structure = &out_.at(*out_.at(object->type).view);
    if (structure == nullptr) return fail(at, "E0504", cat("'", at.text, "' has no fields"));
    for (const Field& field : structure->fields) {
      if (field.name != id.text || field.pointer || field.count != 1) continue;
      root = add(Op::member, {root}, std::string(id.text));
      sort = Sort::number;
      return true;
    }
    return fail(id, "E0502", cat("struct '", structure->name, "' has no integer field '", id.text, "'"));
  }

  Names names_;
  Expression* made_ = nullptr;
  std::vector<std::string_view> bound_;
};

}  // namespace tenon::interface
