# memory raw_in
# seed 453
fn main(3):
  r6 = r2                                                  # 0
  r1 = 4                                                   # 1
  call take                                                # 2
  *(u64 *)(r10 - 48) = r0                                  # 3
  if r0 != 0 goto 6                                        # 4
  exit                                                     # 5
  r1 = 9                                                   # 6
  call take                                                # 7
  *(u64 *)(r10 - 96) = r0                                  # 8
  if r0 != 0 goto 14                                       # 9
  r1 = *(u64 *)(r10 - 48)                                  # 10
  call buffer_drop                                         # 11
  r0 = 30                                                  # 12
  exit                                                     # 13
  r1 = globals + 0 ll                                      # 14
  r2 = globals + 8 ll                                      # 15
  r3 = 8                                                   # 16
  call tn_copy                                             # 17
  r1 = *(u64 *)(r10 - 96)                                  # 18
  call buffer_drop                                         # 19
  r1 = *(u64 *)(r10 - 48)                                  # 20
  call buffer_drop                                         # 21
  r0 = r6                                                  # 22
  exit                                                     # 23
