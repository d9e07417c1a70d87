# memory frame_in
# seed 12
fn main(1):
  r1 = globals + 16 ll                                     # 0
  *(u64 *)(r10 - 256) = 1                                  # 1
  r2 = r10                                                 # 2
  r2 += -256                                               # 3
  r3 = 8                                                   # 4
  call tn_compare                                          # 5
  r1 = 38                                                  # 6
  call find_name                                           # 7
  r1 = 25                                                  # 8
  call take                                                # 9
  *(u64 *)(r10 - 24) = r0                                  # 10
  if r0 != 0 goto 13                                       # 11
  exit                                                     # 12
  r1 = *(u64 *)(r10 - 24)                                  # 13
  call buffer_drop                                         # 14
  r0 = 1                                                   # 15
  exit                                                     # 16
