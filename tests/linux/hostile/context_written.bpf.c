// Writes a field of the packet's description that belongs to the kernel.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

SEC("tc") int mark(struct __sk_buff *skb)
{
	skb->mark = 7;
	skb->hash = 1; // ERROR: E0215
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
