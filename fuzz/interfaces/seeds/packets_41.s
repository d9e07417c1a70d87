# packets rx
# seed 41
fn main(1):
  *(u64 *)(r10 - 32) = r1                                  # 0
  call tcp_hdr                                             # 1
  r1 = *(u64 *)(r10 - 32)                                  # 2
  call pkt_free                                            # 3
  r0 = 2                                                   # 4
  exit                                                     # 5
