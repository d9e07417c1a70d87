// Looks into a perf buffer as if it were a table.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4); __uint(value_size, 4); } events SEC(".maps");

SEC("xdp") int look(struct xdp_md *ctx)
{
	__u32 zero = 0, *value = bpf_map_lookup_elem(&events, &zero); // ERROR: E0225
	return value && *value ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
