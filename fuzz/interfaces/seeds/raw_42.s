# raw raw
# seed 42
fn main(1):
  r1 = globals + 48 ll                                     # 0
  call token_get                                           # 1
  *(u64 *)(r10 - 88) = r0                                  # 2
  r1 = *(u64 *)(r10 - 88)                                  # 3
  if r1 != 0 goto 6                                        # 4
  exit                                                     # 5
  call token_unlock                                        # 6
  r1 = *(u64 *)(r10 - 88)                                  # 7
  call token_put                                           # 8
  r0 = 0                                                   # 9
  exit                                                     # 10
