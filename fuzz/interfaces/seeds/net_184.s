# net rx
# seed 184
fn main(1):
  *(u64 *)(r10 - 72) = r1                                  # 0
  call wait_long                                           # 1
  r1 = *(u64 *)(r10 - 72)                                  # 2
  call pkt_free                                            # 3
  r0 = 4                                                   # 4
  exit                                                     # 5
