# net rx
# seed 163
fn main(1):
  *(u64 *)(r10 - 32) = r1                                  # 0
  r0 = 0                                                   # 1
  *(u64 *)(r10 - 40) = r0                                  # 2
  call tcp_hdr                                             # 3
  r1 = *(u64 *)(r10 - 40)                                  # 4
  r0 = *(u64 *)(r10 - 32)                                  # 5
  *(u64 *)(r10 - 56) = r0                                  # 6
  call table_get                                           # 7
  *(u64 *)(r10 - 72) = r0                                  # 8
  if r0 != 0 goto 14                                       # 9
  r1 = *(u64 *)(r10 - 32)                                  # 10
  call pkt_free                                            # 11
  r0 = 1                                                   # 12
  exit                                                     # 13
  r1 = *(u64 *)(r10 - 56)                                  # 14
  *(u64 *)(r10 - 256) = 0                                  # 15
  *(u64 *)(r10 - 248) = 1                                  # 16
  r2 = r10                                                 # 17
  r2 += -256                                               # 18
  call ip_rcv                                              # 19
  if w0 s< 0 goto 22                                       # 20
  goto 28                                                  # 21
  r1 = *(u64 *)(r10 - 72)                                  # 22
  call table_put                                           # 23
  r1 = *(u64 *)(r10 - 32)                                  # 24
  call pkt_free                                            # 25
  r0 = 3                                                   # 26
  exit                                                     # 27
  r1 = *(u64 *)(r10 - 56)                                  # 28
  call sk_lookup                                           # 29
  *(u64 *)(r10 - 48) = r0                                  # 30
  r1 = *(u64 *)(r10 - 48)                                  # 31
  if r1 != 0 goto 39                                       # 32
  r1 = *(u64 *)(r10 - 72)                                  # 33
  call table_put                                           # 34
  r1 = *(u64 *)(r10 - 32)                                  # 35
  call pkt_free                                            # 36
  r0 = 2                                                   # 37
  exit                                                     # 38
  call wait_for_room                                       # 39
  r1 = *(u64 *)(r10 - 48)                                  # 40
  call sk_put                                              # 41
  r1 = *(u64 *)(r10 - 72)                                  # 42
  call table_put                                           # 43
  r1 = *(u64 *)(r10 - 32)                                  # 44
  call pkt_free                                            # 45
  r0 = 4                                                   # 46
  exit                                                     # 47
