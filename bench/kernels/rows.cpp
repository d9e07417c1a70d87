// SPDX-License-Identifier: Apache-2.0
#include "rows.hpp"

#include <array>

namespace tenon::bench {
namespace {

constexpr std::uint64_t kKi = 1024;

constexpr std::array kRows{
    Row{"fnv_64", "fnv", "fnv", 64, 64, "hash", false, Group::alu, false},
    Row{"fnv_1500", "fnv", "fnv", 1500, 150, "hash", false, Group::alu, false},
    Row{"jhash_64", "jhash", "jhash", 64, 64, "hash", false, Group::alu, false},
    Row{"jhash_1500", "jhash", "jhash", 1500, 150, "hash", false, Group::alu, false},
    Row{"pktcsum", "checksum", "checksum", 64, 4, "packet", false, Group::byte, true},
    Row{"sieve_8k", "sieve", "sieve", 8 * kKi, 100, "sieve", false, Group::byte, false},
    Row{"collatz_300", "collatz", "collatz", 300, 10, "run", false, Group::alu, false},
    Row{"list_1k", "list", "list", kKi, 16, "node", true, Group::pointer, false},
    Row{"list_64k", "list", "list", 64 * kKi, 64, "node", true, Group::pointer, false},
    Row{"hash_get_1k", "hashtable", "hash_get", kKi, 16, "lookup", false, Group::pointer, false},
    Row{"hash_get_1m", "hashtable", "hash_get", kKi* kKi, 64, "lookup", false, Group::pointer, false},
    Row{"hash_insert_2k", "hashtable", "hash_insert", 2 * kKi, 32, "entry", true, Group::pointer, false},
    Row{"rbtree_get_64k", "rbtree", "rbtree_get", 64 * kKi, 64, "lookup", false, Group::pointer, false},
    Row{"rbtree_insert_1k", "rbtree", "rbtree_insert", kKi, 32, "node", true, Group::pointer, false},
    Row{"skiplist_get_64k", "skiplist", "skiplist", 64 * kKi, 64, "lookup", false, Group::pointer, false},
    Row{"bsearch_64k", "bsearch", "binary_search", 64 * kKi, 64, "lookup", false, Group::pointer, false},
    Row{"memcmp_1500", "bytes", "compare", 1500, 150, "buffer", false, Group::byte, false},
    Row{"memcpy_1500", "bytes", "copy", 1500, 150, "buffer", false, Group::byte, true},
    Row{"vm_switch", "vm", "vm", 1000, 10, "round", true, Group::byte, false},
    Row{"heapsort_1k", "heapsort", "sort", kKi, 16, "sort", false, Group::byte, false},
    Row{"chacha20", "chacha20", "chacha20", 1, 1, "block", false, Group::alu, false},
};

}  // namespace

std::span<const Row> rows() { return kRows; }

}  // namespace tenon::bench
