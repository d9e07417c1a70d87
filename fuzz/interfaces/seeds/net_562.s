# net rx
# seed 562
fn main(1):
  *(u64 *)(r10 - 64) = r1                                  # 0
  r1 = 21                                                  # 1
  call table_get                                           # 2
  *(u64 *)(r10 - 24) = r0                                  # 3
  r1 = *(u64 *)(r10 - 24)                                  # 4
  if r1 != 0 goto 10                                       # 5
  r1 = *(u64 *)(r10 - 64)                                  # 6
  call pkt_free                                            # 7
  r0 = 1                                                   # 8
  exit                                                     # 9
  r2 = 20                                                  # 10
  call row_get                                             # 11
  *(u64 *)(r10 - 56) = r0                                  # 12
  r1 = *(u64 *)(r10 - 56)                                  # 13
  if r1 != 0 goto 21                                       # 14
  r1 = *(u64 *)(r10 - 24)                                  # 15
  call table_put                                           # 16
  r1 = *(u64 *)(r10 - 64)                                  # 17
  call pkt_free                                            # 18
  r0 = 0                                                   # 19
  exit                                                     # 20
  call row_lock                                            # 21
  r1 = *(u64 *)(r10 - 56)                                  # 22
  call row_unlock                                          # 23
  r1 = *(u64 *)(r10 - 56)                                  # 24
  call row_put                                             # 25
  r1 = *(u64 *)(r10 - 24)                                  # 26
  call table_put                                           # 27
  r1 = *(u64 *)(r10 - 64)                                  # 28
  call pkt_free                                            # 29
  r0 = 3                                                   # 30
  exit                                                     # 31
