// Asks the kernel's connection tracking whether it knows a packet's connection.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct nf_conn { __u32 mark; } __attribute__((preserve_access_index));
struct bpf_ct_opts { __s32 netns_id, error; __u8 l4proto, dir, reserved[2]; };
extern struct nf_conn *bpf_xdp_ct_lookup(struct xdp_md *ctx, struct bpf_sock_tuple *tuple, __u32 tuple_size, struct bpf_ct_opts *opts, __u32 opts_size) __ksym;
extern int bpf_ct_change_timeout(struct nf_conn *nfct, __u32 timeout) __ksym;
extern void bpf_ct_release(struct nf_conn *nfct) __ksym;

SEC("xdp") int known(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	if ((void *)(udp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 || ip->protocol != IPPROTO_UDP) return XDP_PASS;
	struct bpf_sock_tuple tuple = {};
	tuple.ipv4.saddr = ip->saddr;
	tuple.ipv4.daddr = ip->daddr;
	tuple.ipv4.sport = udp->source;
	tuple.ipv4.dport = udp->dest;
	struct bpf_ct_opts opts = {.netns_id = -1, .l4proto = IPPROTO_UDP};
	struct nf_conn *connection = bpf_xdp_ct_lookup(ctx, &tuple, sizeof(tuple.ipv4), &opts, sizeof(opts));
	if (!connection) return opts.error == -2 ? XDP_DROP : XDP_PASS;
	bpf_ct_change_timeout(connection, 30000);
	bpf_ct_release(connection);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
