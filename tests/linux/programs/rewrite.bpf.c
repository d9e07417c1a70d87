// Rewrites UDP destinations and keeps both checksums right by what changed.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct place { __be32 address; __be16 port; __u16 unused; };

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 256); __type(key, struct place); __type(value, struct place); } moved SEC(".maps");

static __always_inline __u16 update(__u16 check, void *from, void *to, __u32 bytes)
{
	__s64 sum = bpf_csum_diff(from, bytes, to, bytes, (__u16)~check);
	if (sum < 0) return check;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

SEC("xdp") int rewrite(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	if ((void *)(udp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 || ip->protocol != IPPROTO_UDP) return XDP_PASS;
	struct place from = {.address = ip->daddr, .port = udp->dest}, *to = bpf_map_lookup_elem(&moved, &from);
	if (!to) return XDP_PASS;
	struct place target = {.address = to->address, .port = to->port};
	ip->check = update(ip->check, &from.address, &target.address, 4);
	if (udp->check) udp->check = update(udp->check, &from, &target, sizeof(from));
	ip->daddr = target.address;
	udp->dest = target.port;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
