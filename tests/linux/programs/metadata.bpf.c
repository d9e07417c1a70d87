// XDP writes a note in front of the packet, tc reads it.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct note { __u32 magic, queue; };

SEC("xdp") int write_note(struct xdp_md *ctx)
{
	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(struct note))) return XDP_PASS;
	struct note *note = (void *)(long)ctx->data_meta;
	if ((void *)(note + 1) > (void *)(long)ctx->data) return XDP_ABORTED;
	note->magic = 0x746e6e74;
	note->queue = ctx->rx_queue_index;
	return XDP_PASS;
}

SEC("tc") int read_note(struct __sk_buff *skb)
{
	struct note *note = (void *)(long)skb->data_meta;
	if ((void *)(note + 1) > (void *)(long)skb->data || note->magic != 0x746e6e74) return TC_ACT_UNSPEC;
	skb->mark = note->queue;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
