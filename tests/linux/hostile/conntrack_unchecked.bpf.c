// A connection table that uses what it looked up without a look.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

struct entry { __u64 last_seen, packets; };

struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 65536); __type(key, __be32); __type(value, struct entry); } connections SEC(".maps");

SEC("xdp") int track(struct xdp_md *ctx)
{
	struct iphdr *ip = (void *)(long)ctx->data + sizeof(struct ethhdr);
	if ((void *)(ip + 1) > (void *)(long)ctx->data_end) return XDP_PASS;
	__be32 source = ip->saddr;
	struct entry *entry = bpf_map_lookup_elem(&connections, &source);
	entry->last_seen = bpf_ktime_get_ns(); // ERROR: E0204
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
