// Copies a part of the packet over another while the kernel may be moving it.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

SEC("tc") int swap(struct __sk_buff *skb)
{
	struct ethhdr *eth = (void *)(long)skb->data;
	if ((void *)(eth + 1) > (void *)(long)skb->data_end) return TC_ACT_OK;
	bpf_skb_store_bytes(skb, ETH_ALEN, eth->h_dest, ETH_ALEN, 0); // ERROR: E0223
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
