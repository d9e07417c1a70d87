// SPDX-License-Identifier: Apache-2.0
#include "seed.h"

static noinline u64 twice(u64 a) { return a * 2; }
static noinline u64 thrice(u64 a) { return a * 3; }
u64 (*table[2])(u64) = {thrice, twice};
u64 apply(u64 (*f)(u64), u64 a);

SEC("raw") u64 through_table(u64 *ctx) { return table[ctx[0] & 1](5); }
SEC("raw") u64 passes(u64 *ctx) { return apply(twice, 1); }
