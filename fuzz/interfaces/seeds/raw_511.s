# raw raw
# seed 511
fn main(1):
  r1 = globals + 0 ll                                      # 0
  r2 = globals + 8 ll                                      # 1
  r3 = 8                                                   # 2
  call tn_move                                             # 3
  r1 = 0                                                   # 4
  call token_get                                           # 5
  r9 = r0                                                  # 6
  r1 = r9                                                  # 7
  if r1 != 0 goto 10                                       # 8
  exit                                                     # 9
  call token_put                                           # 10
  r0 = 0                                                   # 11
  exit                                                     # 12
