// Reads a field that no kernel has, without asking for it first.
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

struct task_struct { int a_field_of_no_kernel; } __attribute__((preserve_access_index));

SEC("raw_tp/sched_switch") int look(struct bpf_raw_tracepoint_args *ctx)
{
	return BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), a_field_of_no_kernel); // ERROR: E0116
}

char LICENSE[] SEC("license") = "GPL";
