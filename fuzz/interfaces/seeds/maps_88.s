# maps event
# seed 88
fn main(2):
  r1 = map 1 ll                                            # 0
  *(u64 *)(r10 - 256) = 0                                  # 1
  r2 = r10                                                 # 2
  r2 += -256                                               # 3
  call lookup                                              # 4
  r0 = 0                                                   # 5
  exit                                                     # 6
