// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

SEC("rx") s32 receive(struct xdp_md *pkt)
{
	u32 length = pkt_len(pkt);

	pkt_free(pkt);
	return length; // ERROR: E0221
}
