// A sampler that takes as much as the packet has, into a buffer that has less.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct sample { __u32 length; __u8 data[96]; };

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 1 << 16); } samples SEC(".maps");

SEC("tc") int sample_skb(struct __sk_buff *skb)
{
	struct sample *sample = bpf_ringbuf_reserve(&samples, sizeof(*sample), 0);
	if (!sample) return TC_ACT_UNSPEC;
	__u32 length = skb->len;
	if (length > 256) length = 256;
	sample->length = length;
	if (length) bpf_skb_load_bytes(skb, 0, sample->data, length); // ERROR: E0205
	bpf_ringbuf_submit(sample, 0);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "GPL";
