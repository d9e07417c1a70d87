// Goes on in another program while a record is reserved.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } programs SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");

SEC("xdp") int parse(struct xdp_md *ctx)
{
	__u64 *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record) return XDP_PASS;
	*record = bpf_ktime_get_ns();
	bpf_tail_call(ctx, &programs, 0); // ERROR: E0301
	bpf_ringbuf_discard(record, 0);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
