# kv kv_request
# seed 512
fn main(1):
  r0 = 10                                                  # 0
  r0 = -r0                                                 # 1
  r9 = r0                                                  # 2
  r1 = globals + 0 ll                                      # 3
  r2 = r9                                                  # 4
  r3 = 8                                                   # 5
  call tn_find                                             # 6
  r0 = r9                                                  # 7
  r0 &= 10                                                 # 8
  exit                                                     # 9
