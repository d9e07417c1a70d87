# raw raw
# seed 504
fn main(1):
  r1 = globals + 0 ll                                      # 0
  r2 = globals + 8 ll                                      # 1
  r3 = 8                                                   # 2
  call tn_move                                             # 3
  r0 = 13                                                  # 4
  exit                                                     # 5
