# effects work
# seed 283
fn main(1):
  call queue_get                                           # 0
  *(u64 *)(r10 - 32) = r0                                  # 1
  if r0 != 0 goto 4                                        # 2
  exit                                                     # 3
  call pause                                               # 4
  call job_new                                             # 5
  *(u64 *)(r10 - 40) = r0                                  # 6
  r1 = *(u64 *)(r10 - 40)                                  # 7
  if r1 != 0 goto 13                                       # 8
  r1 = *(u64 *)(r10 - 32)                                  # 9
  call queue_put                                           # 10
  r0 = -1                                                  # 11
  exit                                                     # 12
  call job_start                                           # 13
  if w0 != 0 goto 16                                       # 14
  goto 22                                                  # 15
  r1 = *(u64 *)(r10 - 40)                                  # 16
  call job_free                                            # 17
  r1 = *(u64 *)(r10 - 32)                                  # 18
  call queue_put                                           # 19
  r0 = 2                                                   # 20
  exit                                                     # 21
  r1 = *(u64 *)(r10 - 40)                                  # 22
  call job_step                                            # 23
  r1 = *(u64 *)(r10 - 40)                                  # 24
  call job_free                                            # 25
  r1 = *(u64 *)(r10 - 32)                                  # 26
  call queue_put                                           # 27
  r0 = 1                                                   # 28
  exit                                                     # 29
