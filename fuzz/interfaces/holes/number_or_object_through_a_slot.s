# raw raw
# Accepted, and must not be: 19 leads back to 10 with r0 = 10, and instruction 10's slot then holds "null or held" for a number that is not null.
fn main(1):
  r0 = 0
  *(u64 *)(r10 - 32) = r0
  *(u64 *)(r10 - 72) = r0
  r1 = *(u64 *)(r10 - 72)
  if r1 > 3 goto 15
  r1 = *(u64 *)(r10 - 32)
  if r1 == 0 goto 8
  call token_put
  r1 = 36
  call token_get
  *(u64 *)(r10 - 32) = r0
  r1 = *(u64 *)(r10 - 72)
  r1 += 1
  *(u64 *)(r10 - 72) = r1
  goto 3
  r1 = *(u64 *)(r10 - 32)
  if r1 == 0 goto 18
  call token_put
  r0 = 0
  r0 ^= 10
  goto 10
