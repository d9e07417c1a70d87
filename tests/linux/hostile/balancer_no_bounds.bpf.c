// The balancer that forgot to look whether the transport header is there.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 64); __type(key, __u32); __type(value, __be32); } backends SEC(".maps");

SEC("xdp") int balance(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->protocol != IPPROTO_UDP) return XDP_PASS;
	struct udphdr *udp = (void *)(ip + 1);
	__u32 index = udp->source % 64; // ERROR: E0205
	__be32 *backend = bpf_map_lookup_elem(&backends, &index);
	if (!backend) return XDP_DROP;
	ip->daddr = *backend;
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
