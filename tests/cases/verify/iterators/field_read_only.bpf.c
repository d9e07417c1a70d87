// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

SEC("tick") u64 on_tick(u64 now)
{
	struct Flows *flows = flows_begin();
	struct conversation_fields *f;

	if (!flows)
		return 0;
	f = (void *)flows_next(flows);
	if (f)
		f->owner = 1; // ERROR: E0215
	flows_end(flows);
	return 0;
}
