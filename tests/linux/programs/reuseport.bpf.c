// Spreads connections over listeners by the client's port.
#include <linux/bpf.h>
#include <linux/in.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct { __uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY); __uint(max_entries, 16); __type(key, __u32); __type(value, __u64); } listeners SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } active SEC(".maps");

SEC("sk_reuseport") int choose(struct sk_reuseport_md *md)
{
	__u32 zero = 0, *count = bpf_map_lookup_elem(&active, &zero), index;
	if (!count || *count == 0) return SK_DROP;
	__be16 port;
	if (bpf_skb_load_bytes(md, 0, &port, sizeof(port)) < 0) return SK_DROP;
	index = (bpf_ntohs(port) ^ md->hash) % *count;
	if (bpf_sk_select_reuseport(md, &listeners, &index, 0) == 0) return SK_PASS;
	return md->ip_protocol == IPPROTO_TCP ? SK_PASS : SK_DROP;
}

char LICENSE[] SEC("license") = "GPL";
