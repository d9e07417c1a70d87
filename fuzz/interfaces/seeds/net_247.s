# net tick
# seed 247
fn main(1):
  *(u64 *)(r10 - 48) = r1                                  # 0
  r2 = &f1                                                 # 1
  r3 = r10                                                 # 2
  call for_each_number                                     # 3
  *(u64 *)(r10 - 80) = r0                                  # 4
  call read_begin                                          # 5
  call flows_begin                                         # 6
  *(u64 *)(r10 - 96) = r0                                  # 7
  if r0 != 0 goto 12                                       # 8
  call read_end                                            # 9
  r0 = 37                                                  # 10
  exit                                                     # 11
  r1 = *(u64 *)(r10 - 80)                                  # 12
  call table_get                                           # 13
  *(u64 *)(r10 - 56) = r0                                  # 14
  if r0 != 0 goto 21                                       # 15
  call read_end                                            # 16
  r1 = *(u64 *)(r10 - 96)                                  # 17
  call flows_end                                           # 18
  r0 = *(u64 *)(r10 - 48)                                  # 19
  exit                                                     # 20
  call read_end                                            # 21
  r1 = *(u64 *)(r10 - 56)                                  # 22
  call table_put                                           # 23
  r1 = *(u64 *)(r10 - 96)                                  # 24
  call flows_end                                           # 25
  call flows_begin                                         # 26
  *(u64 *)(r10 - 64) = r0                                  # 27
  if r0 == 0 goto 33                                       # 28
  r1 = *(u64 *)(r10 - 64)                                  # 29
  call flows_next                                          # 30
  r1 = *(u64 *)(r10 - 64)                                  # 31
  call flows_end                                           # 32
  r0 = 14                                                  # 33
  exit                                                     # 34
fn f1(2):
  r1 = 40                                                  # 35
  call record_new                                          # 36
  *(u64 *)(r10 - 16) = r0                                  # 37
  if r0 != 0 goto 40                                       # 38
  exit                                                     # 39
  r1 = *(u64 *)(r10 - 16)                                  # 40
  call record_drop                                         # 41
  r0 = 0                                                   # 42
  exit                                                     # 43
