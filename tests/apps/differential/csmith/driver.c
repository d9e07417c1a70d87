// SPDX-License-Identifier: Apache-2.0
// Wraps one csmith program (PROGRAM names its file): as a process that prints its checksum, or as an extension that returns it.
#define main csmith_main
#include PROGRAM
#undef main

#ifdef __bpf__

struct raw_context;

__attribute__((section("raw"), used)) uint64_t run(struct raw_context* ctx)
{
	(void)ctx;
	csmith_main();
	return csmith_checksum;
}

#else

int dprintf(int fd, const char* format, ...);

int main(void)
{
	csmith_main();
	return dprintf(1, "%lu\n", csmith_checksum) < 0;
}

#endif
