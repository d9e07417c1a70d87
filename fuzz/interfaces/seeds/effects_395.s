# effects handed
# seed 395
fn main(3):
  r9 = r1                                                  # 0
  *(u64 *)(r10 - 88) = r2                                  # 1
  r2 = r9                                                  # 2
  call swap                                                # 3
  r1 = *(u64 *)(r10 - 88)                                  # 4
  call job_offer                                           # 5
  if w0 == 1 goto 8                                        # 6
  goto 9                                                   # 7
  exit                                                     # 8
  r1 = *(u64 *)(r10 - 88)                                  # 9
  call job_free                                            # 10
  r0 = 10                                                  # 11
  exit                                                     # 12
