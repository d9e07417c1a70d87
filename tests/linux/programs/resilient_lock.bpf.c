// A lock that may be refused: a circle of waiting CPUs ends with an error.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_res_spin_lock { __u32 val; };
extern int bpf_res_spin_lock(struct bpf_res_spin_lock *lock) __ksym;
extern void bpf_res_spin_unlock(struct bpf_res_spin_lock *lock) __ksym;

struct counter { struct bpf_res_spin_lock lock; __u64 packets, refused; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, struct counter); } counters SEC(".maps");

SEC("tc") int count(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct counter *counter = bpf_map_lookup_elem(&counters, &zero);
	if (!counter) return 0;
	if (bpf_res_spin_lock(&counter->lock)) {
		__sync_fetch_and_add(&counter->refused, 1);
		return 0;
	}
	counter->packets++;
	bpf_res_spin_unlock(&counter->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
