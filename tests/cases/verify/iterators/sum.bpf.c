// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: accept
// INTERFACE: net
#include <net.h>

SEC("tick") u64 on_tick(u64 now)
{
	struct Flows *flows = flows_begin();
	struct Conversation *flow;
	u64 sum = 0;

	if (!flows)
		return 0;
	while ((flow = flows_next(flows))) {
		struct conversation_fields *f = (void *)flow;
		sum += f->packets;
		f->bytes = 0;
	}
	flows_end(flows);
	return sum;
}
