// A tracer that forgets its record when there is nothing to say.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event { __u64 at_ns; __u32 from, to; };

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");

SEC("raw_tp/inet_sock_set_state") int state_changes(struct bpf_raw_tracepoint_args *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) return 0;
	event->from = ctx->args[1];
	event->to = ctx->args[2];
	if (event->from == event->to) return 0;
	event->at_ns = bpf_ktime_get_ns();
	bpf_ringbuf_submit(event, 0);
	return 0;
} // ERROR: E0301

char LICENSE[] SEC("license") = "GPL";
