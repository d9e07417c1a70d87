// A lock in a local variable locks nothing.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct entry { __u64 count; struct bpf_spin_lock lock; __u32 flags; __u64 words[4]; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, struct entry); } entries SEC(".maps");

SEC("tc") int f(struct __sk_buff *skb)
{
	struct entry mine = {};
	bpf_spin_lock(&mine.lock); // ERROR: E0302
	bpf_spin_unlock(&mine.lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
