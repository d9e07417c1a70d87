// SPDX-License-Identifier: Apache-2.0
// .BTF.ext: which instruction came from which source line, which prototype a function has, and which constants depend on a kernel's types.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "object/btf.hpp"
#include "object/co_re.hpp"
#include "object/elf_image.hpp"

namespace tenon::object {

struct LineRecord {
  std::uint32_t slot = 0;  ///< of its section
  std::string_view file, text;
  std::uint32_t line = 0, column = 0;
};
struct PrototypeRecord {
  std::uint32_t slot = 0;
  TypeId function = 0;
};

/// By ELF section index; records sorted by slot, one per slot.
struct BtfExt {
  std::map<std::uint32_t, std::vector<LineRecord>> lines;
  std::map<std::uint32_t, std::vector<PrototypeRecord>> prototypes;
  std::map<std::uint32_t, std::vector<CoreRecord>> core;
};

/// Errors: E0115. Cost: O(bytes log bytes).
Result<BtfExt> read_btf_ext(std::span<const std::byte> section, const Btf& btf, const ElfImage& image);

}  // namespace tenon::object
