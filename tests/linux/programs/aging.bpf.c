// Forgets what has not been seen for a while: a function for each entry of a map.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct entry { __u64 last_ns, packets; };
struct pass { __u64 now, oldest; __u32 kept, removed; };

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4096); __type(key, __u32); __type(value, struct entry); } hosts SEC(".maps");

static long visit(void *map, __u32 *key, struct entry *entry, struct pass *pass)
{
	__u64 age = pass->now - entry->last_ns;
	if (age > pass->oldest) pass->oldest = age;
	if (age < 10000000000ull) {
		pass->kept++;
		return 0;
	}
	__u32 copy = *key;
	bpf_map_delete_elem(map, &copy);
	pass->removed++;
	return pass->removed >= 128;
}

SEC("syscall") int collect(void *ctx)
{
	struct pass pass = {.now = bpf_ktime_get_ns()};
	bpf_for_each_map_elem(&hosts, visit, &pass, 0);
	return pass.removed;
}

char LICENSE[] SEC("license") = "GPL";
