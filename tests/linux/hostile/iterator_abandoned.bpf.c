// Leaves a loop over numbers without ending the iterator.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_iter_num { __u64 opaque[1]; } __attribute__((aligned(8)));
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, __u64); } counters SEC(".maps");

SEC("tc") int find(struct __sk_buff *skb)
{
	struct bpf_iter_num it;
	int *value;
	bpf_iter_num_new(&it, 0, 64);
	while ((value = bpf_iter_num_next(&it))) {
		__u32 key = *value;
		if (!bpf_map_lookup_elem(&counters, &key)) return 2;
	}
	bpf_iter_num_destroy(&it);
	return 0;
} // ERROR: E0301

char LICENSE[] SEC("license") = "GPL";
