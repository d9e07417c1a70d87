// The function that a timer calls later keeps a record of a ring buffer.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct entry { struct bpf_timer timer; __u64 count; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, struct entry); } entries SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 1 << 16); } records SEC(".maps");

static int later(void *map, __u32 *key, struct entry *entry)
{
	__u64 *record = bpf_ringbuf_reserve(&records, 8, 0);
	if (!record) return 0;
	*record = entry->count;
	if (entry->count != 7) bpf_ringbuf_submit(record, 0);
	return 0;
} // ERROR: E0301

SEC("tc") int f(struct __sk_buff *skb)
{
	__u32 key = skb->mark;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);
	if (!entry) return 0;
	if (bpf_timer_init(&entry->timer, &entries, 1)) return 0;
	bpf_timer_set_callback(&entry->timer, later);
	bpf_timer_start(&entry->timer, 1000000, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
