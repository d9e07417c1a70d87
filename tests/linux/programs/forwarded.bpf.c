// Packets to other processors by their flow, to AF_XDP sockets where there is one.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct { __uint(type, BPF_MAP_TYPE_CPUMAP); __uint(max_entries, 64); __uint(key_size, 4); __uint(value_size, 4); } processors SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_XSKMAP); __uint(max_entries, 64); __uint(key_size, 4); __uint(value_size, 4); } sockets SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } usable SEC(".maps");

SEC("xdp") int spread(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	__u32 zero = 0, *count = bpf_map_lookup_elem(&usable, &zero);
	if (!count || !*count || (void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP)) return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_PASS);
	__u32 hash = (ip->saddr ^ ip->daddr) * 2654435761u;
	return bpf_redirect_map(&processors, (hash >> 16) % *count, 0);
}

char LICENSE[] SEC("license") = "GPL";
