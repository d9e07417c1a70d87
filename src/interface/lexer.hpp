// SPDX-License-Identifier: Apache-2.0
// Words of a .tni file. `//` starts a comment that ends with its line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/result.hpp>

namespace tenon::interface {

struct Token {
  enum class Kind : std::uint8_t {
    name,
    number,    ///< decimal or 0x hexadecimal; `value` holds it
    quoted,    ///< "..."; `text` is without the quotes
    instance,  ///< 'a; `text` is without the quote
    symbol,
    end,
  };
  Kind kind = Kind::end;
  std::string_view text;
  std::uint64_t value = 0;
  std::size_t offset = 0;  ///< into the source
  std::uint32_t line = 1, column = 1;
};

/// A .tni text and the name that stands in its diagnostics. Both must outlive the tokens.
struct Source {
  std::string_view text;
  std::string_view file;
};

/// The diagnostic every part of this layer uses: `code` at the place of `token`, with the source line.
Diagnostic complain(const Source& source, const Token& token, std::string code, std::string message, std::string help = {});

/// The tokens of `source`, the last one of kind `end`. Errors: E0501.
Result<std::vector<Token>> tokenize(const Source& source);

}  // namespace tenon::interface
