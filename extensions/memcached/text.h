/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Bytes, words and numbers of the protocol. Numbers follow C's strtoull and strtol, because the protocol's reference reads them so:
 * white space and a sign may lead, white space or the end must follow, 64 bits are read and the 32-bit fields keep the low half. */
#pragma once

#include "platform.h"

struct text {
	const u8 *at;
	u32 length;
};

static __always_inline u64 load8(const u8 *p) { return *(const u64 *)p; }

static __always_inline bool is_space(u8 c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static __always_inline bool is_digit(u8 c) { return c >= '0' && c <= '9'; }

static __always_inline bool same_bytes(const u8 *a, const u8 *b, u32 length)
{
	u32 i = 0;

	for (; i + 8 <= length; i += 8)
		if (load8(a + i) != load8(b + i))
			return false;
	for (; i < length; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

/* `word` is a string literal: the comparison unrolls. */
#define IS(text_, word_) ((text_).length == sizeof(word_) - 1 && same_bytes((text_).at, (const u8 *)(word_), sizeof(word_) - 1))

struct number {
	u64 value;
	bool minus;
};

/* Reads `length` bytes and the one that ends them. False: no number, more than 64 bits, or something else follows it. */
static __noinline bool read_magnitude(const u8 *p, u32 length, struct number *out)
{
	const u8 *end = p + length + 1;
	u64 value = 0;
	u32 digits = 0;

	out->value = 0;
	while (p < end && is_space(*p))
		p++;
	out->minus = p < end && *p == '-';
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (; p < end && is_digit(*p); p++, digits++) {
		u64 digit = *p - '0';

		if (value > (~0ull - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	out->value = value;
	return digits && p < end && (is_space(*p) || !*p);
}

/* As strtoull: "-5" is 2^64 - 5, which counts as negative and is refused; -(2^64 - 5) is 5. */
static __always_inline bool read_u64(struct text from, u64 *out)
{
	struct number n;

	if (!read_magnitude(from.at, from.length, &n))
		return false;
	*out = n.minus ? -n.value : n.value;
	return !(n.minus && (s64)*out < 0);
}

static __always_inline bool read_u32(struct text from, u32 *out)
{
	u64 wide;

	if (!read_u64(from, &wide))
		return false;
	*out = (u32)wide;
	return true;
}

static __always_inline bool read_s32(struct text from, s32 *out)
{
	struct number n;

	if (!read_magnitude(from.at, from.length, &n) || n.value > (1ull << 63) - !n.minus)
		return false;
	*out = (s32)(u32)(n.minus ? -n.value : n.value);
	return true;
}

#define MAX_DIGITS 20

/* Writes `value` in decimal at `p`; the length. */
static __always_inline u32 write_decimal(u8 *p, u64 value)
{
	u32 length = 1;

	for (u64 rest = value / 10; rest; rest /= 10)
		length++;
	for (u32 i = length; i; i--) {
		p[i - 1] = '0' + value % 10;
		value /= 10;
	}
	return length;
}
