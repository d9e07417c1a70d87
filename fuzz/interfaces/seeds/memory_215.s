# memory frame_in
# seed 215
fn main(1):
  r1 = 23                                                  # 0
  call take                                                # 1
  *(u64 *)(r10 - 80) = r0                                  # 2
  r1 = *(u64 *)(r10 - 80)                                  # 3
  if r1 != 0 goto 6                                        # 4
  exit                                                     # 5
  r1 = 15                                                  # 6
  call take                                                # 7
  *(u64 *)(r10 - 56) = r0                                  # 8
  r1 = *(u64 *)(r10 - 56)                                  # 9
  if r1 != 0 goto 15                                       # 10
  r1 = *(u64 *)(r10 - 80)                                  # 11
  call buffer_drop                                         # 12
  r0 = 7                                                   # 13
  exit                                                     # 14
  call buffer_drop                                         # 15
  r1 = 41                                                  # 16
  call take                                                # 17
  r9 = r0                                                  # 18
  if r0 != 0 goto 24                                       # 19
  r1 = *(u64 *)(r10 - 80)                                  # 20
  call buffer_drop                                         # 21
  r0 = 5                                                   # 22
  exit                                                     # 23
  r1 = *(u64 *)(r10 - 80)                                  # 24
  call view                                                # 25
  r1 = r9                                                  # 26
  call buffer_drop                                         # 27
  r1 = *(u64 *)(r10 - 80)                                  # 28
  call buffer_drop                                         # 29
  r0 = 7                                                   # 30
  exit                                                     # 31
