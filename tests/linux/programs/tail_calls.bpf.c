// One program per protocol, reached by tail calls.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum { PARSE_IP, PARSE_IPV6, PARSERS };

struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, PARSERS); __type(key, __u32); __type(value, __u32); } parsers SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 256); __type(key, __u32); __type(value, __u64); } counts SEC(".maps");

static __always_inline int count(__u32 protocol)
{
	__u64 *n = bpf_map_lookup_elem(&counts, &protocol);
	if (n) ++*n;
	return XDP_PASS;
}

SEC("xdp") int parse(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	if ((void *)(eth + 1) > (void *)(long)ctx->data_end) return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) bpf_tail_call(ctx, &parsers, PARSE_IP);
	if (eth->h_proto == bpf_htons(ETH_P_IPV6)) bpf_tail_call(ctx, &parsers, PARSE_IPV6);
	return XDP_PASS;
}

SEC("xdp") int parse_ip(struct xdp_md *ctx)
{
	struct iphdr *ip = (void *)(long)ctx->data + sizeof(struct ethhdr);
	if ((void *)(ip + 1) > (void *)(long)ctx->data_end) return XDP_DROP;
	return count(ip->protocol);
}

SEC("xdp") int parse_ipv6(struct xdp_md *ctx)
{
	struct ipv6hdr *ip = (void *)(long)ctx->data + sizeof(struct ethhdr);
	if ((void *)(ip + 1) > (void *)(long)ctx->data_end) return XDP_DROP;
	return count(ip->nexthdr);
}

char LICENSE[] SEC("license") = "GPL";
