# net tick
# seed 282
fn main(1):
  *(u64 *)(r10 - 72) = r1                                  # 0
  call read_begin                                          # 1
  call flows_begin                                         # 2
  r8 = r0                                                  # 3
  if r0 != 0 goto 8                                        # 4
  call read_end                                            # 5
  r0 = 37                                                  # 6
  exit                                                     # 7
  r1 = *(u64 *)(r10 - 72)                                  # 8
  call table_get                                           # 9
  r9 = r0                                                  # 10
  if r0 != 0 goto 17                                       # 11
  call read_end                                            # 12
  r1 = r8                                                  # 13
  call flows_end                                           # 14
  r0 = *(u64 *)(r10 - 72)                                  # 15
  exit                                                     # 16
  call read_end                                            # 17
  r1 = r9                                                  # 18
  call table_put                                           # 19
  r1 = r8                                                  # 20
  call flows_end                                           # 21
  r0 = 4                                                   # 22
  exit                                                     # 23
