// The function that a timer calls later uses what only its namer had: a pointer is no argument of it.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct entry { struct bpf_timer timer; __u64 count; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, struct entry); } entries SEC(".maps");

static int later(void *map, __u32 *key, struct entry *entry, struct __sk_buff *skb)
{
	entry->count = skb->len; // ERROR: E0201
	return 0;
}

SEC("tc") int f(struct __sk_buff *skb)
{
	__u32 key = skb->mark;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);
	if (!entry) return 0;
	if (bpf_timer_init(&entry->timer, &entries, 1)) return 0;
	bpf_timer_set_callback(&entry->timer, later);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
