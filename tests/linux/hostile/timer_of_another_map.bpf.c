// A timer is initialised for a map that its value does not lie in: it would outlive its memory.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct entry { struct bpf_timer timer; __u64 count; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, struct entry); } mine SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, struct entry); } theirs SEC(".maps");

SEC("tc") int f(struct __sk_buff *skb)
{
	__u32 key = skb->mark;
	struct entry *entry = bpf_map_lookup_elem(&mine, &key);
	if (!entry) return 0;
	return bpf_timer_init(&entry->timer, &theirs, 1) ? 2 : 0; // ERROR: E0225
}

char LICENSE[] SEC("license") = "GPL";
