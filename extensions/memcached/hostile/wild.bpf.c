// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A hostile twin of memcached: writes through a pointer that points anywhere.
#include "../transfer.h"

static u64 target = 0x00007f1234567000;

static __noinline void misbehave(bool provoked)
{
	u8 *wild = (u8 *)*(volatile u64 *)&target;

	for (u32 i = 0; provoked && i < 16; i++)
		wild[(u64)i << 28] = 0xff;
}

#include "twin.h"
