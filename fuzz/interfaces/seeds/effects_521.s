# effects handed
# seed 521
fn main(3):
  *(u64 *)(r10 - 56) = r1                                  # 0
  *(u64 *)(r10 - 48) = r2                                  # 1
  r1 = *(u64 *)(r10 - 48)                                  # 2
  call job_offer                                           # 3
  if w0 == 1 goto 6                                        # 4
  goto 7                                                   # 5
  exit                                                     # 6
  r1 = *(u64 *)(r10 - 56)                                  # 7
  call lock_outer                                          # 8
  r1 = *(u64 *)(r10 - 56)                                  # 9
  call unlock_outer                                        # 10
  r1 = *(u64 *)(r10 - 48)                                  # 11
  call job_free                                            # 12
  r0 = 20                                                  # 13
  exit                                                     # 14
