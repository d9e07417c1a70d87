// Answers pings before the stack sees them.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define ICMP_ECHOREPLY 0
#define ICMP_ECHO 8

struct icmphdr { __u8 type, code; __be16 checksum, id, sequence; };

__u64 answered;

SEC("xdp") int respond(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct icmphdr *icmp = (void *)(ip + 1);
	if ((void *)(icmp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5) return XDP_PASS;
	if (ip->protocol != IPPROTO_ICMP || icmp->type != ICMP_ECHO) return XDP_PASS;
	__u8 mac[ETH_ALEN];
	__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, mac, ETH_ALEN);
	__be32 address = ip->daddr;
	ip->daddr = ip->saddr;
	ip->saddr = address;
	icmp->type = ICMP_ECHOREPLY;
	__u32 sum = icmp->checksum + bpf_htons(ICMP_ECHO << 8);
	icmp->checksum = sum + (sum >> 16);
	__sync_fetch_and_add(&answered, 1);
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
