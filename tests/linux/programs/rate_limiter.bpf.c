// A token bucket for each source address.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define BURST 64
#define NS_PER_TOKEN 1000000ull

struct bucket { __u64 filled_at, tokens; };

struct { __uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH); __uint(max_entries, 16384); __type(key, __be32); __type(value, struct bucket); } buckets SEC(".maps");

SEC("xdp") int limit(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP)) return XDP_PASS;
	__be32 source = ip->saddr;
	__u64 now = bpf_ktime_get_coarse_ns();
	struct bucket *bucket = bpf_map_lookup_elem(&buckets, &source);
	if (!bucket) {
		struct bucket full = {.filled_at = now, .tokens = BURST - 1};
		bpf_map_update_elem(&buckets, &source, &full, BPF_ANY);
		return XDP_PASS;
	}
	__u64 earned = (now - bucket->filled_at) / NS_PER_TOKEN;
	if (earned) {
		__u64 tokens = bucket->tokens + earned;
		bucket->tokens = tokens > BURST ? BURST : tokens;
		bucket->filled_at += earned * NS_PER_TOKEN;
	}
	if (!bucket->tokens) return XDP_DROP;
	bucket->tokens--;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
