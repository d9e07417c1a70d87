// The function has three arguments.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef __u32 u32; typedef __u64 u64;
struct task_struct { int pid, tgid; struct task_struct *real_parent; char comm[16]; } __attribute__((preserve_access_index));

SEC("fentry/vfs_fsync_range") int f(u64 *ctx)
{
	return ctx[9] != 0; // ERROR: E0217
}

char LICENSE[] SEC("license") = "GPL";
