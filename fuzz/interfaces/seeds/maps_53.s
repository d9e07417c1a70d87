# maps event
# seed 53
fn main(2):
  r1 = map 1 ll                                            # 0
  *(u64 *)(r10 - 256) = 1                                  # 1
  r2 = r10                                                 # 2
  r2 += -256                                               # 3
  call records                                             # 4
  r1 = 40                                                  # 5
  r2 = &f1                                                 # 6
  r3 = r10                                                 # 7
  call loop                                                # 8
  r1 = 24                                                  # 9
  call session_get                                         # 10
  *(u64 *)(r10 - 80) = r0                                  # 11
  r1 = *(u64 *)(r10 - 80)                                  # 12
  if r1 == 0 goto 15                                       # 13
  call session_put                                         # 14
  r0 = 1                                                   # 15
  exit                                                     # 16
fn f1(2):
  r1 = map 1 ll                                            # 17
  r2 += -256                                               # 18
  call lookup                                              # 19
  r0 = 0                                                   # 20
  exit                                                     # 21
fn f2(2):
  exit                                                     # 22
