// A connection table: both directions of a TCP connection share an entry, which follows the flags it sees.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum { SYN_SENT = 1, SYN_RECEIVED, ESTABLISHED, CLOSING };

struct connection { __be32 low, high; __be16 low_port, high_port; __u32 protocol; };
struct entry { __u64 last_seen, packets; __u32 state; __be32 opener; };

struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 65536); __type(key, struct connection); __type(value, struct entry); } connections SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 2); __type(key, __u32); __type(value, __u64); } verdicts SEC(".maps");

static __always_inline int count(__u32 which, int verdict)
{
	__u64 *n = bpf_map_lookup_elem(&verdicts, &which);
	if (n) (*n)++;
	return verdict;
}

SEC("xdp") int track(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	if ((void *)(eth + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP)) return XDP_PASS;
	struct iphdr *ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > end || ip->protocol != IPPROTO_TCP) return XDP_PASS;
	__u32 header = ip->ihl * 4;
	if (header < sizeof(*ip)) return XDP_DROP;
	struct tcphdr *tcp = (void *)ip + header;
	if ((void *)(tcp + 1) > end) return XDP_DROP;

	int forward = ip->saddr < ip->daddr || (ip->saddr == ip->daddr && tcp->source < tcp->dest);
	struct connection key = {.protocol = IPPROTO_TCP};
	key.low = forward ? ip->saddr : ip->daddr;
	key.high = forward ? ip->daddr : ip->saddr;
	key.low_port = forward ? tcp->source : tcp->dest;
	key.high_port = forward ? tcp->dest : tcp->source;

	__u64 now = bpf_ktime_get_ns();
	struct entry *known = bpf_map_lookup_elem(&connections, &key);
	if (!known) {
		if (!tcp->syn || tcp->ack) return count(1, XDP_DROP);
		struct entry fresh = {.last_seen = now, .packets = 1, .state = SYN_SENT, .opener = ip->saddr};
		bpf_map_update_elem(&connections, &key, &fresh, BPF_NOEXIST);
		return count(0, XDP_PASS);
	}
	known->last_seen = now;
	__sync_fetch_and_add(&known->packets, 1);
	if (tcp->rst) {
		bpf_map_delete_elem(&connections, &key);
		return count(0, XDP_PASS);
	}
	__u32 state = known->state;
	if (state == SYN_SENT && tcp->syn && tcp->ack && ip->daddr == known->opener) state = SYN_RECEIVED;
	else if (state == SYN_RECEIVED && tcp->ack && ip->saddr == known->opener) state = ESTABLISHED;
	else if (tcp->fin) state = CLOSING;
	known->state = state;
	return count(0, XDP_PASS);
}

char LICENSE[] SEC("license") = "GPL";
