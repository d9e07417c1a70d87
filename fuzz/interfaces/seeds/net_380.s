# net rx
# seed 380
fn main(1):
  *(u64 *)(r10 - 72) = r1                                  # 0
  r0 = *(u64 *)(r10 - 72)                                  # 1
  *(u64 *)(r10 - 96) = r0                                  # 2
  r1 = 25                                                  # 3
  call table_get                                           # 4
  *(u64 *)(r10 - 56) = r0                                  # 5
  r1 = *(u64 *)(r10 - 96)                                  # 6
  call ip_hdr                                              # 7
  r1 = *(u64 *)(r10 - 56)                                  # 8
  if r1 == 0 goto 11                                       # 9
  call table_put                                           # 10
  r1 = *(u64 *)(r10 - 96)                                  # 11
  call pkt_free                                            # 12
  r0 = 1                                                   # 13
  exit                                                     # 14
