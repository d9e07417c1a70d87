// How long woken tasks wait for a processor: a histogram of powers of two, one for each processor.
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define SLOTS 27

struct task_struct { int pid; } __attribute__((preserve_access_index));
struct histogram { __u32 slots[SLOTS]; };

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 10240); __type(key, __u32); __type(value, __u64); } woken SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, struct histogram); } latencies SEC(".maps");

static __always_inline __u32 log2_of(__u64 v)
{
	__u32 result = 0;
	if (v >> 32) v >>= 32, result += 32;
	if (v >> 16) v >>= 16, result += 16;
	if (v >> 8) v >>= 8, result += 8;
	if (v >> 4) v >>= 4, result += 4;
	if (v >> 2) v >>= 2, result += 2;
	return result + (v >> 1);
}

static __always_inline int enqueue(struct task_struct *task)
{
	__u32 pid = BPF_CORE_READ(task, pid);
	__u64 now = bpf_ktime_get_ns();
	if (pid) bpf_map_update_elem(&woken, &pid, &now, BPF_ANY);
	return 0;
}

SEC("raw_tp/sched_wakeup") int wakeup(struct bpf_raw_tracepoint_args *ctx) { return enqueue((void *)ctx->args[0]); }

SEC("raw_tp/sched_wakeup_new") int wakeup_new(struct bpf_raw_tracepoint_args *ctx) { return enqueue((void *)ctx->args[0]); }

SEC("raw_tp/sched_switch") int switched(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *next = (void *)ctx->args[2];
	__u32 pid = BPF_CORE_READ(next, pid), zero = 0;
	__u64 *since = bpf_map_lookup_elem(&woken, &pid);
	if (!since) return 0;
	__s64 waited = bpf_ktime_get_ns() - *since;
	struct histogram *histogram = bpf_map_lookup_elem(&latencies, &zero);
	if (waited >= 0 && histogram) {
		__u32 slot = log2_of(waited / 1000);
		if (slot >= SLOTS) slot = SLOTS - 1;
		histogram->slots[slot]++;
	}
	bpf_map_delete_elem(&woken, &pid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
