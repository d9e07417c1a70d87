# memory raw_in
# seed 54
fn main(3):
  *(u64 *)(r10 - 40) = r3                                  # 0
  r1 = *(u64 *)(r10 - 40)                                  # 1
  call adjust                                              # 2
  r1 = 1                                                   # 3
  call take                                                # 4
  r9 = r0                                                  # 5
  r1 = r9                                                  # 6
  if r1 != 0 goto 9                                        # 7
  exit                                                     # 8
  call edit                                                # 9
  r1 = r9                                                  # 10
  call buffer_drop                                         # 11
  r0 = 39                                                  # 12
  exit                                                     # 13
