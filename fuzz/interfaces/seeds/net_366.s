# net rx
# seed 366
fn main(1):
  *(u64 *)(r10 - 56) = r1                                  # 0
  r1 = 9                                                   # 1
  call table_get                                           # 2
  *(u64 *)(r10 - 48) = r0                                  # 3
  if r0 != 0 goto 9                                        # 4
  r1 = *(u64 *)(r10 - 56)                                  # 5
  call pkt_free                                            # 6
  r0 = 2                                                   # 7
  exit                                                     # 8
  r1 = 31                                                  # 9
  call table_get                                           # 10
  *(u64 *)(r10 - 24) = r0                                  # 11
  r1 = *(u64 *)(r10 - 24)                                  # 12
  if r1 != 0 goto 20                                       # 13
  r1 = *(u64 *)(r10 - 48)                                  # 14
  call table_put                                           # 15
  r1 = *(u64 *)(r10 - 56)                                  # 16
  call pkt_free                                            # 17
  r0 = 4                                                   # 18
  exit                                                     # 19
  call table_lock                                          # 20
  r1 = *(u64 *)(r10 - 24)                                  # 21
  call table_unlock                                        # 22
  call read_begin                                          # 23
  r1 = *(u64 *)(r10 - 56)                                  # 24
  call ip_hdr                                              # 25
  r1 = 2                                                   # 26
  call table_get                                           # 27
  *(u64 *)(r10 - 80) = r0                                  # 28
  if r0 != 0 goto 39                                       # 29
  call read_end                                            # 30
  r1 = *(u64 *)(r10 - 24)                                  # 31
  call table_put                                           # 32
  r1 = *(u64 *)(r10 - 48)                                  # 33
  call table_put                                           # 34
  r1 = *(u64 *)(r10 - 56)                                  # 35
  call pkt_free                                            # 36
  r0 = 0                                                   # 37
  exit                                                     # 38
  r1 = *(u64 *)(r10 - 48)                                  # 39
  call table_lock                                          # 40
  r1 = *(u64 *)(r10 - 48)                                  # 41
  call table_unlock                                        # 42
  call read_end                                            # 43
  r1 = *(u64 *)(r10 - 80)                                  # 44
  call table_put                                           # 45
  r1 = *(u64 *)(r10 - 24)                                  # 46
  call table_put                                           # 47
  r1 = *(u64 *)(r10 - 48)                                  # 48
  call table_put                                           # 49
  r1 = *(u64 *)(r10 - 56)                                  # 50
  call pkt_free                                            # 51
  r0 = 2                                                   # 52
  exit                                                     # 53
