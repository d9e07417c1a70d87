# memory frame_in
# seed 187
fn main(1):
  r1 = r10                                                 # 0
  r1 += -256                                               # 1
  r2 = 8                                                   # 2
  call copy_in                                             # 3
  r0 = 0                                                   # 4
  exit                                                     # 5
