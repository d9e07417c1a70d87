# effects handed
# seed 143
fn main(3):
  *(u64 *)(r10 - 64) = r1                                  # 0
  *(u64 *)(r10 - 32) = r2                                  # 1
  call quiet_begin                                         # 2
  r0 = 0                                                   # 3
  r9 = r0                                                  # 4
  r1 = globals + 56 ll                                     # 5
  call queue_get                                           # 6
  *(u64 *)(r10 - 88) = r0                                  # 7
  if r0 == 0 goto 11                                       # 8
  r1 = 1                                                   # 9
  r9 = r1                                                  # 10
  r1 = r9                                                  # 11
  if r1 == 0 goto 15                                       # 12
  r1 = *(u64 *)(r10 - 88)                                  # 13
  call queue_put                                           # 14
  r1 = *(u64 *)(r10 - 64)                                  # 15
  call jobs_begin                                          # 16
  *(u64 *)(r10 - 40) = r0                                  # 17
  call quiet_end                                           # 18
  r1 = *(u64 *)(r10 - 40)                                  # 19
  call jobs_end                                            # 20
  r1 = *(u64 *)(r10 - 64)                                  # 21
  call queue_ref                                           # 22
  r8 = r0                                                  # 23
  r1 = r8                                                  # 24
  call queue_put                                           # 25
  r1 = *(u64 *)(r10 - 32)                                  # 26
  call job_free                                            # 27
  r0 = 27                                                  # 28
  exit                                                     # 29
