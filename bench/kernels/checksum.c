// SPDX-License-Identifier: Apache-2.0
// Parses an Ethernet and IPv4 header and sums the packet as RFC 1071 says; `size` packets of 64 to 256 bytes, taken in turn.
#include "kernel.h"

#define MAX_PACKETS 64
#define PACKET_BYTES 256
#define ETHERNET_BYTES 14
#define MIN_IP_BYTES 50

static u8 packets[MAX_PACKETS][PACKET_BYTES] __attribute__((aligned(8)));

/// May read what was written as bytes.
typedef u16 __attribute__((may_alias)) packet_word;

static inline u32 big_endian16(const u8 *p) { return (u32)p[0] << 8 | p[1]; }

/// The folded one's complement sum of the IP packet in `frame`, or 0 when it is none.
static u32 packet_sum(const u8 *frame) {
  if (big_endian16(frame + 12) != 0x0800) return 0;
  const u8 *ip = frame + ETHERNET_BYTES;
  u32 length = big_endian16(ip + 2);
  if (ip[0] >> 4 != 4 || length > PACKET_BYTES - ETHERNET_BYTES) return 0;
  const packet_word *word = (const packet_word *)ip;
  u32 sum = 0;
  for (u32 i = 0; i < length / 2; i++) sum += word[i];
  sum = (sum & 0xffff) + (sum >> 16);
  return (sum & 0xffff) + (sum >> 16);
}

static u64 build_packets(u64 n, u64 seed) {
  u64 sum = fill_random(packets[0], n * PACKET_BYTES, seed);
  for (u64 i = 0; i < n; i++) {
    seed = next_random(seed);
    u32 length = MIN_IP_BYTES + (u32)(seed % (PACKET_BYTES - ETHERNET_BYTES - MIN_IP_BYTES + 1)) / 2 * 2;
    packets[i][12] = 0x08;
    packets[i][13] = 0x00;
    packets[i][14] = 0x45;
    packets[i][16] = (u8)(length >> 8);
    packets[i][17] = (u8)length;
  }
  return sum;
}

KERNEL(checksum) {
  u64 n = ctx->size;
  u32 repeat = ctx->repeat;
  u64 sum = ctx->seed;
  if (n == 0 || n > MAX_PACKETS) return 0;
  if (ctx->op == kSetUp) return build_packets(n, sum);
  u64 at = 0;
  for (u32 r = 0; r < repeat; r++) {
    packets[at][20] = (u8)sum;
    sum = sum * 3 + packet_sum(packets[at]);
    if (++at == n) at = 0;
  }
  return sum;
}
