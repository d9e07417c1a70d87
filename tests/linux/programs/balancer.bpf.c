// A layer-4 load balancer: the five-tuple picks a back end, the packet gets its address and goes back out.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define BACKENDS 64

struct service_key { __be32 address; __be16 port; __u8 protocol, unused; };
struct service { __u32 first, count; };
struct backend { __be32 address; __u8 mac[6]; __u16 unused; };
struct counters { __u64 packets, bytes; };

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 256); __type(key, struct service_key); __type(value, struct service); } services SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, BACKENDS); __type(key, __u32); __type(value, struct backend); } backends SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, BACKENDS); __type(key, __u32); __type(value, struct counters); } statistics SEC(".maps");

static __always_inline __u32 mix(__u32 h, __u32 v)
{
	h ^= v;
	h *= 0x9e3779b1;
	return h ^ h >> 15;
}

static __always_inline __u16 fold(__u64 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

SEC("xdp") int balance(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	if ((void *)(eth + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP)) return XDP_PASS;
	struct iphdr *ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > end || ip->ihl != 5 || ip->frag_off & bpf_htons(0x3fff)) return XDP_PASS;
	__be16 *ports = (void *)(ip + 1), *check;
	if (ip->protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = (void *)ports;
		if ((void *)(tcp + 1) > end) return XDP_DROP;
		check = &tcp->check;
	} else if (ip->protocol == IPPROTO_UDP) {
		struct udphdr *udp = (void *)ports;
		if ((void *)(udp + 1) > end) return XDP_DROP;
		check = &udp->check;
	} else {
		return XDP_PASS;
	}
	struct service_key key = {.address = ip->daddr, .port = ports[1], .protocol = ip->protocol};
	struct service *service = bpf_map_lookup_elem(&services, &key);
	if (!service || !service->count) return XDP_PASS;
	__u32 hash = mix(mix(mix(0, ip->saddr), ports[0]), ip->protocol);
	__u32 index = (service->first + hash % service->count) % BACKENDS;
	struct backend *backend = bpf_map_lookup_elem(&backends, &index);
	if (!backend) return XDP_DROP;
	__be32 before = ip->daddr, after = backend->address;
	__s64 change = bpf_csum_diff(&before, sizeof(before), &after, sizeof(after), 0);
	ip->check = fold(change + (__u16)~ip->check);
	if (*check || ip->protocol == IPPROTO_TCP) *check = fold(change + (__u16)~*check);
	ip->daddr = after;
	__builtin_memcpy(eth->h_source, eth->h_dest, 6);
	__builtin_memcpy(eth->h_dest, backend->mac, 6);
	struct counters *counters = bpf_map_lookup_elem(&statistics, &index);
	if (counters) {
		counters->packets++;
		counters->bytes += end - data;
	}
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
