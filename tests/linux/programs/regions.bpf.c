// Sections of code that are not preempted, or in which nothing is freed.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern void bpf_preempt_disable(void) __ksym;
extern void bpf_preempt_enable(void) __ksym;

struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64[2]); } pairs SEC(".maps");

SEC("syscall") int advance(void *ctx)
{
	__u32 zero = 0;
	int result = -1;
	bpf_rcu_read_lock();
	bpf_preempt_disable();
	__u64 *pair = bpf_map_lookup_elem(&pairs, &zero);
	if (pair) {
		pair[0]++;
		pair[1] += pair[0];
		result = 0;
	}
	bpf_preempt_enable();
	bpf_rcu_read_unlock();
	return result;
}

char LICENSE[] SEC("license") = "GPL";
