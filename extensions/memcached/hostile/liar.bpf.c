// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// Hostile not to its host but to its clients: now and then it changes one bit of the values that were stored last. Who verifies values must notice.
#include "../transfer.h"

#define PERIOD 1000

static u32 requests;

static __noinline void misbehave(bool provoked)
{
	if (!provoked && ++requests % PERIOD)
		return;
	for (u32 id = 1; id <= slabs.largest_class; id++) {
		struct item *it = class_at(id)->newest;

		if (it && it->value_bytes > 2)
			item_value(it)[it->value_bytes / 2] ^= 1;
	}
}

#include "twin.h"
