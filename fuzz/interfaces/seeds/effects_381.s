# effects work
# seed 381
fn main(1):
  r1 = &f1                                                 # 0
  call each_job                                            # 1
  call scan_begin                                          # 2
  call scan_end                                            # 3
  r0 = 1                                                   # 4
  exit                                                     # 5
fn f1(1):
  *(u64 *)(r10 - 96) = r1                                  # 6
  r1 = 9                                                   # 7
  call queue_get                                           # 8
  *(u64 *)(r10 - 40) = r0                                  # 9
  if r0 != 0 goto 12                                       # 10
  exit                                                     # 11
  r1 = *(u64 *)(r10 - 96)                                  # 12
  call job_step                                            # 13
  r1 = *(u64 *)(r10 - 40)                                  # 14
  call queue_put                                           # 15
  r0 = 2                                                   # 16
  exit                                                     # 17
