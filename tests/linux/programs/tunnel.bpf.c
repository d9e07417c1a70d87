// Chooses tunnels by mark on the way out, and takes the key of the tunnel as mark on the way in.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct remote { __u32 id, address, ifindex, unused; };

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 128); __type(key, __u32); __type(value, struct remote); } remotes SEC(".maps");

SEC("tc") int encapsulate(struct __sk_buff *skb)
{
	__u32 mark = skb->mark;
	struct remote *remote = bpf_map_lookup_elem(&remotes, &mark);
	if (!remote) return TC_ACT_OK;
	struct bpf_tunnel_key key = {};
	key.tunnel_id = remote->id;
	key.remote_ipv4 = remote->address;
	key.tunnel_ttl = 64;
	__u32 ifindex = remote->ifindex;
	if (bpf_skb_set_tunnel_key(skb, &key, sizeof(key), BPF_F_ZERO_CSUM_TX) < 0) return TC_ACT_SHOT;
	return bpf_redirect(ifindex, 0);
}

SEC("tc") int received(struct __sk_buff *skb)
{
	struct bpf_tunnel_key key;
	if (bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 0) < 0) return TC_ACT_SHOT;
	skb->mark = key.tunnel_id;
	skb->cb[0] = key.remote_ipv4;
	bpf_set_hash_invalid(skb);
	return bpf_get_hash_recalc(skb) & 1 ? TC_ACT_PIPE : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
