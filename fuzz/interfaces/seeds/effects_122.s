# effects handed
# seed 122
fn main(3):
  *(u64 *)(r10 - 16) = r1                                  # 0
  *(u64 *)(r10 - 32) = r2                                  # 1
  r1 = globals + 0 ll                                      # 2
  if r1 > 6 goto 8                                         # 3
  r1 = *(u64 *)(r10 - 32)                                  # 4
  call job_free                                            # 5
  r0 = 18                                                  # 6
  exit                                                     # 7
  r1 = *(u64 *)(r10 - 16)                                  # 8
  call jobs_begin                                          # 9
  *(u64 *)(r10 - 48) = r0                                  # 10
  r1 = *(u64 *)(r10 - 48)                                  # 11
  call jobs_end                                            # 12
  r1 = *(u64 *)(r10 - 32)                                  # 13
  call job_free                                            # 14
  r0 = 33                                                  # 15
  exit                                                     # 16
