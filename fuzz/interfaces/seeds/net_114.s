# net tick
# seed 114
fn main(1):
  r1 = 35                                                  # 0
  call record_new                                          # 1
  r9 = r0                                                  # 2
  if r0 != 0 goto 5                                        # 3
  exit                                                     # 4
  r1 = 4                                                   # 5
  call table_get                                           # 6
  *(u64 *)(r10 - 72) = r0                                  # 7
  if r0 != 0 goto 13                                       # 8
  r1 = r9                                                  # 9
  call record_drop                                         # 10
  r0 = 6                                                   # 11
  exit                                                     # 12
  r0 = 0                                                   # 13
  r6 = r0                                                  # 14
  r1 = r6                                                  # 15
  r2 = &f1                                                 # 16
  r3 = r10                                                 # 17
  call for_each_number                                     # 18
  r1 = *(u64 *)(r10 - 72)                                  # 19
  call table_put                                           # 20
  r1 = r9                                                  # 21
  call record_drop                                         # 22
  r0 = 27                                                  # 23
  exit                                                     # 24
fn f1(2):
  r1 = 12                                                  # 25
  call record_new                                          # 26
  *(u64 *)(r10 - 64) = r0                                  # 27
  if r0 != 0 goto 30                                       # 28
  exit                                                     # 29
  r1 = *(u64 *)(r10 - 64)                                  # 30
  call record_drop                                         # 31
  r0 = 0                                                   # 32
  exit                                                     # 33
fn f2(2):
  exit                                                     # 34
