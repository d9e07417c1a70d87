# maps event
# seed 319
fn main(2):
  r1 = map 1 ll                                            # 0
  *(u64 *)(r10 - 256) = 2                                  # 1
  r2 = r10                                                 # 2
  r2 += -256                                               # 3
  call lookup                                              # 4
  *(u64 *)(r10 - 88) = r0                                  # 5
  if r0 != 0 goto 8                                        # 6
  exit                                                     # 7
  r1 = map 1 ll                                            # 8
  r2 = *(u64 *)(r10 - 88)                                  # 9
  r3 = *(u64 *)(r10 - 88)                                  # 10
  r4 = 0                                                   # 11
  call update                                              # 12
  r0 = 0                                                   # 13
  exit                                                     # 14
