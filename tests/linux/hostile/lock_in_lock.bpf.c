// A second lock is waited for while one is held.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct entry { __u64 count; struct bpf_spin_lock lock; __u32 flags; __u64 words[4]; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, struct entry); } entries SEC(".maps");

SEC("tc") int f(struct __sk_buff *skb)
{
	__u32 key = skb->mark, other = skb->priority;
	struct entry *mine = bpf_map_lookup_elem(&entries, &key);
	struct entry *theirs = bpf_map_lookup_elem(&entries, &other);
	if (!mine || !theirs) return 0;
	bpf_spin_lock(&mine->lock);
	bpf_spin_lock(&theirs->lock); // ERROR: E0319
	theirs->count = mine->count;
	bpf_spin_unlock(&theirs->lock);
	bpf_spin_unlock(&mine->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
