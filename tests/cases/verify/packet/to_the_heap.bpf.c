// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

struct xdp_md *kept;

SEC("rx") s32 receive(struct xdp_md *pkt)
{
	kept = pkt; // ERROR: E0210
	pkt_free(pkt);
	return 0;
}
