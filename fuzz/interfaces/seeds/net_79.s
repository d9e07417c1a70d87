# net rx
# seed 79
fn main(1):
  r8 = r1                                                  # 0
  call pkt_clone                                           # 1
  r6 = r0                                                  # 2
  r1 = r6                                                  # 3
  if r1 == 0 goto 6                                        # 4
  call pkt_free                                            # 5
  r1 = r8                                                  # 6
  call pkt_free                                            # 7
  r0 = 4                                                   # 8
  exit                                                     # 9
