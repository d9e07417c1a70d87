# effects work
# seed 73
fn main(1):
  call queue_get                                           # 0
  *(u64 *)(r10 - 24) = r0                                  # 1
  if r0 != 0 goto 4                                        # 2
  exit                                                     # 3
  r1 = *(u64 *)(r10 - 24)                                  # 4
  call jobs_begin                                          # 5
  *(u64 *)(r10 - 80) = r0                                  # 6
  call pause                                               # 7
  r1 = *(u64 *)(r10 - 80)                                  # 8
  call jobs_end                                            # 9
  r1 = *(u64 *)(r10 - 24)                                  # 10
  call try_outer                                           # 11
  if w0 == 1 goto 14                                       # 12
  goto 16                                                  # 13
  r1 = *(u64 *)(r10 - 24)                                  # 14
  call unlock_outer                                        # 15
  r1 = *(u64 *)(r10 - 24)                                  # 16
  call queue_put                                           # 17
  r0 = 0                                                   # 18
  exit                                                     # 19
