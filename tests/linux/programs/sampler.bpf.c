// One packet in 128 goes to user space, its start through the ring buffer or all of it through the perf buffer.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#define SNAP 96

struct sample { __u64 at_ns; __u32 length, ifindex; __u8 data[SNAP]; };
struct header { __u64 at_ns; __u32 length, taken; };

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 1 << 20); } samples SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4); __uint(value_size, 4); } packets SEC(".maps");

volatile const __u32 one_in = 128;

SEC("tc") int sample_skb(struct __sk_buff *skb)
{
	if (bpf_get_prandom_u32() % (one_in ?: 1)) return TC_ACT_UNSPEC;
	__u32 length = skb->len;
	struct sample *sample = bpf_ringbuf_reserve(&samples, sizeof(*sample), 0);
	if (!sample) return TC_ACT_UNSPEC;
	sample->at_ns = bpf_ktime_get_boot_ns();
	sample->length = length;
	sample->ifindex = skb->ifindex;
	if (length > SNAP) length = SNAP;
	if (length == 0 || bpf_skb_load_bytes(skb, 0, sample->data, length) < 0) {
		bpf_ringbuf_discard(sample, 0);
		return TC_ACT_UNSPEC;
	}
	bpf_ringbuf_submit(sample, BPF_RB_NO_WAKEUP);
	return TC_ACT_UNSPEC;
}

SEC("xdp") int sample_xdp(struct xdp_md *ctx)
{
	if (bpf_get_prandom_u32() & 127) return XDP_PASS;
	__u32 length = (long)ctx->data_end - (long)ctx->data;
	__u32 taken = length < 512 ? length : 512;
	struct header header = {.at_ns = bpf_ktime_get_ns(), .length = length, .taken = taken};
	bpf_perf_event_output(ctx, &packets, (__u64)taken << 32 | BPF_F_CURRENT_CPU, &header, sizeof(header));
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
