// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// An element is borrowed until the next one is asked for.
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

SEC("tick") u64 on_tick(u64 now)
{
	struct Flows *flows = flows_begin();

	if (!flows)
		return 0;
	struct conversation_fields *first = (void *)flows_next(flows), *second;
	if (!first)
		goto out;
	second = (void *)flows_next(flows);
	if (second)
		second->packets += first->packets; // ERROR: E0309
out:
	flows_end(flows);
	return 0;
}
