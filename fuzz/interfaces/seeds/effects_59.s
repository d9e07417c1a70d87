# effects handed
# seed 59
fn main(3):
  *(u64 *)(r10 - 48) = r1                                  # 0
  *(u64 *)(r10 - 32) = r2                                  # 1
  r1 = *(u64 *)(r10 - 32)                                  # 2
  call job_offer                                           # 3
  if w0 == 1 goto 6                                        # 4
  goto 7                                                   # 5
  exit                                                     # 6
  r1 = *(u64 *)(r10 - 48)                                  # 7
  call try_outer                                           # 8
  if w0 == 1 goto 11                                       # 9
  goto 13                                                  # 10
  r1 = *(u64 *)(r10 - 48)                                  # 11
  call unlock_outer                                        # 12
  r1 = *(u64 *)(r10 - 32)                                  # 13
  call job_free                                            # 14
  r0 = 32                                                  # 15
  exit                                                     # 16
