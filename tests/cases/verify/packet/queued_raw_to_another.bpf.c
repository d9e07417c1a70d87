// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// RUN: verify          EXPECT: reject
// INTERFACE: net
#include <net.h>

SEC("rx") s32 receive(struct xdp_md *pkt)
{
	struct xdp_md *other = pkt_clone(pkt);
	const struct iphdr *iph = ip_hdr(pkt), *other_iph;
	const struct tcphdr *th = tcp_hdr(pkt);
	s32 result = 1;

	if (!other)
		goto free;
	other_iph = ip_hdr(other);
	if (!iph || !th || !other_iph)
		goto both;
	if (ip_rcv(pkt, iph) < 0 || ip_rcv(other, other_iph) < 0)
		goto both;
	struct Socket *sk = sk_lookup(other);
	if (!sk)
		goto both;
	socket_lock(sk);
	queue_to_socket(sk, pkt); // ERROR: E0310
	socket_unlock(sk);
	sk_put(sk);
	pkt_free(other);
	return 0;
both:
	pkt_free(other);
free:
	pkt_free(pkt);
	return result;
}
