// What is executed, with its arguments; the record is as long as they are.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ARGUMENT 64
#define ARGUMENTS 8

struct entered { __u64 common; int number, padding; const char *filename; const char *const *argv; };
struct event { __u32 pid, count, bytes; char comm[16]; char text[ARGUMENT * ARGUMENTS]; };

struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, struct event); } scratch SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4); __uint(value_size, 4); } events SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_execve") int executed(struct entered *ctx)
{
	__u32 zero = 0;
	struct event *event = bpf_map_lookup_elem(&scratch, &zero);
	if (!event) return 0;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->count = 0;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	__u32 used = 0;
	for (int i = 0; i < ARGUMENTS; ++i) {
		const char *argument = 0;
		bpf_probe_read_user(&argument, sizeof(argument), &ctx->argv[i]);
		if (!argument || used > ARGUMENT * (ARGUMENTS - 1)) break;
		long length = bpf_probe_read_user_str(event->text + used, ARGUMENT, argument);
		if (length <= 0 || length > ARGUMENT) break;
		used += length;
		event->count++;
	}
	event->bytes = used;
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, event, sizeof(*event));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
