/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* What the rest of this extension takes for granted: integer types, host functions, a few words of C. */
#pragma once

#include <kv/interface.h>
#include <kv/host.h>
#include <tn/atomic.h>
#include <tn/builtin.h>

#define bool _Bool
#define true 1
#define false 0
#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))
#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))
