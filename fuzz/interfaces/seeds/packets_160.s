# packets rx
# seed 160
fn main(1):
  *(u64 *)(r10 - 48) = r1                                  # 0
  r2 = globals + 0 ll                                      # 1
  call ip_rcv                                              # 2
  if w0 s< 0 goto 5                                        # 3
  goto 9                                                   # 4
  r1 = *(u64 *)(r10 - 48)                                  # 5
  call pkt_free                                            # 6
  r0 = 2                                                   # 7
  exit                                                     # 8
  if r0 != 0 goto 14                                       # 9
  r1 = *(u64 *)(r10 - 48)                                  # 10
  call pkt_free                                            # 11
  r0 = 4                                                   # 12
  exit                                                     # 13
  r1 = *(u64 *)(r10 - 48)                                  # 14
  call sk_lookup                                           # 15
  *(u64 *)(r10 - 80) = r0                                  # 16
  if r0 != 0 goto 22                                       # 17
  r1 = *(u64 *)(r10 - 48)                                  # 18
  call pkt_free                                            # 19
  r0 = 4                                                   # 20
  exit                                                     # 21
  r1 = *(u64 *)(r10 - 80)                                  # 22
  call socket_lock                                         # 23
  r1 = *(u64 *)(r10 - 80)                                  # 24
  call socket_unlock                                       # 25
  r1 = *(u64 *)(r10 - 80)                                  # 26
  call sk_put                                              # 27
  r1 = *(u64 *)(r10 - 48)                                  # 28
  call pkt_free                                            # 29
  r0 = 3                                                   # 30
  exit                                                     # 31
