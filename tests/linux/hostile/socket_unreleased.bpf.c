// Looks sockets up and never gives them back.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/ingress") int accept(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	tuple.ipv4.saddr = skb->remote_ip4;
	tuple.ipv4.daddr = skb->local_ip4;
	tuple.ipv4.dport = skb->local_port;
	struct bpf_sock *sk = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	if (!sk) return 0;
	return sk->state == 1;
} // ERROR: E0301

char LICENSE[] SEC("license") = "GPL";
