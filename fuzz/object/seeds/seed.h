// SPDX-License-Identifier: Apache-2.0
typedef unsigned long long u64;
typedef unsigned u32;
#define SEC(name) __attribute__((section(name), used))
#define noinline __attribute__((noinline))
#define __uint(name, val) int (*name)[val]
#define __type(name, val) typeof(val) *name
