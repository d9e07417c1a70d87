# net tick
# seed 268
fn main(1):
  call wait_long                                           # 0
  r0 = 0                                                   # 1
  exit                                                     # 2
