/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/* The integer types and the section attribute that every extension uses. */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;

#ifndef SEC
#define SEC(name) __attribute__((section(name), used))
#endif
#ifndef NULL
#define NULL ((void *)0)
#endif
