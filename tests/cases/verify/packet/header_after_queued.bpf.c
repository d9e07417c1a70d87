// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// A header is borrowed from its packet.
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

SEC("rx") s32 receive(struct xdp_md *pkt)
{
	const struct iphdr *iph = ip_hdr(pkt);
	const struct tcphdr *th = tcp_hdr(pkt);

	if (!iph || !th)
		goto drop;
	if (ip_rcv(pkt, iph) < 0)
		goto drop;
	struct Socket *sk = sk_lookup(pkt);
	if (!sk)
		goto drop;
	socket_lock(sk);
	tcp_rcv(pkt, th);
	queue_to_socket(sk, pkt);
	socket_unlock(sk);
	sk_put(sk);
	return th->flags & 1; // ERROR: E0309
drop:
	pkt_free(pkt);
	return 1;
}
