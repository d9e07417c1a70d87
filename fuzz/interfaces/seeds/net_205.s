# net tick
# seed 205
fn main(1):
  *(u64 *)(r10 - 88) = r1                                  # 0
  call table_get                                           # 1
  *(u64 *)(r10 - 56) = r0                                  # 2
  r1 = 40                                                  # 3
  call record_new                                          # 4
  *(u64 *)(r10 - 32) = r0                                  # 5
  if r0 != 0 goto 12                                       # 6
  r1 = *(u64 *)(r10 - 56)                                  # 7
  if r1 == 0 goto 10                                       # 8
  call table_put                                           # 9
  r0 = *(u64 *)(r10 - 88)                                  # 10
  exit                                                     # 11
  r1 = *(u64 *)(r10 - 56)                                  # 12
  if r1 != 0 goto 18                                       # 13
  r1 = *(u64 *)(r10 - 32)                                  # 14
  call record_drop                                         # 15
  r0 = *(u64 *)(r10 - 88)                                  # 16
  exit                                                     # 17
  call table_lock                                          # 18
  r1 = 14                                                  # 19
  call record_new                                          # 20
  *(u64 *)(r10 - 24) = r0                                  # 21
  r1 = *(u64 *)(r10 - 56)                                  # 22
  r2 = 25                                                  # 23
  call row_get                                             # 24
  *(u64 *)(r10 - 80) = r0                                  # 25
  r1 = *(u64 *)(r10 - 80)                                  # 26
  if r1 == 0 goto 29                                       # 27
  call row_put                                             # 28
  r1 = *(u64 *)(r10 - 24)                                  # 29
  if r1 == 0 goto 32                                       # 30
  call record_drop                                         # 31
  r1 = *(u64 *)(r10 - 56)                                  # 32
  call table_unlock                                        # 33
  r1 = *(u64 *)(r10 - 32)                                  # 34
  call record_drop                                         # 35
  r1 = *(u64 *)(r10 - 56)                                  # 36
  call table_put                                           # 37
  r0 = 0                                                   # 38
  exit                                                     # 39
