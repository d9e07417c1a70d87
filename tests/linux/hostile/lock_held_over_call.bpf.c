// A lock of a map's value is held while something else is called.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct entry { __u64 count; struct bpf_spin_lock lock; __u32 flags; __u64 words[4]; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, struct entry); } entries SEC(".maps");

SEC("tc") int f(struct __sk_buff *skb)
{
	__u32 key = skb->mark;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);
	if (!entry) return 0;
	bpf_spin_lock(&entry->lock);
	entry->count = bpf_ktime_get_ns(); // ERROR: E0319
	bpf_spin_unlock(&entry->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
