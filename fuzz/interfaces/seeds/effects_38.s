# effects handed
# seed 38
fn main(3):
  r9 = r1                                                  # 0
  *(u64 *)(r10 - 80) = r2                                  # 1
  r1 = *(u64 *)(r10 - 80)                                  # 2
  call job_start                                           # 3
  call job_new                                             # 4
  r7 = r0                                                  # 5
  if r0 != 0 goto 11                                       # 6
  r1 = *(u64 *)(r10 - 80)                                  # 7
  call job_free                                            # 8
  r0 = 0                                                   # 9
  exit                                                     # 10
  r1 = r9                                                  # 11
  call lock_outer                                          # 12
  r1 = r9                                                  # 13
  call unlock_outer                                        # 14
  r1 = r7                                                  # 15
  call job_free                                            # 16
  r1 = *(u64 *)(r10 - 80)                                  # 17
  call job_free                                            # 18
  r0 = 8                                                   # 19
  exit                                                     # 20
