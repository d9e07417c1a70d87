// SPDX-License-Identifier: Apache-2.0
// The host behind interfaces/raw.tni: a few counted tokens, and a context with memory to read and write.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <tenon/interface.hpp>
#include <tenon/result.hpp>

namespace tenon::engine {

/// Laid out as interfaces/raw.tni declares it.
struct RawContext {
  std::uint8_t* data = nullptr;
  std::uint8_t* data_end = nullptr;
};

class RawHost;

struct RawToken {
  RawHost* owner = nullptr;
  std::uint64_t references = 0;
  std::uint64_t locks = 0;
};

struct RawCounts {
  std::uint64_t got = 0;       ///< references handed out
  std::uint64_t put = 0;       ///< references given back, by the extension or for it
  std::uint64_t lost = 0;      ///< references not given back
  std::uint64_t locked = 0;    ///< locks not undone
  std::uint64_t misused = 0;   ///< puts and unlocks of what was not held
};

/// Token ids are 1 to kTokens; any other id gives null.
class RawHost {
 public:
  static constexpr std::uint32_t kTokens = 16;

  RawHost();
  RawHost(const RawHost&) = delete;
  RawHost& operator=(const RawHost&) = delete;

  RawToken* get(std::uint32_t id);
  void put(RawToken& token);
  void lock(RawToken& token);
  void unlock(RawToken& token);
  RawCounts counts() const;

  /// Programs that run on this thread while the scope lives get their tokens from `host`.
  class Scope {
   public:
    explicit Scope(RawHost& host);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    RawHost* outer_;
  };

 private:
  std::array<RawToken, kTokens> tokens_{};
  RawCounts counts_;
};

/// The built-in interface `raw` with its functions bound.
Interface raw_interface();

}  // namespace tenon::engine
