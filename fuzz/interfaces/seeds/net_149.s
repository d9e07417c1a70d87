# net rx
# seed 149
fn main(1):
  *(u64 *)(r10 - 40) = r1                                  # 0
  call pkt_len                                             # 1
  call read_begin                                          # 2
  r0 = 0                                                   # 3
  r7 = r0                                                  # 4
  call flows_begin                                         # 5
  *(u64 *)(r10 - 96) = r0                                  # 6
  if r0 == 0 goto 10                                       # 7
  r1 = 1                                                   # 8
  r7 = r1                                                  # 9
  r1 = r7                                                  # 10
  if r1 == 0 goto 14                                       # 11
  r1 = *(u64 *)(r10 - 96)                                  # 12
  call flows_end                                           # 13
  call read_end                                            # 14
  call wait_long                                           # 15
  r1 = *(u64 *)(r10 - 40)                                  # 16
  call pkt_clone                                           # 17
  r7 = r0                                                  # 18
  if r0 != 0 goto 24                                       # 19
  r1 = *(u64 *)(r10 - 40)                                  # 20
  call pkt_free                                            # 21
  r0 = 3                                                   # 22
  exit                                                     # 23
  r1 = r7                                                  # 24
  call tcp_hdr                                             # 25
  r1 = r7                                                  # 26
  call pkt_free                                            # 27
  r1 = *(u64 *)(r10 - 40)                                  # 28
  call pkt_free                                            # 29
  r0 = 1                                                   # 30
  exit                                                     # 31
