# packets rx
# seed 377
fn main(1):
  *(u64 *)(r10 - 80) = r1                                  # 0
  *(u64 *)(r10 - 256) = 3                                  # 1
  *(u64 *)(r10 - 248) = 0                                  # 2
  r2 = r10                                                 # 3
  r2 += -256                                               # 4
  call ip_rcv                                              # 5
  if w0 s< 0 goto 8                                        # 6
  goto 12                                                  # 7
  r1 = *(u64 *)(r10 - 80)                                  # 8
  call pkt_free                                            # 9
  r0 = 0                                                   # 10
  exit                                                     # 11
  r1 = *(u64 *)(r10 - 80)                                  # 12
  call sk_lookup                                           # 13
  *(u64 *)(r10 - 16) = r0                                  # 14
  r1 = *(u64 *)(r10 - 16)                                  # 15
  if r1 != 0 goto 21                                       # 16
  r1 = *(u64 *)(r10 - 80)                                  # 17
  call pkt_free                                            # 18
  r0 = 4                                                   # 19
  exit                                                     # 20
  call socket_lock                                         # 21
  r1 = *(u64 *)(r10 - 80)                                  # 22
  r2 = r10                                                 # 23
  r2 += -256                                               # 24
  call tcp_rcv                                             # 25
  r1 = *(u64 *)(r10 - 16)                                  # 26
  r2 = *(u64 *)(r10 - 80)                                  # 27
  call queue_to_socket                                     # 28
  r1 = *(u64 *)(r10 - 16)                                  # 29
  call socket_unlock                                       # 30
  r1 = *(u64 *)(r10 - 16)                                  # 31
  call sk_put                                              # 32
  r0 = 5                                                   # 33
  w0 s>>= 9                                                # 34
  exit                                                     # 35
