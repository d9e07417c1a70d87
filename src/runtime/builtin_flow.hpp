// SPDX-License-Identifier: Apache-2.0
// Built-in functions that decide what runs next: exceptions, cleanups, the kernel's loops.
#pragma once

#include "runtime/builtins.hpp"

namespace tenon::runtime {

std::uint64_t throw_cookie(Level& level, const Registers& r) noexcept;        ///< bpf_throw
std::uint64_t try_body(Level& level, const Registers& r) noexcept;            ///< tn_try
std::uint64_t caught_cookie(Level& level, const Registers& r) noexcept;       ///< tn_cookie
std::uint64_t defer_cleanup(Level& level, const Registers& r) noexcept;       ///< tn_defer
std::uint64_t begin_scope(Level& level, const Registers& r) noexcept;         ///< tn_scope_begin
std::uint64_t end_scope(Level& level, const Registers& r) noexcept;           ///< tn_scope_end
std::uint64_t loop_callback(Level& level, const Registers& r) noexcept;       ///< bpf_loop
std::uint64_t new_numbers(Level& level, const Registers& r) noexcept;         ///< bpf_iter_num_new
std::uint64_t next_number(Level& level, const Registers& r) noexcept;         ///< bpf_iter_num_next
std::uint64_t destroy_numbers(Level& level, const Registers& r) noexcept;     ///< bpf_iter_num_destroy

}  // namespace tenon::runtime
