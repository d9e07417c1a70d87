# kv kv_start
# seed 22
fn main(1):
  r1 = 40                                                  # 0
  call kv_fact                                             # 1
  r0 = 1                                                   # 2
  exit                                                     # 3
