/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Between the host's buffers and the heap: the only code that touches host memory. Every copy stands right behind the comparison that proves it. */
#pragma once

#include "commands.h"

/* No buffer of any host is larger, so 32-bit sums of three lengths cannot wrap. */
#define MOST_BYTES (1u << 30)

static __always_inline u64 input_bytes(struct kv_request *request) { return request->input_end - request->input; }
static __always_inline u64 output_room(struct kv_request *request)
{
	return request->output_end - request->output - request->produced;
}

/* Copies `length` bytes of the input from `offset` on; false when they are not all there. */
static __noinline bool copy_in(struct kv_request *request, u32 offset, void *to, u32 length)
{
	const u8 *from = request->input;

	if (offset > MOST_BYTES || length > MOST_BYTES)
		return false;
	from += offset;
	if (from + length > request->input_end)
		return false;
	tn_copy(to, from, length);
	return true;
}

/* Appends to the output; false when there is no room for all of it. */
static __noinline bool copy_out(struct kv_request *request, const void *from, u32 length)
{
	u32 produced = request->produced;
	u8 *to = request->output;

	if (produced > MOST_BYTES || length > MOST_BYTES)
		return false;
	to += produced;
	if (to + length > request->output_end)
		return false;
	tn_copy(to, from, length);
	request->produced = produced + length;
	return true;
}

/* The value's next part, as far as there is room; true once all of it is out. */
static __always_inline bool send_value(struct kv_request *request, struct worker *w)
{
	struct connection *c = w->peer;
	struct item *it = c->item;
	u64 room = output_room(request);
	u32 left = it->value_bytes - c->progress;
	u32 part = left < room ? left : (u32)room;

	if (!copy_out(request, item_value(it) + c->progress, part))
		return false;
	c->progress += part;
	if (part < left)
		return false;
	lock_cache();
	item_release(it);
	SET(c->item, 0);
	unlock_cache();
	return true;
}

/* Leaves the rest of the line to the next call. */
static __always_inline int pause_keys(struct kv_request *request, struct worker *w, int verdict)
{
	request->consumed = w->peer->cursor;
	w->peer->cursor = 0;
	return verdict;
}

static __always_inline int send_keys(struct kv_request *request, struct worker *w, u32 line_bytes)
{
	struct connection *c = w->peer;

	w->keys_left = KEYS_PER_CALL;
	while (c->mode == MODE_KEYS) {
		if (c->item && !send_value(request, w))
			return pause_keys(request, w, KV_FLUSH);
		if (output_room(request) < SHORT_REPLY_BYTES)
			return pause_keys(request, w, KV_FLUSH);
		if (!w->keys_left)
			return pause_keys(request, w, KV_DONE);
		w->reply.length = 0;
		next_value(w, output_room(request) - SHORT_REPLY_BYTES);
		if (!copy_out(request, w->reply.text, w->reply.length))
			return KV_CLOSE;
	}
	request->consumed = line_bytes;
	return KV_DONE;
}

/* The value of a storage command, from `offset` of the input on. */
static __always_inline int receive_value(struct kv_request *request, struct worker *w, u32 offset)
{
	struct connection *c = w->peer;
	struct item *it = c->item;
	u32 left = it->value_bytes - c->progress;
	u64 there = input_bytes(request) - offset;
	u32 part = left < there ? left : (u32)there;

	if (!copy_in(request, offset, item_value(it) + c->progress, part))
		return KV_CLOSE;
	c->progress += part;
	request->consumed = offset + part;
	if (part < left)
		return KV_MORE_INPUT;
	w->reply.length = 0;
	finish_storage(w);
	return copy_out(request, w->reply.text, w->reply.length) ? KV_DONE : KV_CLOSE;
}

static __always_inline int swallow(struct kv_request *request, struct worker *w)
{
	struct connection *c = w->peer;
	u64 there = input_bytes(request);
	u64 part = c->skip < there ? c->skip : there;

	c->skip -= part;
	request->consumed = part;
	if (c->skip)
		return KV_MORE_INPUT;
	w->reply.length = 0;
	finish_refusal(w);
	return copy_out(request, w->reply.text, w->reply.length) ? KV_DONE : KV_CLOSE;
}

/* There is no line end yet: only a retrieval may go on for so long. */
static __always_inline int wait_for_line(struct kv_request *request, struct worker *w, u64 there)
{
	u32 at;

	if (there <= MAX_SHORT_LINE_BYTES)
		return KV_MORE_INPUT;
	if (there >= MAX_LINE_BYTES || !copy_in(request, 0, w->line.bytes, MAX_SHORT_LINE_BYTES))
		return KV_CLOSE;
	w->line.bytes[MAX_SHORT_LINE_BYTES] = 0;
	at = skip_spaces(w, 0);
	if (at > 100 || !(same_bytes(w->line.bytes + at, (const u8 *)"get ", 4) || same_bytes(w->line.bytes + at, (const u8 *)"gets ", 5)))
		return KV_CLOSE;
	return KV_MORE_INPUT;
}

/* Copies the first line of the input; its length with the line feed, 0 when it is not all there or too long. */
static __always_inline u32 take_line(struct kv_request *request, struct worker *w, u64 there, bool is_rest)
{
	u64 end = tn_find(request->input, '\n', there);
	u32 length = end + 1;

	if (end >= there || end >= MAX_LINE_BYTES || !copy_in(request, 0, w->line.bytes, length))
		return 0;
	split_line(w, length - 1, is_rest);
	return length;
}

static __always_inline int serve_line(struct kv_request *request, struct worker *w)
{
	u64 there = input_bytes(request);
	u32 length = take_line(request, w, there, w->peer->mode == MODE_KEYS);

	if (!length)
		return wait_for_line(request, w, there);
	if (w->peer->mode == MODE_KEYS)
		return send_keys(request, w, length);
	w->reply.length = 0;
	if (!run_line(w)) {
		request->consumed = length;
		return KV_CLOSE;
	}
	if (w->peer->mode == MODE_VALUE)
		return receive_value(request, w, length);
	if (w->peer->mode == MODE_KEYS)
		return send_keys(request, w, length);
	if (!copy_out(request, w->reply.text, w->reply.length))
		return KV_FLUSH;  /* only `stats` is so long, and it can be made again */
	request->consumed = length;
	return KV_DONE;
}

static __always_inline int serve(struct kv_request *request, struct connection *c)
{
	struct worker *w = worker_at(request->worker);

	tick(request->now);
	w->peer = c;
	if (output_room(request) < SHORT_REPLY_BYTES)
		return KV_FLUSH;
	if (c->mode == MODE_VALUE)
		return receive_value(request, w, 0);
	if (c->mode == MODE_SWALLOW)
		return swallow(request, w);
	return serve_line(request, w);
}

static __always_inline int start(struct kv_settings *settings)
{
	start_clock(settings->now);
	tick(settings->now);
	start_slabs(settings->memory_bytes);
	return start_table(settings->seed) && start_workers() ? 0 : 1;
}
