# effects handed
# seed 234
fn main(3):
  r8 = r2                                                  # 0
  r1 = 0                                                   # 1
  call each_job                                            # 2
  r1 = &f1                                                 # 3
  call each_block                                          # 4
  r1 = r8                                                  # 5
  call job_free                                            # 6
  r0 = 21                                                  # 7
  exit                                                     # 8
fn f1(2):
  call rest                                                # 9
  r0 = 0                                                   # 10
  exit                                                     # 11
fn f2(1):
  exit                                                     # 12
