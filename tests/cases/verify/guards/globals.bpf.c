// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Accesses inside the globals need no guard; one through a pointer that came from memory does.
// RUN: verify          EXPECT: accept
// GUARDS: heap_accesses=3 elided=2 emitted=1
#include <raw.h>

u64 counter;
u64 *pointer;

SEC("raw") u64 globals(struct raw_context *ctx)
{
	counter = 3;
	return *pointer;
}
