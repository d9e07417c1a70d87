# kv kv_start
# seed 519
fn main(1):
  r1 = 20                                                  # 0
  call kv_fact                                             # 1
  *(u64 *)(r10 - 88) = r0                                  # 2
  r1 = globals + 0 ll                                      # 3
  r2 = *(u64 *)(r10 - 88)                                  # 4
  r3 = 8                                                   # 5
  call tn_find                                             # 6
  r0 = 0                                                   # 7
  exit                                                     # 8
