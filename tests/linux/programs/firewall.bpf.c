// Prefixes of addresses, IPv4 and IPv6, in tries: the longest match decides.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct prefix4 { __u32 bits; __u8 address[4]; };
struct prefix6 { __u32 bits; __u8 address[16]; };
struct rule { __u32 action; __u64 hits; };

struct { __uint(type, BPF_MAP_TYPE_LPM_TRIE); __uint(max_entries, 1024); __uint(map_flags, BPF_F_NO_PREALLOC); __type(key, struct prefix4); __type(value, struct rule); } rules4 SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_LPM_TRIE); __uint(max_entries, 1024); __uint(map_flags, BPF_F_NO_PREALLOC); __type(key, struct prefix6); __type(value, struct rule); } rules6 SEC(".maps");

static __always_inline int apply(struct rule *rule)
{
	if (!rule) return XDP_PASS;
	__sync_fetch_and_add(&rule->hits, 1);
	return rule->action ? XDP_DROP : XDP_PASS;
}

SEC("xdp") int filter(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	if ((void *)(eth + 1) > end) return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = (void *)(eth + 1);
		if ((void *)(ip + 1) > end) return XDP_DROP;
		struct prefix4 key = {.bits = 32};
		__builtin_memcpy(key.address, &ip->saddr, sizeof(key.address));
		return apply(bpf_map_lookup_elem(&rules4, &key));
	}
	if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = (void *)(eth + 1);
		if ((void *)(ip + 1) > end) return XDP_DROP;
		struct prefix6 key = {.bits = 128};
		__builtin_memcpy(key.address, &ip->saddr, sizeof(key.address));
		return apply(bpf_map_lookup_elem(&rules6, &key));
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
