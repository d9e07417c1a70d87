# memory raw_in
# seed 236
fn main(3):
  *(u64 *)(r10 - 24) = r3                                  # 0
  r1 = *(u64 *)(r10 - 24)                                  # 1
  call length                                              # 2
  exit                                                     # 3
