// Address translation that still holds the old header after the kernel has moved the packet.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>

SEC("tc") int translate(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	if ((void *)(ip + 1) > end) return TC_ACT_OK;
	__be32 source = 0x0a000001;
	if (bpf_skb_store_bytes(skb, sizeof(struct ethhdr) + offsetof(struct iphdr, saddr), &source, sizeof(source), 0) < 0) return TC_ACT_SHOT;
	return ip->ttl > 1 ? TC_ACT_OK : TC_ACT_SHOT; // ERROR: E0312
}

char LICENSE[] SEC("license") = "GPL";
