# raw raw
# seed 21
fn main(1):
  r0 = 0                                                   # 0
  *(u64 *)(r10 - 72) = r0                                  # 1
  r1 = *(u64 *)(r10 - 72)                                  # 2
  call token_get                                           # 3
  *(u64 *)(r10 - 16) = r0                                  # 4
  r1 = *(u64 *)(r10 - 16)                                  # 5
  if r1 == 0 goto 8                                        # 6
  call token_put                                           # 7
  r0 = 10                                                  # 8
  exit                                                     # 9
