# effects work
# seed 311
fn main(1):
  call rest                                                # 0
  call job_new                                             # 1
  *(u64 *)(r10 - 56) = r0                                  # 2
  if r0 != 0 goto 5                                        # 3
  exit                                                     # 4
  r1 = *(u64 *)(r10 - 56)                                  # 5
  call job_free                                            # 6
  r0 = 0                                                   # 7
  exit                                                     # 8
