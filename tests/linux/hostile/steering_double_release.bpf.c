// Steering that gives its socket back twice when the assignment fails.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

SEC("tc") int steer(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	tuple.ipv4.daddr = 0x0100007f;
	tuple.ipv4.dport = 0x5000;
	struct bpf_sock *sk = bpf_sk_lookup_udp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	if (!sk) return TC_ACT_OK;
	int error = bpf_sk_assign(skb, sk, 0);
	if (error) bpf_sk_release(sk);
	bpf_sk_release(sk); // ERROR: E0303
	return error ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
