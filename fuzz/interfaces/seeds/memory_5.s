# memory raw_in
# seed 5
fn main(3):
  r1 = 13                                                  # 0
  call take                                                # 1
  *(u64 *)(r10 - 48) = r0                                  # 2
  r1 = *(u64 *)(r10 - 48)                                  # 3
  if r1 != 0 goto 6                                        # 4
  exit                                                     # 5
  call view                                                # 6
  *(u64 *)(r10 - 256) = 0                                  # 7
  r1 = r10                                                 # 8
  r1 += -256                                               # 9
  r2 = 8                                                   # 10
  call copy_out                                            # 11
  r1 = *(u64 *)(r10 - 48)                                  # 12
  call edit                                                # 13
  if r0 != 0 goto 19                                       # 14
  r1 = *(u64 *)(r10 - 48)                                  # 15
  call buffer_drop                                         # 16
  r0 = 27                                                  # 17
  exit                                                     # 18
  r1 = 39                                                  # 19
  call find_name                                           # 20
  r1 = *(u64 *)(r10 - 48)                                  # 21
  call buffer_drop                                         # 22
  r0 = 23                                                  # 23
  exit                                                     # 24
