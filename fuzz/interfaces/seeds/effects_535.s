# effects handed
# seed 535
fn main(3):
  *(u64 *)(r10 - 48) = r1                                  # 0
  *(u64 *)(r10 - 96) = r2                                  # 1
  call lock_inner                                          # 2
  r1 = *(u64 *)(r10 - 96)                                  # 3
  call job_free                                            # 4
  r1 = *(u64 *)(r10 - 48)                                  # 5
  call unlock_inner                                        # 6
  r1 = *(u64 *)(r10 - 48)                                  # 7
  r2 = *(u64 *)(r10 - 48)                                  # 8
  call swap                                                # 9
  r0 = 0                                                   # 10
  exit                                                     # 11
