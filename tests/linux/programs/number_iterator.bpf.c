// Adds up a range of counters with the kernel's number iterator.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_iter_num { __u64 opaque[1]; } __attribute__((aligned(8)));
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1024); __type(key, __u32); __type(value, __u64); } counters SEC(".maps");

__u64 total;

SEC("tc") int add_up(struct __sk_buff *skb)
{
	struct bpf_iter_num it;
	int *value;
	__u64 sum = 0;
	bpf_iter_num_new(&it, 0, 1024);
	while ((value = bpf_iter_num_next(&it))) {
		__u32 key = *value;
		__u64 *counter = bpf_map_lookup_elem(&counters, &key);
		if (!counter) break;
		sum += *counter;
	}
	bpf_iter_num_destroy(&it);
	total = sum;
	return sum > 1000000 ? 2 : 0;
}

char LICENSE[] SEC("license") = "GPL";
