// Packets and bytes for each IP protocol, IPv4 and IPv6 with its extension headers.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct counters { __u64 packets, bytes; };
struct extension { __u8 next, length; };

struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 256); __type(key, __u32); __type(value, struct counters); } protocols SEC(".maps");

static __always_inline int ipv6_protocol(struct ipv6hdr *ip, void *end)
{
	if ((void *)(ip + 1) > end) return -1;
	__u8 next = ip->nexthdr;
	void *at = ip + 1;
	for (int i = 0; i < 6; ++i) {
		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS) return next;
		struct extension *extension = at;
		if ((void *)(extension + 1) > end) return -1;
		next = extension->next;
		at += (extension->length + 1) * 8;
	}
	return next;
}

SEC("xdp") int count(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	if ((void *)(eth + 1) > end) return XDP_ABORTED;
	int protocol = -1;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = (void *)(eth + 1);
		if ((void *)(ip + 1) <= end) protocol = ip->protocol;
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		protocol = ipv6_protocol((void *)(eth + 1), end);
	}
	if (protocol < 0) return XDP_PASS;
	__u32 key = protocol;
	struct counters *counters = bpf_map_lookup_elem(&protocols, &key);
	if (!counters) return XDP_PASS;
	counters->packets++;
	counters->bytes += end - data;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
