# net tick
# seed 107
fn main(1):
  call table_get                                           # 0
  *(u64 *)(r10 - 48) = r0                                  # 1
  r1 = *(u64 *)(r10 - 48)                                  # 2
  if r1 == 0 goto 5                                        # 3
  call table_put                                           # 4
  r0 = 36                                                  # 5
  exit                                                     # 6
