# packets rx
# seed 6
fn main(1):
  *(u64 *)(r10 - 96) = r1                                  # 0
  *(u64 *)(r10 - 256) = 3                                  # 1
  *(u64 *)(r10 - 248) = 3                                  # 2
  r2 = r10                                                 # 3
  r2 += -256                                               # 4
  call ip_rcv                                              # 5
  if w0 s< 0 goto 8                                        # 6
  goto 12                                                  # 7
  r1 = *(u64 *)(r10 - 96)                                  # 8
  call pkt_free                                            # 9
  r0 = 0                                                   # 10
  exit                                                     # 11
  r1 = *(u64 *)(r10 - 96)                                  # 12
  call sk_lookup                                           # 13
  *(u64 *)(r10 - 40) = r0                                  # 14
  r1 = *(u64 *)(r10 - 40)                                  # 15
  if r1 != 0 goto 21                                       # 16
  r1 = *(u64 *)(r10 - 96)                                  # 17
  call pkt_free                                            # 18
  r0 = 1                                                   # 19
  exit                                                     # 20
  call sk_put                                              # 21
  r1 = *(u64 *)(r10 - 96)                                  # 22
  call sk_lookup                                           # 23
  *(u64 *)(r10 - 80) = r0                                  # 24
  if r0 != 0 goto 30                                       # 25
  r1 = *(u64 *)(r10 - 96)                                  # 26
  call pkt_free                                            # 27
  r0 = 4                                                   # 28
  exit                                                     # 29
  r1 = *(u64 *)(r10 - 96)                                  # 30
  call sk_lookup                                           # 31
  *(u64 *)(r10 - 64) = r0                                  # 32
  if r0 != 0 goto 40                                       # 33
  r1 = *(u64 *)(r10 - 80)                                  # 34
  call sk_put                                              # 35
  r1 = *(u64 *)(r10 - 96)                                  # 36
  call pkt_free                                            # 37
  r0 = 3                                                   # 38
  exit                                                     # 39
  r1 = *(u64 *)(r10 - 64)                                  # 40
  call sk_put                                              # 41
  r1 = *(u64 *)(r10 - 80)                                  # 42
  call sk_put                                              # 43
  r1 = *(u64 *)(r10 - 96)                                  # 44
  call pkt_free                                            # 45
  r0 = 2                                                   # 46
  exit                                                     # 47
