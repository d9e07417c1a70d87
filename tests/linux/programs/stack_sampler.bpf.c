// Where the processors spend their time, and who enters a function: stacks by sampling and by probe.
#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <bpf/bpf_helpers.h>

struct key { __u32 pid; __s32 kernel_stack, user_stack; char comm[16]; };

struct { __uint(type, BPF_MAP_TYPE_STACK_TRACE); __uint(max_entries, 1024); __uint(key_size, 4); __uint(value_size, 127 * 8); } stacks SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4096); __type(key, struct key); __type(value, __u64); } counts SEC(".maps");

static __always_inline int count(void *ctx)
{
	struct key key = {.pid = bpf_get_current_pid_tgid() >> 32};
	bpf_get_current_comm(key.comm, sizeof(key.comm));
	key.kernel_stack = bpf_get_stackid(ctx, &stacks, 0);
	key.user_stack = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
	__u64 zero = 0, *seen = bpf_map_lookup_elem(&counts, &key);
	if (!seen) {
		bpf_map_update_elem(&counts, &key, &zero, BPF_NOEXIST);
		seen = bpf_map_lookup_elem(&counts, &key);
		if (!seen) return 0;
	}
	__sync_fetch_and_add(seen, 1);
	return 0;
}

SEC("perf_event") int sample(struct bpf_perf_event_data *ctx) { return ctx->sample_period ? count(ctx) : 0; }

SEC("kprobe/vfs_read") int entered(struct pt_regs *ctx) { return ctx->rdx > 4096 ? count(ctx) : 0; }

char LICENSE[] SEC("license") = "GPL";
