# effects handed
# seed 94
fn main(3):
  *(u64 *)(r10 - 72) = r1                                  # 0
  *(u64 *)(r10 - 64) = r2                                  # 1
  call lock_inner                                          # 2
  r1 = *(u64 *)(r10 - 72)                                  # 3
  call unlock_inner                                        # 4
  r1 = *(u64 *)(r10 - 72)                                  # 5
  call try_outer                                           # 6
  if w0 == 1 goto 9                                        # 7
  goto 11                                                  # 8
  r1 = *(u64 *)(r10 - 72)                                  # 9
  call unlock_outer                                        # 10
  r1 = &f1                                                 # 11
  call each_block                                          # 12
  r1 = *(u64 *)(r10 - 64)                                  # 13
  call job_free                                            # 14
  r0 = 40                                                  # 15
  exit                                                     # 16
fn f1(2):
  r0 = 0                                                   # 17
  exit                                                     # 18
