# kv kv_closed
# seed 29
fn main(1):
  call kv_fact                                             # 0
  r0 = 0                                                   # 1
  exit                                                     # 2
