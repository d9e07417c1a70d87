// A tracer that goes on writing into a record that it has handed over.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event { __u64 at_ns; char comm[16]; };

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");

SEC("raw_tp/sys_enter") int enter(struct bpf_raw_tracepoint_args *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) return 0;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_ringbuf_submit(event, 0);
	event->at_ns = bpf_ktime_get_ns(); // ERROR: E0303
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
