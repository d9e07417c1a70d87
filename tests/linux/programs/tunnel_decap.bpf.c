// Takes the outer header off IP-in-IP packets.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __be32); __type(value, __u64); } peers SEC(".maps");

SEC("xdp") int decapsulate(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data, copy;
	struct iphdr *outer = (void *)(eth + 1);
	if ((void *)(outer + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || outer->protocol != IPPROTO_IPIP) return XDP_PASS;
	__u32 header = outer->ihl * 4;
	if (header < sizeof(*outer)) return XDP_DROP;
	__be32 peer = outer->saddr;
	__u64 *packets = bpf_map_lookup_elem(&peers, &peer);
	if (!packets) return XDP_DROP;
	__sync_fetch_and_add(packets, 1);
	copy = *eth;
	if (bpf_xdp_adjust_head(ctx, header)) return XDP_DROP;
	end = (void *)(long)ctx->data_end;
	eth = (void *)(long)ctx->data;
	struct iphdr *inner = (void *)(eth + 1);
	if ((void *)(inner + 1) > end) return XDP_DROP;
	*eth = copy;
	if (inner->version != 4) eth->h_proto = bpf_htons(ETH_P_IPV6);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
