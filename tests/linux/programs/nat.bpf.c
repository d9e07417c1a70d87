// Source address translation on the way out, with the checksums kept right by the kernel's functions.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define IP_AT sizeof(struct ethhdr)
#define L4_AT (IP_AT + sizeof(struct iphdr))

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1024); __type(key, __be32); __type(value, __be32); } translations SEC(".maps");

SEC("tc") int translate(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + IP_AT;
	if ((void *)(ip + 1) > end || skb->protocol != bpf_htons(ETH_P_IP) || ip->ihl != 5) return TC_ACT_OK;
	__be32 from = ip->saddr;
	__u8 protocol = ip->protocol;
	__be32 *to = bpf_map_lookup_elem(&translations, &from);
	if (!to) return TC_ACT_OK;
	__be32 source = *to;
	int check_at = 0;
	if (protocol == IPPROTO_TCP) check_at = L4_AT + offsetof(struct tcphdr, check);
	if (protocol == IPPROTO_UDP) check_at = L4_AT + offsetof(struct udphdr, check);
	__u64 flags = BPF_F_PSEUDO_HDR | sizeof(from) | (protocol == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0);
	if (check_at && bpf_l4_csum_replace(skb, check_at, from, source, flags) < 0) return TC_ACT_SHOT;
	if (bpf_l3_csum_replace(skb, IP_AT + offsetof(struct iphdr, check), from, source, sizeof(from)) < 0) return TC_ACT_SHOT;
	if (bpf_skb_store_bytes(skb, IP_AT + offsetof(struct iphdr, saddr), &source, sizeof(source), 0) < 0) return TC_ACT_SHOT;
	data = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	ip = data + IP_AT;
	if ((void *)(ip + 1) > end || ip->saddr != source) return TC_ACT_SHOT;
	skb->mark = bpf_ntohl(source);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
