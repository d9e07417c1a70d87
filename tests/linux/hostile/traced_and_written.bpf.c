// A field of a traced task is written.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef __u32 u32; typedef __u64 u64;
struct task_struct { int pid, tgid; struct task_struct *real_parent; char comm[16]; } __attribute__((preserve_access_index));

SEC("tp_btf/sched_switch") int f(u64 *ctx)
{
	struct task_struct *next = (void *)ctx[2];
	next->pid = 1; // ERROR: E0215
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
