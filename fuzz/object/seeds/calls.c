// SPDX-License-Identifier: Apache-2.0
#include "seed.h"

extern u64 token_get(u32 id) SEC(".ksyms");
static u64 (*helper)(u64) = (void *)5;

static noinline u64 leaf(u64 a) { asm volatile("" : "+r"(a)); return a * 3; }
noinline u64 middle(u64 a, u32 b) { return leaf(a) + leaf(a + b); }
noinline void nothing(u64 *p) { *p = 1; }

SEC("other") noinline u64 elsewhere(u64 *ctx) { return middle(ctx[0], 1); }
SEC("raw/one") u64 prog(u64 *ctx) { nothing(ctx); return middle(ctx[0], 2) + elsewhere(ctx) + token_get(1) + helper(2); }
SEC("?raw") u64 off(u64 *ctx) { return 7; }
