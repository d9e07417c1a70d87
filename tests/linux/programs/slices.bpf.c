// Headers through slices of a dynptr: the packet itself where it lies in one piece, a copy where it does not.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

extern int bpf_dynptr_from_xdp(struct xdp_md *x, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern int bpf_dynptr_from_skb(struct __sk_buff *s, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *p, __u32 offset, void *buffer, __u32 size) __ksym;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *p, __u32 offset, void *buffer, __u32 size) __ksym;

SEC("tc") int protocol(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;
	struct ethhdr eth_room;
	struct iphdr ip_room;
	if (bpf_dynptr_from_skb(skb, 0, &packet)) return 0;
	struct ethhdr *eth = bpf_dynptr_slice(&packet, 0, &eth_room, sizeof(eth_room));
	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP)) return 0;
	struct iphdr *ip = bpf_dynptr_slice(&packet, sizeof(*eth), &ip_room, sizeof(ip_room));
	if (!ip) return 0;
	return ip->protocol == 17 ? 2 : 0;
}

SEC("xdp") int mark(struct xdp_md *ctx)
{
	struct bpf_dynptr packet;
	__u8 room[sizeof(struct iphdr)];
	if (bpf_dynptr_from_xdp(ctx, 0, &packet)) return XDP_PASS;
	struct iphdr *ip = bpf_dynptr_slice_rdwr(&packet, sizeof(struct ethhdr), room, sizeof(*ip));
	if (!ip) return XDP_PASS;
	ip->tos |= 4;
	__u8 *last = bpf_dynptr_slice(&packet, 20, 0, 1);
	return last && *last == 7 ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
