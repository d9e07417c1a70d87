// Records of changing size through a dynptr, and packets read through another.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int bpf_dynptr_from_xdp(struct xdp_md *x, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern __u32 bpf_dynptr_size(const struct bpf_dynptr *p) __ksym;

struct header { __u64 at_ns; __u32 length, first; };

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 1 << 16); } records SEC(".maps");

SEC("xdp") int record(struct xdp_md *ctx)
{
	struct bpf_dynptr packet, out;
	struct header header = {.at_ns = bpf_ktime_get_ns()};
	__u8 start[14];
	if (bpf_dynptr_from_xdp(ctx, 0, &packet)) return XDP_PASS;
	header.length = bpf_dynptr_size(&packet);
	if (bpf_dynptr_read(start, sizeof(start), &packet, 0, 0)) return XDP_PASS;
	header.first = start[0];
	if (bpf_ringbuf_reserve_dynptr(&records, sizeof(header) + (start[0] & 15) + 16, 0, &out)) goto discard;
	if (bpf_dynptr_write(&out, 0, &header, sizeof(header), 0)) goto discard;
	__u8 *tail = bpf_dynptr_data(&out, sizeof(header), 16);
	if (!tail) goto discard;
	for (int i = 0; i < 14; ++i) tail[i] = start[i];
	bpf_ringbuf_submit_dynptr(&out, 0);
	return XDP_PASS;
discard:
	bpf_ringbuf_discard_dynptr(&out, 0);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
