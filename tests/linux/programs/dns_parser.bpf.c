// Counts the names that DNS queries ask for, by a hash over the labels in the packet.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_NAME 64

struct dns { __be16 id, flags, questions, answers, authorities, additions; };
struct question { __u32 hash; __be16 type; __u16 length; };

struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 4096); __type(key, struct question); __type(value, __u64); } questions SEC(".maps");

SEC("xdp") int parse(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 || ip->protocol != IPPROTO_UDP) return XDP_PASS;
	struct udphdr *udp = (void *)(ip + 1);
	struct dns *dns = (void *)(udp + 1);
	if ((void *)(dns + 1) > end || udp->dest != bpf_htons(53) || dns->questions != bpf_htons(1)) return XDP_PASS;
	__u8 *at = (void *)(dns + 1);
	struct question question = {.hash = 2166136261u};
	for (int i = 0; i < MAX_NAME; ++i) {
		if ((void *)(at + 1) > end) return XDP_DROP;
		__u8 byte = *at++;
		if (!byte) break;
		if (byte >= 'A' && byte <= 'Z') byte += 'a' - 'A';
		question.hash = (question.hash ^ byte) * 16777619u;
		question.length++;
	}
	__be16 *type = (void *)at;
	if ((void *)(type + 2) > end) return XDP_DROP;
	question.type = *type;
	__u64 one = 1, *seen = bpf_map_lookup_elem(&questions, &question);
	if (seen) __sync_fetch_and_add(seen, 1);
	else bpf_map_update_elem(&questions, &question, &one, BPF_NOEXIST);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
