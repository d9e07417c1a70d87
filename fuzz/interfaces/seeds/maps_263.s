# maps event
# seed 263
fn main(2):
  call session_get                                         # 0
  r7 = r0                                                  # 1
  if r0 != 0 goto 4                                        # 2
  exit                                                     # 3
  r2 = 2                                                   # 4
  *(u64 *)(r10 - 256) = 0                                  # 5
  *(u64 *)(r10 - 248) = 8                                  # 6
  *(u64 *)(r10 - 240) = 16                                 # 7
  r1 = map 1 ll                                            # 8
  r3 = r10                                                 # 9
  r3 += -256                                               # 10
  r4 = 1                                                   # 11
  call update                                              # 12
  r1 = r7                                                  # 13
  call session_put                                         # 14
  r0 = 1                                                   # 15
  exit                                                     # 16
