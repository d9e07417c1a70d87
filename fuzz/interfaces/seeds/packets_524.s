# packets rx
# seed 524
fn main(1):
  *(u64 *)(r10 - 32) = r1                                  # 0
  call ip_hdr                                              # 1
  *(u64 *)(r10 - 40) = r0                                  # 2
  if r0 != 0 goto 8                                        # 3
  r1 = *(u64 *)(r10 - 32)                                  # 4
  call pkt_free                                            # 5
  r0 = 2                                                   # 6
  exit                                                     # 7
  r1 = *(u64 *)(r10 - 32)                                  # 8
  r2 = *(u64 *)(r10 - 40)                                  # 9
  call ip_rcv                                              # 10
  if w0 s< 0 goto 13                                       # 11
  goto 17                                                  # 12
  r1 = *(u64 *)(r10 - 32)                                  # 13
  call pkt_free                                            # 14
  r0 = 3                                                   # 15
  exit                                                     # 16
  r1 = *(u64 *)(r10 - 32)                                  # 17
  call sk_lookup                                           # 18
  *(u64 *)(r10 - 16) = r0                                  # 19
  r1 = *(u64 *)(r10 - 16)                                  # 20
  if r1 != 0 goto 26                                       # 21
  r1 = *(u64 *)(r10 - 32)                                  # 22
  call pkt_free                                            # 23
  r0 = 1                                                   # 24
  exit                                                     # 25
  call socket_lock                                         # 26
  r1 = *(u64 *)(r10 - 32)                                  # 27
  r2 = *(u64 *)(r10 - 40)                                  # 28
  call tcp_rcv                                             # 29
  r1 = *(u64 *)(r10 - 16)                                  # 30
  call socket_unlock                                       # 31
  r1 = *(u64 *)(r10 - 16)                                  # 32
  call sk_put                                              # 33
  r1 = *(u64 *)(r10 - 32)                                  # 34
  call pkt_free                                            # 35
  r0 = 4                                                   # 36
  exit                                                     # 37
