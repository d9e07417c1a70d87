# effects handed
# seed 367
fn main(3):
  r8 = r1                                                  # 0
  *(u64 *)(r10 - 80) = r2                                  # 1
  r1 = *(u64 *)(r10 - 80)                                  # 2
  call job_free                                            # 3
  call rest                                                # 4
  call job_new                                             # 5
  *(u64 *)(r10 - 48) = r0                                  # 6
  r1 = *(u64 *)(r10 - 48)                                  # 7
  if r1 == 0 goto 10                                       # 8
  call job_free                                            # 9
  r1 = r8                                                  # 10
  call lock_inner                                          # 11
  r1 = r8                                                  # 12
  call unlock_inner                                        # 13
  r0 = 3                                                   # 14
  exit                                                     # 15
