# net rx
# seed 373
fn main(1):
  *(u64 *)(r10 - 48) = r1                                  # 0
  call read_begin                                          # 1
  call task_current                                        # 2
  *(u64 *)(r10 - 64) = r0                                  # 3
  r1 = *(u64 *)(r10 - 64)                                  # 4
  call task_parent                                         # 5
  *(u64 *)(r10 - 80) = r0                                  # 6
  r1 = *(u64 *)(r10 - 80)                                  # 7
  if r1 != 0 goto 14                                       # 8
  call read_end                                            # 9
  r1 = *(u64 *)(r10 - 48)                                  # 10
  call pkt_free                                            # 11
  r0 = 2                                                   # 12
  exit                                                     # 13
  call read_end                                            # 14
  r1 = *(u64 *)(r10 - 48)                                  # 15
  *(u64 *)(r10 - 256) = 2                                  # 16
  *(u64 *)(r10 - 248) = 0                                  # 17
  r2 = r10                                                 # 18
  r2 += -256                                               # 19
  call ip_rcv                                              # 20
  if w0 s< 0 goto 23                                       # 21
  goto 27                                                  # 22
  r1 = *(u64 *)(r10 - 48)                                  # 23
  call pkt_free                                            # 24
  r0 = 3                                                   # 25
  exit                                                     # 26
  r1 = *(u64 *)(r10 - 48)                                  # 27
  call sk_lookup                                           # 28
  *(u64 *)(r10 - 56) = r0                                  # 29
  r1 = *(u64 *)(r10 - 56)                                  # 30
  if r1 != 0 goto 36                                       # 31
  r1 = *(u64 *)(r10 - 48)                                  # 32
  call pkt_free                                            # 33
  r0 = 1                                                   # 34
  exit                                                     # 35
  call wait_for_room                                       # 36
  r1 = *(u64 *)(r10 - 56)                                  # 37
  call sk_put                                              # 38
  r1 = *(u64 *)(r10 - 48)                                  # 39
  call pkt_free                                            # 40
  r0 = 1                                                   # 41
  exit                                                     # 42
