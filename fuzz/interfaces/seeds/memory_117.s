# memory frame_in
# seed 117
fn main(1):
  *(u64 *)(r10 - 256) = 3                                  # 0
  *(u64 *)(r10 - 248) = 2                                  # 1
  r1 = r10                                                 # 2
  r1 += -256                                               # 3
  r2 = 1                                                   # 4
  call maybe                                               # 5
  r0 = 0                                                   # 6
  r8 = r0                                                  # 7
  r1 = r10                                                 # 8
  r1 += -256                                               # 9
  r2 = 8                                                   # 10
  call copy_out                                            # 11
  r1 = r8                                                  # 12
  r1 += 1                                                  # 13
  call take                                                # 14
  *(u64 *)(r10 - 80) = r0                                  # 15
  r1 = *(u64 *)(r10 - 80)                                  # 16
  if r1 != 0 goto 19                                       # 17
  exit                                                     # 18
  call buffer_drop                                         # 19
  r0 = 0                                                   # 20
  exit                                                     # 21
