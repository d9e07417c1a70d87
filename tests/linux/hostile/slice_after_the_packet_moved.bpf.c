// A slice is of the packet as it was before it grew.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int bpf_dynptr_from_xdp(struct xdp_md *x, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *p, __u32 offset, void *buffer, __u32 size) __ksym;

SEC("xdp") int f(struct xdp_md *ctx)
{
	struct bpf_dynptr packet;
	__u8 room[8];
	if (bpf_dynptr_from_xdp(ctx, 0, &packet)) return XDP_PASS;
	__u8 *start = bpf_dynptr_slice_rdwr(&packet, 0, room, sizeof(room));
	if (!start) return XDP_PASS;
	bpf_xdp_adjust_head(ctx, -8);
	start[0] = 1; // ERROR: E0309
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
