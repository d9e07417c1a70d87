// For a packet socket: lets ARP and DNS through, the first 128 bytes of each.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 8); __type(key, __u32); __type(value, __u64); } by_type SEC(".maps");

SEC("socket") int filter(struct __sk_buff *skb)
{
	__u32 type = skb->pkt_type;
	__u64 *seen = bpf_map_lookup_elem(&by_type, &type);
	if (seen) __sync_fetch_and_add(seen, skb->len);
	if (skb->protocol == bpf_htons(ETH_P_ARP)) return 128;
	if (skb->protocol != bpf_htons(ETH_P_IP)) return 0;
	__u8 protocol, start;
	__be16 ports[2];
	if (bpf_skb_load_bytes(skb, ETH_HLEN, &start, 1) < 0 || bpf_skb_load_bytes(skb, ETH_HLEN + 9, &protocol, 1) < 0) return 0;
	if (protocol != IPPROTO_UDP) return 0;
	if (bpf_skb_load_bytes(skb, ETH_HLEN + (start & 15) * 4, ports, sizeof(ports)) < 0) return 0;
	return ports[0] == bpf_htons(53) || ports[1] == bpf_htons(53) ? 128 : 0;
}

char LICENSE[] SEC("license") = "GPL";
