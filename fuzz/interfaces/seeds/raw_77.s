# raw raw
# seed 77
fn main(1):
  r1 = 32                                                  # 0
  call token_get                                           # 1
  r6 = r0                                                  # 2
  r1 = r6                                                  # 3
  if r1 != 0 goto 6                                        # 4
  exit                                                     # 5
  call token_put                                           # 6
  r1 = 36                                                  # 7
  call token_get                                           # 8
  *(u64 *)(r10 - 32) = r0                                  # 9
  if r0 != 0 goto 12                                       # 10
  exit                                                     # 11
  r1 = *(u64 *)(r10 - 32)                                  # 12
  call token_lock                                          # 13
  r1 = *(u64 *)(r10 - 32)                                  # 14
  call token_put                                           # 15
  r0 = 33                                                  # 16
  exit                                                     # 17
