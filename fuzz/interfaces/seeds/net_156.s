# net tick
# seed 156
fn main(1):
  r9 = r1                                                  # 0
  call table_get                                           # 1
  *(u64 *)(r10 - 16) = r0                                  # 2
  if r0 != 0 goto 5                                        # 3
  exit                                                     # 4
  r1 = r9                                                  # 5
  r2 = &f1                                                 # 6
  r3 = r10                                                 # 7
  call for_each_number                                     # 8
  r1 = *(u64 *)(r10 - 16)                                  # 9
  call table_put                                           # 10
  r0 = 7                                                   # 11
  exit                                                     # 12
fn f1(2):
  r0 = 0                                                   # 13
  exit                                                     # 14
