# packets rx
# seed 13
fn main(1):
  r9 = r1                                                  # 0
  *(u64 *)(r10 - 256) = 2                                  # 1
  *(u64 *)(r10 - 248) = 2                                  # 2
  r2 = r10                                                 # 3
  r2 += -256                                               # 4
  call ip_rcv                                              # 5
  if w0 s< 0 goto 8                                        # 6
  goto 12                                                  # 7
  r1 = r9                                                  # 8
  call pkt_free                                            # 9
  r0 = 2                                                   # 10
  exit                                                     # 11
  r1 = r9                                                  # 12
  call ip_hdr                                              # 13
  if r0 != 0 goto 19                                       # 14
  r1 = r9                                                  # 15
  call pkt_free                                            # 16
  r0 = 2                                                   # 17
  exit                                                     # 18
  r1 = r9                                                  # 19
  call sk_lookup                                           # 20
  *(u64 *)(r10 - 56) = r0                                  # 21
  if r0 != 0 goto 27                                       # 22
  r1 = r9                                                  # 23
  call pkt_free                                            # 24
  r0 = 3                                                   # 25
  exit                                                     # 26
  r1 = *(u64 *)(r10 - 56)                                  # 27
  call socket_lock                                         # 28
  r1 = *(u64 *)(r10 - 56)                                  # 29
  call socket_unlock                                       # 30
  r1 = *(u64 *)(r10 - 56)                                  # 31
  call sk_put                                              # 32
  r1 = r9                                                  # 33
  call pkt_free                                            # 34
  r0 = 4                                                   # 35
  exit                                                     # 36
