# net rx
# seed 23
fn main(1):
  *(u64 *)(r10 - 96) = r1                                  # 0
  r2 = globals + 40 ll                                     # 1
  call ip_rcv                                              # 2
  if w0 s< 0 goto 5                                        # 3
  goto 9                                                   # 4
  r1 = *(u64 *)(r10 - 96)                                  # 5
  call pkt_free                                            # 6
  r0 = 2                                                   # 7
  exit                                                     # 8
  r1 = *(u64 *)(r10 - 96)                                  # 9
  call sk_lookup                                           # 10
  *(u64 *)(r10 - 72) = r0                                  # 11
  r1 = *(u64 *)(r10 - 72)                                  # 12
  if r1 != 0 goto 18                                       # 13
  r1 = *(u64 *)(r10 - 96)                                  # 14
  call pkt_free                                            # 15
  r0 = 3                                                   # 16
  exit                                                     # 17
  call socket_lock                                         # 18
  r1 = *(u64 *)(r10 - 96)                                  # 19
  *(u64 *)(r10 - 256) = 2                                  # 20
  r2 = r10                                                 # 21
  r2 += -256                                               # 22
  call tcp_rcv                                             # 23
  r1 = *(u64 *)(r10 - 72)                                  # 24
  call socket_unlock                                       # 25
  r1 = 18                                                  # 26
  call record_new                                          # 27
  *(u64 *)(r10 - 24) = r0                                  # 28
  r1 = *(u64 *)(r10 - 24)                                  # 29
  if r1 == 0 goto 32                                       # 30
  call record_drop                                         # 31
  r1 = *(u64 *)(r10 - 72)                                  # 32
  call sk_put                                              # 33
  r1 = *(u64 *)(r10 - 96)                                  # 34
  call pkt_free                                            # 35
  r0 = 3                                                   # 36
  exit                                                     # 37
