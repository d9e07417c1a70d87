// SPDX-License-Identifier: Apache-2.0
// What programs made by csmith include, without a C library: integer types, the arithmetic wrappers of Debian's libcsmith-dev, and a checksum of our own.
// The same text is compiled for the processor and for BPF.
#pragma once

#define CHAR_BIT 8
#define INT_MAX 2147483647
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX 4294967295U

typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long int64_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long uint64_t;

#define INT8_MIN (-128)
#define INT16_MIN (-32767 - 1)
#define INT32_MIN (-2147483647 - 1)
#define INT64_MIN (-9223372036854775807L - 1)
#define INT8_MAX 127
#define INT16_MAX 32767
#define INT32_MAX 2147483647
#define INT64_MAX 9223372036854775807L
#define UINT8_MAX 255
#define UINT16_MAX 65535
#define UINT32_MAX 4294967295U
#define UINT64_MAX 18446744073709551615UL

#define STATIC static
#define UNDEFINED(value) (value)
#define LOG_INDEX
#define LOG_EXEC
#define INT_BIT (sizeof(int) * CHAR_BIT)
#include <csmith/safe_math_macros.h>

#define printf(...) ((void)0)
#define platform_main_begin() ((void)0)
#define crc32_gentab() ((void)0)
#define platform_main_end(checksum, flag) ((void)0)

/// FNV-1a over the eight bytes of every value that csmith wants checked.
static uint64_t csmith_checksum = 0xcbf29ce484222325;

static void transparent_crc(uint64_t value, const char* name, int flag)
{
	(void)name;
	(void)flag;
	for (int i = 0; i < 8; i++) {
		csmith_checksum ^= value & 0xff;
		csmith_checksum *= 0x100000001b3;
		value >>= 8;
	}
}

static void transparent_crc_bytes(const void* bytes, int count, const char* name, int flag)
{
	for (int i = 0; i < count; i++) transparent_crc(((const uint8_t*)bytes)[i], name, flag);
}
