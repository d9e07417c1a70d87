// SPDX-License-Identifier: Apache-2.0
#include "object/map_kinds.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace tenon::object {

std::string map_kind(std::uint32_t type) {
  static constexpr std::array<std::string_view, 35> kKinds{"unspec",
                                                           "hash",
                                                           "array",
                                                           "prog_array",
                                                           "perf_event_array",
                                                           "percpu_hash",
                                                           "percpu_array",
                                                           "stack_trace",
                                                           "cgroup_array",
                                                           "lru_hash",
                                                           "lru_percpu_hash",
                                                           "lpm_trie",
                                                           "array_of_maps",
                                                           "hash_of_maps",
                                                           "devmap",
                                                           "sockmap",
                                                           "cpumap",
                                                           "xskmap",
                                                           "sockhash",
                                                           "cgroup_storage",
                                                           "reuseport_sockarray",
                                                           "percpu_cgroup_storage",
                                                           "queue",
                                                           "stack",
                                                           "sk_storage",
                                                           "devmap_hash",
                                                           "struct_ops",
                                                           "ringbuf",
                                                           "inode_storage",
                                                           "task_storage",
                                                           "bloom_filter",
                                                           "user_ringbuf",
                                                           "cgrp_storage",
                                                           "arena",
                                                           "insn_array"};
  return type < kKinds.size() ? std::string(kKinds[type]) : fmt::format("type#{}", type);
}

}  // namespace tenon::object
