// Counts system calls by program and number, with the name of the program.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct key { __u32 pid, number; };
struct value { __u64 count, last_ns; char comm[16]; };

struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 16384); __type(key, struct key); __type(value, struct value); } calls SEC(".maps");

volatile const __u32 only_pid;

SEC("raw_tp/sys_enter") int enter(struct bpf_raw_tracepoint_args *ctx)
{
	struct key key = {.pid = bpf_get_current_pid_tgid() >> 32, .number = ctx->args[1]};
	if (only_pid && key.pid != only_pid) return 0;
	struct value *value = bpf_map_lookup_elem(&calls, &key);
	if (!value) {
		struct value fresh = {};
		bpf_get_current_comm(fresh.comm, sizeof(fresh.comm));
		bpf_map_update_elem(&calls, &key, &fresh, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&calls, &key);
		if (!value) return 0;
	}
	__sync_fetch_and_add(&value->count, 1);
	value->last_ns = bpf_ktime_get_ns();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
