# maps event
# seed 39
fn main(2):
  *(u64 *)(r10 - 8) = 0                                    # 0
  r1 = 3                                                   # 1
  r2 = &f1                                                 # 2
  r3 = r10                                                 # 3
  r3 += -8                                                 # 4
  call loop                                                # 5
  r1 = map 1 ll                                            # 6
  *(u64 *)(r10 - 256) = 3                                  # 7
  r2 = r10                                                 # 8
  r2 += -256                                               # 9
  call records                                             # 10
  r1 = 21                                                  # 11
  call session_get                                         # 12
  *(u64 *)(r10 - 80) = r0                                  # 13
  r1 = *(u64 *)(r10 - 80)                                  # 14
  if r1 != 0 goto 17                                       # 15
  exit                                                     # 16
  call session_put                                         # 17
  r1 = map 1 ll                                            # 18
  r2 = r10                                                 # 19
  r2 += -256                                               # 20
  call lookup                                              # 21
  r1 = globals + 8 ll                                      # 22
  call session_get                                         # 23
  *(u64 *)(r10 - 64) = r0                                  # 24
  r1 = *(u64 *)(r10 - 64)                                  # 25
  if r1 == 0 goto 28                                       # 26
  call session_put                                         # 27
  r0 = 0                                                   # 28
  exit                                                     # 29
fn f1(2):
  r1 = map 1 ll                                            # 30
  call erase                                               # 31
  r0 = 0                                                   # 32
  exit                                                     # 33
