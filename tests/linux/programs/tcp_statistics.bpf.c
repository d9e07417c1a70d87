// What the kernel knows of a connection, taken when its packets leave; remembered with the socket.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct statistics { __u64 packets, bytes_acked; __u32 rtt_us, window, retransmitted, state; };

struct { __uint(type, BPF_MAP_TYPE_SK_STORAGE); __uint(map_flags, BPF_F_NO_PREALLOC); __type(key, int); __type(value, struct statistics); } per_socket SEC(".maps");

SEC("cgroup_skb/egress") int observe(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	if (!sk) return 1;
	sk = bpf_sk_fullsock(sk);
	if (!sk || sk->protocol != 6) return 1;
	struct bpf_tcp_sock *tcp = bpf_tcp_sock(sk);
	if (!tcp) return 1;
	struct statistics *statistics = bpf_sk_storage_get(&per_socket, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!statistics) return 1;
	statistics->packets++;
	statistics->bytes_acked = tcp->bytes_acked;
	statistics->rtt_us = tcp->srtt_us >> 3;
	statistics->window = tcp->snd_cwnd;
	statistics->retransmitted = tcp->total_retrans;
	statistics->state = sk->state;
	return tcp->total_retrans > 1000 ? 2 : 1;
}

char LICENSE[] SEC("license") = "GPL";
