// Answers SYN packets with cookies of the kernel's, without a socket, and lets through what brings a good cookie.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static __always_inline int answer(struct ethhdr *eth, struct iphdr *ip, struct tcphdr *tcp, void *end)
{
	__s64 cookie = bpf_tcp_raw_gen_syncookie_ipv4(ip, tcp, sizeof(*tcp));
	if (cookie < 0) return XDP_DROP;
	__u8 mac[6];
	__builtin_memcpy(mac, eth->h_source, 6);
	__builtin_memcpy(eth->h_source, eth->h_dest, 6);
	__builtin_memcpy(eth->h_dest, mac, 6);
	__be32 address = ip->saddr;
	ip->saddr = ip->daddr;
	ip->daddr = address;
	__be16 port = tcp->source;
	tcp->source = tcp->dest;
	tcp->dest = port;
	tcp->ack_seq = bpf_htonl(bpf_ntohl(tcp->seq) + 1);
	tcp->seq = bpf_htonl((__u32)cookie);
	tcp->ack = 1;
	tcp->window = bpf_htons(cookie >> 32 & 0xffff);
	tcp->doff = 5;
	ip->tot_len = bpf_htons(sizeof(*ip) + sizeof(*tcp));
	ip->check = 0;
	tcp->check = 0;
	ip->check = fold(bpf_csum_diff(0, 0, (void *)ip, sizeof(*ip), 0));
	__u32 pseudo = (ip->saddr & 0xffff) + (ip->saddr >> 16) + (ip->daddr & 0xffff) + (ip->daddr >> 16);
	pseudo += bpf_htons(IPPROTO_TCP) + bpf_htons(sizeof(*tcp));
	tcp->check = fold(bpf_csum_diff(0, 0, (void *)tcp, sizeof(*tcp), pseudo));
	return XDP_TX;
}

SEC("xdp") int protect(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);
	if ((void *)(tcp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 || ip->protocol != IPPROTO_TCP) return XDP_PASS;
	if (tcp->syn == tcp->ack) return XDP_PASS;
	if (!tcp->syn) return bpf_tcp_raw_check_syncookie_ipv4(ip, tcp) ? XDP_DROP : XDP_PASS;
	int excess = (end - data) - (int)(sizeof(*eth) + sizeof(*ip) + sizeof(*tcp));
	if (bpf_xdp_adjust_tail(ctx, -excess)) return XDP_DROP;
	end = (void *)(long)ctx->data_end;
	eth = (void *)(long)ctx->data;
	ip = (void *)(eth + 1);
	tcp = (void *)(ip + 1);
	if ((void *)(tcp + 1) > end) return XDP_DROP;
	return answer(eth, ip, tcp, end);
}

char LICENSE[] SEC("license") = "GPL";
