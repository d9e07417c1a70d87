// Parses numbers from what user space writes, formats text, and compares names.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct message { char text[64]; long number; int bytes; };

SEC("syscall") int parse(struct message *message)
{
	char comm[16], line[96];
	long number = 0;
	char typed[64];
	__builtin_memcpy(typed, message->text, sizeof(typed));
	int used = bpf_strtol(typed, sizeof(typed), 10, &number);
	if (used < 0) return used;
	message->number = number;
	bpf_get_current_comm(comm, sizeof(comm));
	if (bpf_strncmp(comm, sizeof(comm), "init") == 0) return 1;
	static const char format[] = "%s wrote %ld in %d bytes";
	__u64 values[] = {(__u64)comm, number, used};
	message->bytes = bpf_snprintf(line, sizeof(line), format, values, sizeof(values));
	bpf_printk("%d %d", used, message->bytes);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
