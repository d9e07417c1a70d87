# packets rx
# seed 153
fn main(1):
  call pkt_free                                            # 0
  *(u64 *)(r10 - 256) = 0                                  # 1
  r1 = r10                                                 # 2
  r1 += -256                                               # 3
  r2 = globals + 40 ll                                     # 4
  r3 = 8                                                   # 5
  call tn_compare                                          # 6
  r0 = 1                                                   # 7
  exit                                                     # 8
