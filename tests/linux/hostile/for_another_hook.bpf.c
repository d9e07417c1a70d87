// Calls what only traffic control has, from XDP.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int strip(struct xdp_md *ctx)
{
	return bpf_skb_vlan_pop((struct __sk_buff *)ctx) ? XDP_DROP : XDP_PASS; // ERROR: E0410
}

char LICENSE[] SEC("license") = "GPL";
