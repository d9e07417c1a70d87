# memory raw_in
# seed 19
fn main(3):
  r9 = r3                                                  # 0
  r1 = 36                                                  # 1
  call take                                                # 2
  *(u64 *)(r10 - 56) = r0                                  # 3
  r1 = *(u64 *)(r10 - 56)                                  # 4
  if r1 == 0 goto 7                                        # 5
  call buffer_drop                                         # 6
  r1 = r9                                                  # 7
  call length                                              # 8
  exit                                                     # 9
