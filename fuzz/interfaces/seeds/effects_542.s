# effects handed
# seed 542
fn main(3):
  *(u64 *)(r10 - 80) = r2                                  # 0
  r2 = &f1                                                 # 1
  call each_entry                                          # 2
  *(u64 *)(r10 - 48) = r0                                  # 3
  r1 = *(u64 *)(r10 - 80)                                  # 4
  call job_free                                            # 5
  r0 = *(u64 *)(r10 - 48)                                  # 6
  exit                                                     # 7
fn f1(3):
  r0 = 0                                                   # 8
  exit                                                     # 9
