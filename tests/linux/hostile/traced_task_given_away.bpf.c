// Nobody vouches for what a traced function was called with: it is no task that could be counted or released.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef __u32 u32; typedef __u64 u64;
struct task_struct { int pid, tgid; struct task_struct *real_parent; char comm[16]; } __attribute__((preserve_access_index));

extern void bpf_task_release(struct task_struct *p) __ksym;

SEC("tp_btf/sched_switch") int f(u64 *ctx)
{
	bpf_task_release((void *)ctx[2]); // ERROR: E0410
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
