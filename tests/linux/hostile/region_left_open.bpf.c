// Returns with preemption switched off.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void bpf_preempt_disable(void) __ksym;
extern void bpf_preempt_enable(void) __ksym;

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, __u64); } counters SEC(".maps");

SEC("syscall") int advance(void *ctx)
{
	__u32 zero = 0;
	bpf_preempt_disable();
	__u64 *counter = bpf_map_lookup_elem(&counters, &zero);
	if (!counter) return -1;
	++*counter;
	bpf_preempt_enable();
	return 0;
} // ERROR: E0316

char LICENSE[] SEC("license") = "GPL";
