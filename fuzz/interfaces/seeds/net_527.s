# net tick
# seed 527
fn main(1):
  r1 = 46                                                  # 0
  call record_new                                          # 1
  *(u64 *)(r10 - 40) = r0                                  # 2
  if r0 != 0 goto 5                                        # 3
  exit                                                     # 4
  call flows_begin                                         # 5
  *(u64 *)(r10 - 56) = r0                                  # 6
  call flows_begin                                         # 7
  *(u64 *)(r10 - 48) = r0                                  # 8
  if r0 != 0 goto 17                                       # 9
  r1 = *(u64 *)(r10 - 56)                                  # 10
  if r1 == 0 goto 13                                       # 11
  call flows_end                                           # 12
  r1 = *(u64 *)(r10 - 40)                                  # 13
  call record_drop                                         # 14
  r0 = 11                                                  # 15
  exit                                                     # 16
  r1 = 9                                                   # 17
  call table_get                                           # 18
  *(u64 *)(r10 - 16) = r0                                  # 19
  r1 = *(u64 *)(r10 - 16)                                  # 20
  if r1 == 0 goto 23                                       # 21
  call table_put                                           # 22
  call read_begin                                          # 23
  call flows_begin                                         # 24
  *(u64 *)(r10 - 32) = r0                                  # 25
  call task_current                                        # 26
  *(u64 *)(r10 - 88) = r0                                  # 27
  r1 = *(u64 *)(r10 - 88)                                  # 28
  call task_parent                                         # 29
  call read_end                                            # 30
  r1 = *(u64 *)(r10 - 32)                                  # 31
  if r1 == 0 goto 34                                       # 32
  call flows_end                                           # 33
  call read_begin                                          # 34
  call read_end                                            # 35
  r1 = *(u64 *)(r10 - 48)                                  # 36
  call flows_end                                           # 37
  r1 = *(u64 *)(r10 - 56)                                  # 38
  if r1 == 0 goto 41                                       # 39
  call flows_end                                           # 40
  r1 = *(u64 *)(r10 - 40)                                  # 41
  call record_drop                                         # 42
  r0 = 30                                                  # 43
  exit                                                     # 44
