# effects work
# seed 87
fn main(1):
  call job_new                                             # 0
  r9 = r0                                                  # 1
  if r0 != 0 goto 4                                        # 2
  exit                                                     # 3
  r1 = r9                                                  # 4
  call job_free                                            # 5
  r0 = 1                                                   # 6
  exit                                                     # 7
