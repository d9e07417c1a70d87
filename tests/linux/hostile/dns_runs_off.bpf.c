// A DNS parser that believes the labels' lengths.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_helpers.h>

__u32 labels;

SEC("xdp") int parse(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	__u8 *at = (void *)(long)ctx->data + sizeof(struct ethhdr) + sizeof(struct iphdr) + sizeof(struct udphdr) + 12;
	if ((void *)(at + 1) > end) return XDP_PASS;
	for (int i = 0; i < 16; ++i) {
		__u8 length = *at; // ERROR: E0205
		if (!length) break;
		at += length + 1;
		++labels;
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
