# maps event
# seed 501
fn main(2):
  r1 = map 1 ll                                            # 0
  *(u64 *)(r10 - 256) = 1                                  # 1
  r2 = r10                                                 # 2
  r2 += -256                                               # 3
  call lookup                                              # 4
  *(u64 *)(r10 - 32) = r0                                  # 5
  r1 = *(u64 *)(r10 - 32)                                  # 6
  if r1 == 0 goto 13                                       # 7
  r1 = map 1 ll                                            # 8
  r2 = *(u64 *)(r10 - 32)                                  # 9
  r3 = *(u64 *)(r10 - 32)                                  # 10
  r4 = 0                                                   # 11
  call update                                              # 12
  r0 = 1                                                   # 13
  exit                                                     # 14
