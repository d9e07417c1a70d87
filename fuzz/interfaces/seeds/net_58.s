# net rx
# seed 58
fn main(1):
  *(u64 *)(r10 - 80) = r1                                  # 0
  call tcp_hdr                                             # 1
  r1 = *(u64 *)(r10 - 80)                                  # 2
  call pkt_free                                            # 3
  r0 = 0                                                   # 4
  exit                                                     # 5
