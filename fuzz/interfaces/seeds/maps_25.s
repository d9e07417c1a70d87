# maps event
# seed 25
fn main(2):
  r1 = map 1 ll                                            # 0
  *(u64 *)(r10 - 256) = 1                                  # 1
  r2 = r10                                                 # 2
  r2 += -256                                               # 3
  call erase                                               # 4
  r1 = 38                                                  # 5
  call session_get                                         # 6
  r8 = r0                                                  # 7
  r1 = globals + 8 ll                                      # 8
  call session_get                                         # 9
  r9 = r0                                                  # 10
  if r0 != 0 goto 17                                       # 11
  r1 = r8                                                  # 12
  if r1 == 0 goto 15                                       # 13
  call session_put                                         # 14
  r0 = 1                                                   # 15
  exit                                                     # 16
  r1 = r9                                                  # 17
  call session_put                                         # 18
  r1 = r8                                                  # 19
  if r1 == 0 goto 22                                       # 20
  call session_put                                         # 21
  r0 = 1                                                   # 22
  exit                                                     # 23
