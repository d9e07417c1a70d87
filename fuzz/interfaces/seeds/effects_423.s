# effects work
# seed 423
fn main(1):
  call queue_get                                           # 0
  r9 = r0                                                  # 1
  r1 = r9                                                  # 2
  if r1 != 0 goto 5                                        # 3
  exit                                                     # 4
  call queue_ref                                           # 5
  *(u64 *)(r10 - 96) = r0                                  # 6
  r1 = *(u64 *)(r10 - 96)                                  # 7
  call lock_outer                                          # 8
  r1 = 32                                                  # 9
  call queue_get                                           # 10
  *(u64 *)(r10 - 64) = r0                                  # 11
  r1 = *(u64 *)(r10 - 64)                                  # 12
  if r1 != 0 goto 22                                       # 13
  r1 = *(u64 *)(r10 - 96)                                  # 14
  call unlock_outer                                        # 15
  r1 = *(u64 *)(r10 - 96)                                  # 16
  call queue_put                                           # 17
  r1 = r9                                                  # 18
  call queue_put                                           # 19
  r0 = 1                                                   # 20
  exit                                                     # 21
  r2 = &f1                                                 # 22
  r3 = r10                                                 # 23
  call each_entry                                          # 24
  r1 = *(u64 *)(r10 - 96)                                  # 25
  call unlock_outer                                        # 26
  call job_new                                             # 27
  *(u64 *)(r10 - 72) = r0                                  # 28
  if r0 != 0 goto 38                                       # 29
  r1 = *(u64 *)(r10 - 64)                                  # 30
  call queue_put                                           # 31
  r1 = *(u64 *)(r10 - 96)                                  # 32
  call queue_put                                           # 33
  r1 = r9                                                  # 34
  call queue_put                                           # 35
  r0 = -1                                                  # 36
  exit                                                     # 37
  r1 = &f2                                                 # 38
  call each_block                                          # 39
  r1 = *(u64 *)(r10 - 72)                                  # 40
  call job_free                                            # 41
  r1 = *(u64 *)(r10 - 64)                                  # 42
  call queue_put                                           # 43
  r1 = *(u64 *)(r10 - 96)                                  # 44
  call queue_put                                           # 45
  r1 = r9                                                  # 46
  call queue_put                                           # 47
  r0 = 0                                                   # 48
  exit                                                     # 49
fn f1(3):
  call job_new                                             # 50
  *(u64 *)(r10 - 40) = r0                                  # 51
  if r0 != 0 goto 54                                       # 52
  exit                                                     # 53
  r1 = *(u64 *)(r10 - 40)                                  # 54
  call job_free                                            # 55
  r0 = 0                                                   # 56
  exit                                                     # 57
fn f2(2):
  call quiet_begin                                         # 58
  call quiet_end                                           # 59
  r0 = 0                                                   # 60
  exit                                                     # 61
