# memory frame_in
# seed 33
fn main(1):
  r2 = -2147483642                                         # 0
  call adjust                                              # 1
  r1 = 8                                                   # 2
  call find_name                                           # 3
  r1 = globals + 56 ll                                     # 4
  r2 = 8                                                   # 5
  call copy_in                                             # 6
  r1 = 22                                                  # 7
  call take                                                # 8
  r7 = r0                                                  # 9
  if r0 != 0 goto 12                                       # 10
  exit                                                     # 11
  r1 = r7                                                  # 12
  call buffer_drop                                         # 13
  r0 = 1                                                   # 14
  exit                                                     # 15
