// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause
// memcached's ASCII protocol for hosts/kv_server, on this extension's own heap: slabs, table and lists are plain C. See README.md.
#include "transfer.h"

SEC("kv_start") int memcached_start(struct kv_settings *settings) { return start(settings); }

SEC("kv_request") int memcached_request(struct kv_request *request)
{
	struct connection *c = connection_of(request->connection);

	return c ? serve(request, c) : KV_CLOSE;
}

SEC("kv_closed") int memcached_closed(u64 connection)
{
	struct connection *c = connection_of(connection);

	if (c)
		forget(c);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
