# net rx
# seed 548
fn main(1):
  r7 = r1                                                  # 0
  r0 = 0                                                   # 1
  *(u64 *)(r10 - 24) = r0                                  # 2
  r1 = *(u64 *)(r10 - 24)                                  # 3
  call table_get                                           # 4
  r9 = r0                                                  # 5
  if r0 != 0 goto 11                                       # 6
  r1 = r7                                                  # 7
  call pkt_free                                            # 8
  r0 = 0                                                   # 9
  exit                                                     # 10
  call flows_begin                                         # 11
  *(u64 *)(r10 - 72) = r0                                  # 12
  if r0 == 0 goto 19                                       # 13
  call read_begin                                          # 14
  call task_current                                        # 15
  call read_end                                            # 16
  r1 = *(u64 *)(r10 - 72)                                  # 17
  call flows_end                                           # 18
  r1 = r9                                                  # 19
  call table_put                                           # 20
  r1 = r7                                                  # 21
  r2 = globals + 48 ll                                     # 22
  call ip_rcv                                              # 23
  if w0 s< 0 goto 26                                       # 24
  goto 30                                                  # 25
  r1 = r7                                                  # 26
  call pkt_free                                            # 27
  r0 = 1                                                   # 28
  exit                                                     # 29
  r1 = r7                                                  # 30
  call sk_lookup                                           # 31
  *(u64 *)(r10 - 96) = r0                                  # 32
  r1 = *(u64 *)(r10 - 96)                                  # 33
  if r1 != 0 goto 39                                       # 34
  r1 = r7                                                  # 35
  call pkt_free                                            # 36
  r0 = 2                                                   # 37
  exit                                                     # 38
  call socket_try_lock                                     # 39
  if w0 == 0 goto 42                                       # 40
  goto 44                                                  # 41
  r1 = *(u64 *)(r10 - 96)                                  # 42
  call socket_unlock                                       # 43
  r1 = *(u64 *)(r10 - 96)                                  # 44
  call sk_put                                              # 45
  r1 = r7                                                  # 46
  call pkt_free                                            # 47
  r0 = 2                                                   # 48
  exit                                                     # 49
