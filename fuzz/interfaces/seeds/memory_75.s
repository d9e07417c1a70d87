# memory raw_in
# seed 75
fn main(3):
  *(u64 *)(r10 - 16) = r2                                  # 0
  r1 = globals + 40 ll                                     # 1
  r2 = 0                                                   # 2
  call maybe                                               # 3
  r1 = 37                                                  # 4
  call take                                                # 5
  r8 = r0                                                  # 6
  if r0 != 0 goto 9                                        # 7
  exit                                                     # 8
  r1 = r8                                                  # 9
  call buffer_drop                                         # 10
  r0 = *(u64 *)(r10 - 16)                                  # 11
  exit                                                     # 12
