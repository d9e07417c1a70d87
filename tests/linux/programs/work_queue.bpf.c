// Sequence numbers of packets through a queue, a stack of free identifiers.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct work { __u64 at_ns; __u32 id, length; };

struct { __uint(type, BPF_MAP_TYPE_QUEUE); __uint(max_entries, 1024); __type(value, struct work); } pending SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_STACK); __uint(max_entries, 256); __type(value, __u32); } identifiers SEC(".maps");

SEC("tc") int enqueue(struct __sk_buff *skb)
{
	struct work work = {.at_ns = bpf_ktime_get_ns(), .length = skb->len}, oldest;
	if (bpf_map_pop_elem(&identifiers, &work.id)) return TC_ACT_SHOT;
	if (bpf_map_push_elem(&pending, &work, BPF_EXIST)) {
		bpf_map_push_elem(&identifiers, &work.id, 0);
		return TC_ACT_SHOT;
	}
	if (!bpf_map_peek_elem(&pending, &oldest) && work.at_ns - oldest.at_ns > 1000000000) skb->mark = oldest.id;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
