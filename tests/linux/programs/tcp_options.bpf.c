// Reads the options of SYN packets and clamps their segment size.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define TCP_AT (sizeof(struct ethhdr) + sizeof(struct iphdr))

volatile const __u16 largest = 1360;

SEC("tc") int clamp(struct __sk_buff *skb)
{
	struct iphdr ip;
	struct tcphdr tcp;
	if (bpf_skb_load_bytes(skb, sizeof(struct ethhdr), &ip, sizeof(ip)) < 0 || ip.version != 4 || ip.ihl != 5 || ip.protocol != IPPROTO_TCP) return TC_ACT_OK;
	if (bpf_skb_load_bytes(skb, TCP_AT, &tcp, sizeof(tcp)) < 0 || !tcp.syn) return TC_ACT_OK;
	__u32 at = TCP_AT + sizeof(tcp), stop = TCP_AT + tcp.doff * 4;
	for (int i = 0; i < 40 && at < stop; ++i) {
		__u8 option[4];
		if (bpf_skb_load_bytes(skb, at, option, 2) < 0) return TC_ACT_OK;
		if (option[0] == 0) break;
		if (option[0] == 1) {
			++at;
			continue;
		}
		if (option[1] < 2) return TC_ACT_SHOT;
		if (option[0] == 2 && option[1] == 4) {
			if (bpf_skb_load_bytes(skb, at, option, 4) < 0) return TC_ACT_OK;
			__be16 old = *(__be16 *)&option[2], new = bpf_htons(largest);
			if (bpf_ntohs(old) <= largest) return TC_ACT_OK;
			if (bpf_skb_store_bytes(skb, at + 2, &new, sizeof(new), 0)) return TC_ACT_SHOT;
			bpf_l4_csum_replace(skb, TCP_AT + offsetof(struct tcphdr, check), old, new, sizeof(new));
			return TC_ACT_OK;
		}
		at += option[1];
	}
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
