# effects handed
# seed 24
fn main(3):
  *(u64 *)(r10 - 64) = r1                                  # 0
  r8 = r2                                                  # 1
  r1 = r8                                                  # 2
  call job_start                                           # 3
  r1 = *(u64 *)(r10 - 64)                                  # 4
  call jobs_begin                                          # 5
  r9 = r0                                                  # 6
  r1 = r9                                                  # 7
  call jobs_end                                            # 8
  r1 = r8                                                  # 9
  call job_free                                            # 10
  r0 = 17                                                  # 11
  exit                                                     # 12
