# kv kv_request
# seed 351
fn main(1):
  r1 = globals + 24 ll                                     # 0
  *(u64 *)(r10 - 256) = 3                                  # 1
  r2 = r10                                                 # 2
  r2 += -256                                               # 3
  r3 = 8                                                   # 4
  call tn_move                                             # 5
  r0 = 2                                                   # 6
  exit                                                     # 7
