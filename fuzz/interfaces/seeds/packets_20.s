# packets rx
# seed 20
fn main(1):
  r9 = r1                                                  # 0
  call tcp_hdr                                             # 1
  r1 = r9                                                  # 2
  call ip_hdr                                              # 3
  *(u64 *)(r10 - 16) = r0                                  # 4
  if r0 != 0 goto 10                                       # 5
  r1 = r9                                                  # 6
  call pkt_free                                            # 7
  r0 = 2                                                   # 8
  exit                                                     # 9
  r1 = *(u64 *)(r10 - 16)                                  # 10
  r1 = *(u64 *)(r1 + 0)                                    # 11
  if w1 & 3 goto 17                                        # 12
  r1 = r9                                                  # 13
  call pkt_free                                            # 14
  r0 = 3                                                   # 15
  exit                                                     # 16
  r1 = r9                                                  # 17
  r2 = *(u64 *)(r10 - 16)                                  # 18
  call ip_rcv                                              # 19
  if w0 s< 0 goto 22                                       # 20
  goto 26                                                  # 21
  r1 = r9                                                  # 22
  call pkt_free                                            # 23
  r0 = 3                                                   # 24
  exit                                                     # 25
  r8 = r0                                                  # 26
  r1 = r8                                                  # 27
  if r1 != 0 goto 33                                       # 28
  r1 = r9                                                  # 29
  call pkt_free                                            # 30
  r0 = 2                                                   # 31
  exit                                                     # 32
  if r1 > 6 goto 38                                        # 33
  r1 = r9                                                  # 34
  call pkt_free                                            # 35
  r0 = 2                                                   # 36
  exit                                                     # 37
  r0 = 0                                                   # 38
  *(u64 *)(r10 - 40) = r0                                  # 39
  r1 = r9                                                  # 40
  call sk_lookup                                           # 41
  r7 = r0                                                  # 42
  if r0 == 0 goto 46                                       # 43
  r1 = 1                                                   # 44
  *(u64 *)(r10 - 40) = r1                                  # 45
  r1 = *(u64 *)(r10 - 40)                                  # 46
  if r1 == 0 goto 50                                       # 47
  r1 = r7                                                  # 48
  call sk_put                                              # 49
  r1 = r9                                                  # 50
  call pkt_free                                            # 51
  r0 = 0                                                   # 52
  exit                                                     # 53
