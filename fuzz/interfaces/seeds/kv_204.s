# kv kv_closed
# seed 204
fn main(1):
  r1 = r10                                                 # 0
  r1 += -256                                               # 1
  r2 = 22                                                  # 2
  r3 = 8                                                   # 3
  call tn_fill                                             # 4
  r0 = 0                                                   # 5
  exit                                                     # 6
