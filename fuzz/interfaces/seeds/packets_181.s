# packets rx
# seed 181
fn main(1):
  *(u64 *)(r10 - 80) = r1                                  # 0
  *(u64 *)(r10 - 256) = 1                                  # 1
  r1 = r10                                                 # 2
  r1 += -256                                               # 3
  r2 = r10                                                 # 4
  r2 += -256                                               # 5
  r3 = 8                                                   # 6
  call tn_compare                                          # 7
  r1 = *(u64 *)(r10 - 80)                                  # 8
  call pkt_free                                            # 9
  r0 = 3                                                   # 10
  exit                                                     # 11
