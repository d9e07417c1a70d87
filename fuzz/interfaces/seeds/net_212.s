# net rx
# seed 212
fn main(1):
  r6 = r1                                                  # 0
  call flows_begin                                         # 1
  r9 = r0                                                  # 2
  r1 = r6                                                  # 3
  call pkt_clone                                           # 4
  *(u64 *)(r10 - 32) = r0                                  # 5
  r1 = *(u64 *)(r10 - 32)                                  # 6
  if r1 == 0 goto 9                                        # 7
  call pkt_free                                            # 8
  r1 = r9                                                  # 9
  if r1 == 0 goto 12                                       # 10
  call flows_end                                           # 11
  r1 = r6                                                  # 12
  call pkt_free                                            # 13
  r0 = 4                                                   # 14
  exit                                                     # 15
