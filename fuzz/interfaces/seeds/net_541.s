# net rx
# seed 541
fn main(1):
  r6 = r1                                                  # 0
  call ip_hdr                                              # 1
  r1 = r6                                                  # 2
  call pkt_free                                            # 3
  r0 = 1                                                   # 4
  exit                                                     # 5
