// One token bucket for all CPUs, so each value has a lock: taken around arithmetic alone, in a loop, in a callback, and through a pointer from either map.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define BURST 64
#define NS_PER_TOKEN 1000000ull

struct bucket { __u64 filled_at; struct bpf_spin_lock lock; __u32 tokens; };

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16384); __type(key, __be32); __type(value, struct bucket); } buckets SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 8); __type(key, __u32); __type(value, struct bucket); } classes SEC(".maps");

static __always_inline int take(struct bucket *bucket, __u64 now)
{
	int granted = 0;
	bpf_spin_lock(&bucket->lock);
	__u64 earned = (now - bucket->filled_at) / NS_PER_TOKEN;
	if (earned) {
		__u64 tokens = bucket->tokens + earned;
		bucket->tokens = tokens > BURST ? BURST : tokens;
		bucket->filled_at += earned * NS_PER_TOKEN;
	}
	if (bucket->tokens) {
		bucket->tokens--;
		granted = 1;
	}
	bpf_spin_unlock(&bucket->lock);
	return granted;
}

SEC("xdp") int limit(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP)) return XDP_PASS;
	__be32 source = ip->saddr;
	__u64 now = bpf_ktime_get_ns();
	struct bucket *bucket = bpf_map_lookup_elem(&buckets, &source);
	if (!bucket) {
		struct bucket full = {.filled_at = now, .tokens = BURST - 1};
		bpf_map_update_elem(&buckets, &source, &full, BPF_ANY);
		return XDP_PASS;
	}
	return take(bucket, now) ? XDP_PASS : XDP_DROP;
}

SEC("tc") int limit_all(struct __sk_buff *skb)
{
	__u64 now = bpf_ktime_get_ns();
	int granted = 0;
	for (__u32 class = 0; class < 3; class++) {
		__u32 key = class;
		struct bucket *bucket = bpf_map_lookup_elem(&classes, &key);
		if (!bucket) continue;
		granted += take(bucket, now);
	}
	return granted ? 0 : 2;
}

SEC("tc") int limit_either(struct __sk_buff *skb)
{
	__u32 class = skb->priority & 7;
	__be32 source = skb->mark;
	struct bucket *bucket = bpf_map_lookup_elem(&buckets, &source);
	if (!bucket) bucket = bpf_map_lookup_elem(&classes, &class);
	if (!bucket) return 0;
	return take(bucket, skb->tstamp) ? 0 : 2;
}

static long refill(void *map, __u32 *key, struct bucket *bucket, __u64 *now)
{
	bpf_spin_lock(&bucket->lock);
	bucket->filled_at = *now;
	bucket->tokens = BURST;
	bpf_spin_unlock(&bucket->lock);
	return 0;
}

SEC("syscall") int refill_all(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	bpf_for_each_map_elem(&classes, refill, &now, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
