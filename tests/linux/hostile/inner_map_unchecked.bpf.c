// A service that is not there has no map.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 16); __type(key, __u32); __type(value, __u64); };
struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __uint(max_entries, 64); __type(key, __u32); __array(values, struct inner); } services SEC(".maps");

SEC("tc") int f(struct __sk_buff *skb)
{
	__u32 service = skb->mark, slot = 0;
	void *backends = bpf_map_lookup_elem(&services, &service);
	__u64 *backend = bpf_map_lookup_elem(backends, &slot); // ERROR: E0204
	return backend && *backend ? 0 : 2;
}

char LICENSE[] SEC("license") = "GPL";
