# raw raw
# seed 0
fn main(1):
  r0 = 0                                                   # 0
  *(u64 *)(r10 - 16) = r0                                  # 1
  r1 = *(u64 *)(r10 - 16)                                  # 2
  call token_get                                           # 3
  *(u64 *)(r10 - 80) = r0                                  # 4
  r1 = *(u64 *)(r10 - 80)                                  # 5
  if r1 != 0 goto 8                                        # 6
  exit                                                     # 7
  call token_put                                           # 8
  r1 = 40                                                  # 9
  call token_get                                           # 10
  *(u64 *)(r10 - 48) = r0                                  # 11
  r1 = *(u64 *)(r10 - 48)                                  # 12
  if r1 == 0 goto 15                                       # 13
  call token_unlock                                        # 14
  r1 = *(u64 *)(r10 - 48)                                  # 15
  if r1 == 0 goto 18                                       # 16
  call token_lock                                          # 17
  r1 = *(u64 *)(r10 - 48)                                  # 18
  if r1 == 0 goto 21                                       # 19
  call token_put                                           # 20
  r0 = 36                                                  # 21
  exit                                                     # 22
