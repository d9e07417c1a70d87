// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A hostile twin of memcached: takes all memory that it can get, fills it, and goes on without looking whether it got any.
#include "../transfer.h"

#define BITE (1u << 20)

static __noinline void misbehave(bool provoked)
{
	while (provoked) {
		u8 *memory = (u8 *)tn_grow(BITE);

		for (u32 i = 0; i < BITE; i += 4096)
			memory[i] = 0xff;
	}
}

#include "twin.h"
