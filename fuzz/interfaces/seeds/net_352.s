# net tick
# seed 352
fn main(1):
  r2 = &f1                                                 # 0
  r3 = r10                                                 # 1
  call for_each_number                                     # 2
  *(u64 *)(r10 - 80) = r0                                  # 3
  call flows_begin                                         # 4
  *(u64 *)(r10 - 56) = r0                                  # 5
  if r0 == 0 goto 21                                       # 6
  r1 = *(u64 *)(r10 - 56)                                  # 7
  call flows_next                                          # 8
  r1 = *(u64 *)(r10 - 80)                                  # 9
  call table_get                                           # 10
  *(u64 *)(r10 - 88) = r0                                  # 11
  if r0 != 0 goto 17                                       # 12
  r1 = *(u64 *)(r10 - 56)                                  # 13
  call flows_end                                           # 14
  r0 = 9                                                   # 15
  exit                                                     # 16
  r1 = *(u64 *)(r10 - 88)                                  # 17
  call table_put                                           # 18
  r1 = *(u64 *)(r10 - 56)                                  # 19
  call flows_end                                           # 20
  r1 = 19                                                  # 21
  call table_get                                           # 22
  r8 = r0                                                  # 23
  r1 = r8                                                  # 24
  if r1 == 0 goto 27                                       # 25
  call table_put                                           # 26
  r0 = 11                                                  # 27
  exit                                                     # 28
fn f1(2):
  r1 = 15                                                  # 29
  call record_new                                          # 30
  *(u64 *)(r10 - 88) = r0                                  # 31
  if r0 != 0 goto 34                                       # 32
  exit                                                     # 33
  r1 = *(u64 *)(r10 - 88)                                  # 34
  call record_send                                         # 35
  r0 = 1                                                   # 36
  exit                                                     # 37
