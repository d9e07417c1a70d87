# maps event
# seed 165
fn main(2):
  call session_get                                         # 0
  *(u64 *)(r10 - 64) = r0                                  # 1
  if r0 != 0 goto 4                                        # 2
  exit                                                     # 3
  r1 = 73                                                  # 4
  r2 = &f1                                                 # 5
  r3 = r10                                                 # 6
  call loop                                                # 7
  r1 = *(u64 *)(r10 - 64)                                  # 8
  call session_put                                         # 9
  r0 = 0                                                   # 10
  exit                                                     # 11
fn f1(2):
  r0 = 1                                                   # 12
  exit                                                     # 13
