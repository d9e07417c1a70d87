// SPDX-License-Identifier: Apache-2.0
#include "object/btf_ext.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>

#include "object/bytes.hpp"

namespace tenon::object {
namespace {

struct Header {
  std::uint16_t magic;
  std::uint8_t version, flags;
  std::uint32_t header_bytes, function_offset, function_bytes, line_offset, line_bytes;
};
static_assert(sizeof(Header) == 24);
constexpr std::uint16_t kMagic = 0xeb9f;
constexpr std::uint32_t kMaxRecordBytes = 4096;

struct RawLine {
  std::uint32_t offset, file, text, line_and_column;
};
struct RawPrototype {
  std::uint32_t offset, function;
};

struct RawCore {
  std::uint32_t offset, type, access, kind;
};
/// Follows Header where the header is long enough.
struct CoreHeader {
  std::uint32_t offset, bytes;
};

class ExtReader {
 public:
  ExtReader(std::span<const std::byte> section, const Btf& btf, const ElfImage& image) : section_(section), btf_(btf), image_(image) {
    for (std::uint32_t i = 1; i < image.sections.size(); ++i) {
      if (image.sections[i].is_code()) code_sections_.emplace(image.sections[i].name, i);
    }
  }

  Result<BtfExt> run() {
    const auto header = load<Header>(section_, 0);
    if (!header || header->magic != kMagic || header->version != 1 || header->flags != 0 || header->header_bytes < sizeof(Header) ||
        header->header_bytes > section_.size()) {
      return damaged("its header is unknown");
    }
    const auto body = section_.subspan(header->header_bytes);
    if (!inside(header->function_offset, header->function_bytes, body.size()) || !inside(header->line_offset, header->line_bytes, body.size())) {
      return damaged("its parts lie outside it");
    }
    const CoreHeader core_header = core_header_of(header->header_bytes);
    if (!inside(core_header.offset, core_header.bytes, body.size())) return damaged("its parts lie outside it");
    const auto functions = body.subspan(header->function_offset, header->function_bytes);
    const auto lines = body.subspan(header->line_offset, header->line_bytes);
    const auto core_records = body.subspan(core_header.offset, core_header.bytes);
    const bool ok = table(functions, sizeof(RawPrototype), [&](auto record, std::uint32_t section) { return prototype(record, section); }) &&
                    table(lines, sizeof(RawLine), [&](auto record, std::uint32_t section) { return line(record, section); }) &&
                    table(core_records, sizeof(RawCore), [&](auto record, std::uint32_t section) { return core(record, section); });
    if (!ok) return damaged(message_);
    sort(ext_.lines);
    sort(ext_.prototypes);
    sort(ext_.core);
    return std::move(ext_);
  }

 private:
  using Visit = std::function<bool(std::span<const std::byte> record, std::uint32_t section)>;

  static std::unexpected<Diagnostics> damaged(const std::string& how) {
    return refuse("E0115", "the .BTF.ext section is damaged: " + how, "build the object again");
  }
  bool fail(std::string message) {
    message_ = std::move(message);
    return false;
  }

  /// A record size, then for each section its name, a count and the records.
  bool table(std::span<const std::byte> bytes, std::uint32_t least_record_bytes, const Visit& visit) {
    if (bytes.empty()) return true;
    const auto record_bytes = load<std::uint32_t>(bytes, 0);
    if (!record_bytes || *record_bytes < least_record_bytes || *record_bytes > kMaxRecordBytes) return fail("absurd record size");
    std::uint64_t at = 4;
    while (at < bytes.size()) {
      const auto name = load<std::uint32_t>(bytes, at), count = load<std::uint32_t>(bytes, at + 4);
      at += 8;
      if (!name || !count || !inside(at, std::uint64_t{*count} * *record_bytes, bytes.size())) return fail("it ends inside a table");
      const auto section = section_named(*name);
      if (!section) return fail("a table is for a section that does not exist");
      for (std::uint32_t i = 0; i < *count; ++i, at += *record_bytes) {
        if (!visit(bytes.subspan(at, *record_bytes), *section)) return false;
      }
    }
    return true;
  }

  CoreHeader core_header_of(std::uint32_t header_bytes) const {
    if (header_bytes < sizeof(Header) + sizeof(CoreHeader)) return {};
    return load<CoreHeader>(section_, sizeof(Header)).value_or(CoreHeader{});
  }

  std::optional<std::uint32_t> section_named(std::uint32_t name_offset) const {
    const auto name = btf_.string(name_offset);
    if (!name) return std::nullopt;
    const auto found = code_sections_.find(*name);
    return found == code_sections_.end() ? std::nullopt : std::optional(found->second);
  }

  /// clang leaves functions without instructions behind at the end of a section, so the end itself is legal.
  bool slot_of(std::uint32_t offset, std::uint32_t section, std::uint32_t& slot) {
    if (offset % 8 != 0 || offset > image_.sections[section].bytes) return fail("a record is for an instruction that does not exist");
    slot = offset / 8;
    return true;
  }

  bool prototype(std::span<const std::byte> bytes, std::uint32_t section) {
    const RawPrototype raw = load<RawPrototype>(bytes, 0).value_or(RawPrototype{});
    PrototypeRecord record{.function = raw.function};
    if (!slot_of(raw.offset, section, record.slot)) return false;
    if (raw.function >= btf_.size() || btf_.type(raw.function).kind != BtfKind::function) return fail("a record names a type that is no function");
    ext_.prototypes[section].push_back(record);
    return true;
  }

  bool line(std::span<const std::byte> bytes, std::uint32_t section) {
    const RawLine raw = load<RawLine>(bytes, 0).value_or(RawLine{});
    LineRecord record{.line = raw.line_and_column >> 10, .column = raw.line_and_column & 0x3ff};
    if (!slot_of(raw.offset, section, record.slot)) return false;
    const auto file = btf_.string(raw.file), text = btf_.string(raw.text);
    if (!file || !text) return fail("a line's text lies outside the strings");
    record.file = *file;
    record.text = *text;
    ext_.lines[section].push_back(record);
    return true;
  }

  bool core(std::span<const std::byte> bytes, std::uint32_t section) {
    const RawCore raw = load<RawCore>(bytes, 0).value_or(RawCore{});
    CoreRecord record{.type = raw.type};
    if (!slot_of(raw.offset, section, record.slot)) return false;
    const auto access = btf_.string(raw.access);
    if (raw.type >= btf_.size() || !access) return fail("a CO-RE relocation names a type or a field that does not exist");
    if (raw.kind >= kCoreKinds) return fail(fmt::format("a CO-RE relocation is of the unknown kind {}", raw.kind));
    record.access = *access;
    record.kind = static_cast<CoreKind>(raw.kind);
    ext_.core[section].push_back(record);
    return true;
  }

  template <class Record>
  static void sort(std::map<std::uint32_t, std::vector<Record>>& tables) {
    for (auto& [section, records] : tables) {
      std::stable_sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.slot < b.slot; });
      const auto end = std::unique(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.slot == b.slot; });
      records.erase(end, records.end());
    }
  }

  std::span<const std::byte> section_;
  const Btf& btf_;
  const ElfImage& image_;
  std::map<std::string_view, std::uint32_t> code_sections_;
  std::string message_;
  BtfExt ext_;
};

}  // namespace

Result<BtfExt> read_btf_ext(std::span<const std::byte> section, const Btf& btf, const ElfImage& image) {
  return ExtReader(section, btf, image).run();
}

}  // namespace tenon::object
