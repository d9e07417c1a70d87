# kv kv_start
# seed 15
fn main(1):
  r1 = 35                                                  # 0
  call tn_grow                                             # 1
  r0 = 0                                                   # 2
  exit                                                     # 3
