# effects work
# seed 206
fn main(1):
  call job_new                                             # 0
  *(u64 *)(r10 - 40) = r0                                  # 1
  if r0 != 0 goto 4                                        # 2
  exit                                                     # 3
  r1 = 29                                                  # 4
  call queue_get                                           # 5
  *(u64 *)(r10 - 88) = r0                                  # 6
  r1 = *(u64 *)(r10 - 88)                                  # 7
  if r1 != 0 goto 13                                       # 8
  r1 = *(u64 *)(r10 - 40)                                  # 9
  call job_free                                            # 10
  r0 = 0                                                   # 11
  exit                                                     # 12
  call queue_ref                                           # 13
  *(u64 *)(r10 - 56) = r0                                  # 14
  r1 = *(u64 *)(r10 - 56)                                  # 15
  call lock_outer                                          # 16
  r1 = *(u64 *)(r10 - 56)                                  # 17
  call head                                                # 18
  *(u64 *)(r10 - 96) = r0                                  # 19
  r1 = *(u64 *)(r10 - 96)                                  # 20
  if r1 != 0 goto 32                                       # 21
  r1 = *(u64 *)(r10 - 56)                                  # 22
  call unlock_outer                                        # 23
  r1 = *(u64 *)(r10 - 56)                                  # 24
  call queue_put                                           # 25
  r1 = *(u64 *)(r10 - 88)                                  # 26
  call queue_put                                           # 27
  r1 = *(u64 *)(r10 - 40)                                  # 28
  call job_free                                            # 29
  r0 = 1                                                   # 30
  exit                                                     # 31
  r1 = *(u64 *)(r10 - 56)                                  # 32
  call unlock_outer                                        # 33
  r1 = &f1                                                 # 34
  call each_block                                          # 35
  r1 = *(u64 *)(r10 - 56)                                  # 36
  call queue_put                                           # 37
  r1 = *(u64 *)(r10 - 88)                                  # 38
  call queue_put                                           # 39
  r1 = *(u64 *)(r10 - 40)                                  # 40
  call job_free                                            # 41
  r0 = 3                                                   # 42
  exit                                                     # 43
fn f1(2):
  call scan_begin                                          # 44
  call scan_end                                            # 45
  call job_new                                             # 46
  *(u64 *)(r10 - 40) = r0                                  # 47
  if r0 != 0 goto 50                                       # 48
  exit                                                     # 49
  r1 = *(u64 *)(r10 - 40)                                  # 50
  call job_free                                            # 51
  r0 = 0                                                   # 52
  exit                                                     # 53
fn f2(2):
  exit                                                     # 54
fn f3(2):
  exit                                                     # 55
