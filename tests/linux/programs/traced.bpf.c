// Arguments of traced functions: numbers, and structures of the kernel whose fields are read where they lie.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef __u8 u8; typedef __u32 u32; typedef __u64 u64;
struct task_struct { int pid, tgid; struct task_struct *real_parent; char comm[16]; } __attribute__((preserve_access_index));
struct qstr { const unsigned char *name; } __attribute__((preserve_access_index));
struct dentry { struct qstr d_name; } __attribute__((preserve_access_index));
struct path { struct dentry *dentry; } __attribute__((preserve_access_index));
struct file { struct path f_path; unsigned int f_flags; } __attribute__((preserve_access_index));

struct seen { u64 at_ns; u32 pid, parent; char comm[16]; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1024); __type(key, struct file *); __type(value, u64); } begun SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, struct seen); } last SEC(".maps");

SEC("tp_btf/sched_switch") int switched(u64 *ctx)
{
	struct task_struct *previous = (void *)ctx[1], *next = (void *)ctx[2];
	u32 zero = 0;
	struct seen *seen = bpf_map_lookup_elem(&last, &zero);
	if (!seen || previous->pid == next->pid) return 0;
	seen->at_ns = bpf_ktime_get_ns();
	seen->pid = next->pid;
	seen->parent = next->real_parent->real_parent->tgid;
	bpf_probe_read_kernel(seen->comm, sizeof(seen->comm), next->comm);
	return 0;
}

SEC("fentry/vfs_read") int read_begins(u64 *ctx)
{
	struct file *file = (void *)ctx[0];
	u64 now = bpf_ktime_get_ns(), bytes = ctx[2];
	if (!file || bytes < 4096 || file->f_flags & 1) return 0;
	bpf_map_update_elem(&begun, &file, &now, BPF_ANY);
	return 0;
}

SEC("fexit/vfs_read") int read_ends(u64 *ctx)
{
	struct file *file = (void *)ctx[0];
	long result = ctx[4];
	u64 *at = bpf_map_lookup_elem(&begun, &file);
	if (!at) return 0;
	if (result > 0 && file->f_path.dentry->d_name.name) *at = bpf_ktime_get_ns() - *at;
	return 0;
}

SEC("lsm/file_open") int opens(u64 *ctx)
{
	struct file *file = (void *)ctx[0];
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	return task->pid == 1 || !(file->f_flags & 2) ? 0 : -1;
}

char LICENSE[] SEC("license") = "GPL";
