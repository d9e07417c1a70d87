# effects handed
# seed 192
fn main(3):
  *(u64 *)(r10 - 40) = r1                                  # 0
  r6 = r2                                                  # 1
  call job_new                                             # 2
  *(u64 *)(r10 - 16) = r0                                  # 3
  if r0 != 0 goto 9                                        # 4
  r1 = r6                                                  # 5
  call job_free                                            # 6
  r0 = 27                                                  # 7
  exit                                                     # 8
  r1 = *(u64 *)(r10 - 16)                                  # 9
  call job_free                                            # 10
  r1 = *(u64 *)(r10 - 40)                                  # 11
  call lock_inner                                          # 12
  call job_new                                             # 13
  r7 = r0                                                  # 14
  r1 = r7                                                  # 15
  if r1 == 0 goto 18                                       # 16
  call job_free                                            # 17
  r1 = *(u64 *)(r10 - 40)                                  # 18
  call unlock_inner                                        # 19
  r1 = *(u64 *)(r10 - 40)                                  # 20
  call queue_ref                                           # 21
  *(u64 *)(r10 - 56) = r0                                  # 22
  r1 = &f1                                                 # 23
  call each_block                                          # 24
  r1 = *(u64 *)(r10 - 56)                                  # 25
  call queue_put                                           # 26
  r1 = r6                                                  # 27
  call job_free                                            # 28
  r0 = 11                                                  # 29
  exit                                                     # 30
fn f1(2):
  call scan_begin                                          # 31
  call scan_end                                            # 32
  r0 = 0                                                   # 33
  exit                                                     # 34
fn f2(2):
  exit                                                     # 35
