# kv kv_request
# seed 491
fn main(1):
  r0 = 10                                                  # 0
  *(u64 *)(r10 - 32) = r0                                  # 1
  r1 = globals + 0 ll                                      # 2
  r2 = *(u64 *)(r10 - 32)                                  # 3
  r3 = 8                                                   # 4
  call tn_find                                             # 5
  r0 = 1                                                   # 6
  exit                                                     # 7
