// A table of flows, the oldest forgotten first; those that end are reported.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct flow { __u8 source[16], target[16]; __be16 source_port, target_port; __u8 protocol, family, unused[2]; };
struct record { __u64 first, last, packets, bytes; __u32 flags; };
struct report { struct flow flow; struct record record; };

struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 32768); __type(key, struct flow); __type(value, struct record); } flows SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 1 << 20); } ended SEC(".maps");

static __always_inline int dissect(struct __sk_buff *skb, struct flow *flow, __u32 *flags)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end, *l4;
	struct ethhdr *eth = data;
	if ((void *)(eth + 1) > end) return -1;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = (void *)(eth + 1);
		if ((void *)(ip + 1) > end || ip->ihl < 5) return -1;
		__builtin_memcpy(flow->source, &ip->saddr, 4);
		__builtin_memcpy(flow->target, &ip->daddr, 4);
		flow->protocol = ip->protocol;
		flow->family = 4;
		l4 = (void *)ip + ip->ihl * 4;
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = (void *)(eth + 1);
		if ((void *)(ip + 1) > end) return -1;
		__builtin_memcpy(flow->source, &ip->saddr, 16);
		__builtin_memcpy(flow->target, &ip->daddr, 16);
		flow->protocol = ip->nexthdr;
		flow->family = 6;
		l4 = ip + 1;
	} else {
		return -1;
	}
	if (flow->protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = l4;
		if ((void *)(tcp + 1) > end) return -1;
		flow->source_port = tcp->source;
		flow->target_port = tcp->dest;
		*flags = tcp->fin | tcp->syn << 1 | tcp->rst << 2;
	} else if (flow->protocol == IPPROTO_UDP) {
		struct udphdr *udp = l4;
		if ((void *)(udp + 1) > end) return -1;
		flow->source_port = udp->source;
		flow->target_port = udp->dest;
	}
	return 0;
}

SEC("tc") int account(struct __sk_buff *skb)
{
	struct flow flow = {};
	__u32 flags = 0;
	if (dissect(skb, &flow, &flags)) return TC_ACT_OK;
	__u64 now = bpf_ktime_get_ns();
	struct record *record = bpf_map_lookup_elem(&flows, &flow);
	if (!record) {
		struct record fresh = {.first = now, .last = now, .packets = 1, .bytes = skb->len, .flags = flags};
		bpf_map_update_elem(&flows, &flow, &fresh, BPF_NOEXIST);
		return TC_ACT_OK;
	}
	__sync_fetch_and_add(&record->packets, 1);
	__sync_fetch_and_add(&record->bytes, skb->len);
	record->last = now;
	record->flags |= flags;
	if (!(flags & 5)) return TC_ACT_OK;
	struct report *report = bpf_ringbuf_reserve(&ended, sizeof(*report), 0);
	if (report) {
		report->flow = flow;
		report->record = *record;
		bpf_ringbuf_submit(report, 0);
	}
	bpf_map_delete_elem(&flows, &flow);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
