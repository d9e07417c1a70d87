/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* The whole of memcached, except that each request first goes to misbehave() of the file that includes this; `provoked`: it begins with '!'. */
#pragma once

static __always_inline bool is_provoked(struct kv_request *request)
{
	const u8 *first = request->input;

	return first + 1 <= request->input_end && *first == '!';
}

SEC("kv_start") int twin_start(struct kv_settings *settings) { return start(settings); }

SEC("kv_request") int twin_request(struct kv_request *request)
{
	struct connection *c = connection_of(request->connection);

	misbehave(is_provoked(request));
	return c ? serve(request, c) : KV_CLOSE;
}

SEC("kv_closed") int twin_closed(u64 connection)
{
	struct connection *c = connection_of(connection);

	if (c)
		forget(c);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
