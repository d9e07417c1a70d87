// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A hostile twin of memcached: loops for ever.
#include "../transfer.h"

static u64 turns;

static __noinline void misbehave(bool provoked)
{
	while (provoked)
		*(volatile u64 *)&turns += 1;
}

#include "twin.h"
