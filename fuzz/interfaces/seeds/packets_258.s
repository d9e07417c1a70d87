# packets rx
# seed 258
fn main(1):
  *(u64 *)(r10 - 40) = r1                                  # 0
  *(u64 *)(r10 - 256) = 1                                  # 1
  *(u64 *)(r10 - 248) = 0                                  # 2
  r2 = r10                                                 # 3
  r2 += -256                                               # 4
  call ip_rcv                                              # 5
  if w0 s< 0 goto 8                                        # 6
  goto 12                                                  # 7
  r1 = *(u64 *)(r10 - 40)                                  # 8
  call pkt_free                                            # 9
  r0 = 1                                                   # 10
  exit                                                     # 11
  r1 = *(u64 *)(r10 - 40)                                  # 12
  call sk_lookup                                           # 13
  *(u64 *)(r10 - 32) = r0                                  # 14
  if r0 != 0 goto 20                                       # 15
  r1 = *(u64 *)(r10 - 40)                                  # 16
  call pkt_free                                            # 17
  r0 = 1                                                   # 18
  exit                                                     # 19
  r1 = *(u64 *)(r10 - 32)                                  # 20
  call socket_lock                                         # 21
  r1 = *(u64 *)(r10 - 40)                                  # 22
  call sk_lookup                                           # 23
  r7 = r0                                                  # 24
  r1 = r7                                                  # 25
  if r1 == 0 goto 28                                       # 26
  call sk_put                                              # 27
  r1 = *(u64 *)(r10 - 32)                                  # 28
  call socket_unlock                                       # 29
  r1 = *(u64 *)(r10 - 32)                                  # 30
  call sk_put                                              # 31
  r1 = *(u64 *)(r10 - 40)                                  # 32
  call pkt_free                                            # 33
  r0 = 0                                                   # 34
  exit                                                     # 35
