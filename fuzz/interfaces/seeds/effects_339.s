# effects handed
# seed 339
fn main(3):
  r8 = r2                                                  # 0
  r0 = 0                                                   # 1
  *(u64 *)(r10 - 64) = r0                                  # 2
  r1 = &f1                                                 # 3
  call each_block                                          # 4
  r1 = r8                                                  # 5
  call job_free                                            # 6
  r0 = *(u64 *)(r10 - 64)                                  # 7
  exit                                                     # 8
fn f1(2):
  r1 = 40                                                  # 9
  call queue_get                                           # 10
  *(u64 *)(r10 - 24) = r0                                  # 11
  r1 = *(u64 *)(r10 - 24)                                  # 12
  if r1 != 0 goto 15                                       # 13
  exit                                                     # 14
  call queue_ref                                           # 15
  *(u64 *)(r10 - 88) = r0                                  # 16
  call scan_begin                                          # 17
  call first                                               # 18
  *(u64 *)(r10 - 16) = r0                                  # 19
  r1 = *(u64 *)(r10 - 16)                                  # 20
  if r1 != 0 goto 29                                       # 21
  call scan_end                                            # 22
  r1 = *(u64 *)(r10 - 88)                                  # 23
  call queue_put                                           # 24
  r1 = *(u64 *)(r10 - 24)                                  # 25
  call queue_put                                           # 26
  r0 = 0                                                   # 27
  exit                                                     # 28
  call after                                               # 29
  call scan_end                                            # 30
  r1 = *(u64 *)(r10 - 88)                                  # 31
  call queue_put                                           # 32
  r1 = *(u64 *)(r10 - 24)                                  # 33
  call queue_put                                           # 34
  r0 = 0                                                   # 35
  exit                                                     # 36
