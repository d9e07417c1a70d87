// Accounts what control groups send and receive, and refuses ports that are closed to them.
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct usage { __u64 packets, bytes, refused; };

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1024); __type(key, __u64); __type(value, struct usage); } usage SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u16); __type(value, __u8); } closed SEC(".maps");

static __always_inline struct usage *usage_of(__u64 id)
{
	struct usage *known = bpf_map_lookup_elem(&usage, &id);
	if (known) return known;
	struct usage fresh = {};
	bpf_map_update_elem(&usage, &id, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&usage, &id);
}

SEC("cgroup_skb/egress") int out(struct __sk_buff *skb)
{
	struct usage *mine = usage_of(bpf_skb_cgroup_id(skb));
	if (!mine) return 1;
	__sync_fetch_and_add(&mine->packets, 1);
	__sync_fetch_and_add(&mine->bytes, skb->len);
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct iphdr *ip = data;
	if ((void *)(ip + 1) > end || ip->version != 4 || ip->ihl != 5 || ip->protocol != IPPROTO_TCP) return 1;
	struct tcphdr *tcp = (void *)(ip + 1);
	if ((void *)(tcp + 1) > end) return 1;
	__u16 port = bpf_ntohs(tcp->dest);
	if (!bpf_map_lookup_elem(&closed, &port)) return 1;
	__sync_fetch_and_add(&mine->refused, 1);
	return 0;
}

SEC("cgroup_skb/ingress") int in(struct __sk_buff *skb)
{
	struct usage *mine = usage_of(bpf_skb_ancestor_cgroup_id(skb, 1));
	if (mine) {
		__sync_fetch_and_add(&mine->packets, 1);
		__sync_fetch_and_add(&mine->bytes, skb->len);
	}
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
