// A slice that may only be read is written.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int bpf_dynptr_from_skb(struct __sk_buff *s, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *p, __u32 offset, void *buffer, __u32 size) __ksym;

SEC("tc") int f(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;
	__u8 room[8];
	if (bpf_dynptr_from_skb(skb, 0, &packet)) return 0;
	__u8 *start = bpf_dynptr_slice(&packet, 0, room, sizeof(room));
	if (!start) return 0;
	start[0] = 1; // ERROR: E0215
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
