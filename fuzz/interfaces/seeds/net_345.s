# net tick
# seed 345
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
  r0 = 38                                                  # 21
  exit                                                     # 22
fn f1(2):
  r1 = 15                                                  # 23
  call record_new                                          # 24
  *(u64 *)(r10 - 88) = r0                                  # 25
  if r0 != 0 goto 28                                       # 26
  exit                                                     # 27
  r1 = *(u64 *)(r10 - 88)                                  # 28
  call record_send                                         # 29
  r0 = 1                                                   # 30
  exit                                                     # 31
