# packets rx
# seed 27
fn main(1):
  *(u64 *)(r10 - 48) = r1                                  # 0
  call tcp_hdr                                             # 1
  r1 = *(u64 *)(r10 - 48)                                  # 2
  call ip_hdr                                              # 3
  r1 = *(u64 *)(r10 - 48)                                  # 4
  call pkt_free                                            # 5
  r0 = 2                                                   # 6
  exit                                                     # 7
