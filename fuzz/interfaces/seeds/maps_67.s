# maps event
# seed 67
fn main(2):
  r1 = map 1 ll                                            # 0
  *(u64 *)(r10 - 256) = 3                                  # 1
  r2 = r10                                                 # 2
  r2 += -256                                               # 3
  call records                                             # 4
  *(u64 *)(r10 - 40) = r0                                  # 5
  r1 = 21                                                  # 6
  call session_get                                         # 7
  *(u64 *)(r10 - 88) = r0                                  # 8
  r1 = *(u64 *)(r10 - 88)                                  # 9
  if r1 != 0 goto 12                                       # 10
  exit                                                     # 11
  call session_put                                         # 12
  r1 = *(u64 *)(r10 - 40)                                  # 13
  if r1 == 0 goto 18                                       # 14
  r1 = map 1 ll                                            # 15
  r2 = *(u64 *)(r10 - 40)                                  # 16
  call erase                                               # 17
  r0 = 0                                                   # 18
  exit                                                     # 19
