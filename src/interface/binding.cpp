// SPDX-License-Identifier: Apache-2.0
// tenon::Interface: parsed declarations and the C++ functions behind them, each checked against the other.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <tenon/interface.hpp>

#include "interface/declarations.hpp"

namespace tenon {

namespace {

std::string cpp_text(const CppType& type) {
  switch (type.kind) {
    case CppType::Kind::nothing:
      return "void";
    case CppType::Kind::boolean:
      return "bool";
    case CppType::Kind::integer:
      return fmt::format("{}int{}_t", type.is_signed ? "" : "u", type.bytes * 8);
    case CppType::Kind::pointer:
      return type.is_const ? "const T*" : "T*";
    case CppType::Kind::callback:
      return "const tenon::Callback*";
  }
  return {};
}

bool fits(const interface::Function& declared, const HostFunction& given) {
  if (declared.parameters.size() != given.parameters.size() || !interface::fits(interface::shape_of(declared.result), given.result)) return false;
  for (std::size_t i = 0; i < given.parameters.size(); ++i) {
    if (!interface::fits(interface::shape_of(declared.parameters[i].type), given.parameters[i])) return false;
  }
  return true;
}

std::string cpp_text(const HostFunction& function) {
  std::string list;
  for (const CppType& parameter : function.parameters) list += (list.empty() ? "" : ", ") + cpp_text(parameter);
  return fmt::format("{} ({})", cpp_text(function.result), list);
}

}  // namespace

Interface::Interface(std::shared_ptr<const interface::Declarations> declarations)
    : declarations_(std::move(declarations)), bindings_(declarations_->functions.size()) {}

Result<Interface> Interface::parse(std::string_view text, std::string_view name) {
  TENON_TRY(declarations, interface::parse(text, name));
  return Interface(std::make_shared<const interface::Declarations>(std::move(declarations)));
}

Result<Interface> Interface::read(const std::filesystem::path& path) {
  const std::ifstream file(path);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) return refuse("E0505", fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
  return parse(text.str(), path.string());
}

Result<void> Interface::bind_function(std::string_view name, HostFunction function) {
  const auto index = declarations_->find_function(name);
  if (!index || declarations_->at(*index).builtin) {
    return refuse("E0530", fmt::format("{} {} function '{}'", declarations_->file, index ? "cannot replace the built-in" : "declares no", name),
                  "bind only functions that the .tni file declares");
  }
  const interface::Function& declared = declarations_->at(*index);
  if (!fits(declared, function)) {
    return refuse("E0531",
                  fmt::format("the C++ function bound to '{}' is {}, but {}:{} declares {}", name, cpp_text(function), declarations_->file,
                              declared.line, declared.text),
                  "use integers of the declared width and sign, const pointers for 'r' memory and plain ones for the rest");
  }
  bindings_[index->index()] = std::move(function);
  return {};
}

}  // namespace tenon
