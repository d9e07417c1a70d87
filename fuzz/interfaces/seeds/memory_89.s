# memory frame_in
# seed 89
fn main(1):
  *(u64 *)(r10 - 256) = 0                                  # 0
  *(u64 *)(r10 - 248) = 0                                  # 1
  r1 = r10                                                 # 2
  r1 += -256                                               # 3
  r2 = 1                                                   # 4
  call maybe                                               # 5
  r1 = 23                                                  # 6
  call take                                                # 7
  r6 = r0                                                  # 8
  r1 = r6                                                  # 9
  if r1 == 0 goto 12                                       # 10
  call buffer_drop                                         # 11
  r0 = 5                                                   # 12
  exit                                                     # 13
