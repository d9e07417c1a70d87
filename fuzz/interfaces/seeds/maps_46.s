# maps event
# seed 46
fn main(2):
  r1 = map 1 ll                                            # 0
  *(u64 *)(r10 - 256) = 2                                  # 1
  r2 = r10                                                 # 2
  r2 += -256                                               # 3
  call records                                             # 4
  r1 = 3                                                   # 5
  call session_get                                         # 6
  r8 = r0                                                  # 7
  r1 = r8                                                  # 8
  if r1 != 0 goto 11                                       # 9
  exit                                                     # 10
  call session_put                                         # 11
  r0 = 1                                                   # 12
  exit                                                     # 13
