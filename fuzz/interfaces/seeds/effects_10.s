# effects work
# seed 10
fn main(1):
  call queue_get                                           # 0
  r8 = r0                                                  # 1
  r1 = r8                                                  # 2
  if r1 != 0 goto 5                                        # 3
  exit                                                     # 4
  call lock_outer                                          # 5
  r1 = r8                                                  # 6
  call head                                                # 7
  *(u64 *)(r10 - 96) = r0                                  # 8
  r1 = *(u64 *)(r10 - 96)                                  # 9
  if r1 != 0 goto 17                                       # 10
  r1 = r8                                                  # 11
  call unlock_outer                                        # 12
  r1 = r8                                                  # 13
  call queue_put                                           # 14
  r0 = 2                                                   # 15
  exit                                                     # 16
  r1 = r8                                                  # 17
  call unlock_outer                                        # 18
  r1 = r8                                                  # 19
  call queue_ref                                           # 20
  r7 = r0                                                  # 21
  r1 = r7                                                  # 22
  call queue_ref                                           # 23
  *(u64 *)(r10 - 80) = r0                                  # 24
  r1 = *(u64 *)(r10 - 80)                                  # 25
  call queue_put                                           # 26
  r1 = r7                                                  # 27
  call queue_put                                           # 28
  r1 = r8                                                  # 29
  call queue_put                                           # 30
  r0 = 2                                                   # 31
  exit                                                     # 32
