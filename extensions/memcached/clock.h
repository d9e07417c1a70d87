/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* Time in seconds since a little before the start, so that 0 and 1 can mean "never" and "long ago". */
#pragma once

#include "platform.h"

#define BUMP_SECONDS 60
#define MOST_RELATIVE_SECONDS (60 * 60 * 24 * 30)

static struct {
	u64 origin;      /* unix time of second 0 */
	u64 started;     /* unix time of the start */
	u32 latest;      /* that a worker was told; no worker sees time run backwards */
} clock;

static __always_inline u32 now(void) { return tn_load(&clock.latest, TN_RELAXED); }

static __always_inline void start_clock(u64 unix_microseconds)
{
	clock.started = unix_microseconds / 1000000;
	clock.origin = clock.started - BUMP_SECONDS - 2;
}

static __always_inline void tick(u64 unix_microseconds)
{
	u32 next = unix_microseconds / 1000000 - clock.origin;
	u32 seen = now();

	while (seen < next) {
		u32 before = tn_cmpxchg(&clock.latest, seen, next, TN_RELAXED);

		if (before == seen)
			break;
		seen = before;
	}
}

/* A client's expiry: 0 never, up to 30 days from now, beyond that unix time, negative at once. */
static __always_inline u32 expiry_from(s32 wanted)
{
	u32 seconds = wanted < 0 ? MOST_RELATIVE_SECONDS + 1 : wanted;

	if (!seconds)
		return 0;
	if (seconds <= MOST_RELATIVE_SECONDS)
		return now() + seconds;
	return seconds <= clock.origin ? 1 : seconds - clock.origin;
}
