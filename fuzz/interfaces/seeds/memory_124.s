# memory raw_in
# seed 124
fn main(3):
  *(u64 *)(r10 - 256) = 1                                  # 0
  r1 = r10                                                 # 1
  r1 += -256                                               # 2
  r2 = 8                                                   # 3
  call copy_out                                            # 4
  exit                                                     # 5
