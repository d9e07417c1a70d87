# effects handed
# seed 3
fn main(3):
  *(u64 *)(r10 - 32) = r1                                  # 0
  *(u64 *)(r10 - 96) = r2                                  # 1
  call scan_begin                                          # 2
  call scan_end                                            # 3
  r1 = *(u64 *)(r10 - 32)                                  # 4
  call try_outer                                           # 5
  if w0 == 1 goto 8                                        # 6
  goto 10                                                  # 7
  r1 = *(u64 *)(r10 - 32)                                  # 8
  call unlock_outer                                        # 9
  r1 = *(u64 *)(r10 - 32)                                  # 10
  call lock_outer                                          # 11
  r1 = *(u64 *)(r10 - 32)                                  # 12
  call head                                                # 13
  r1 = *(u64 *)(r10 - 32)                                  # 14
  call unlock_outer                                        # 15
  call job_new                                             # 16
  r7 = r0                                                  # 17
  if r0 != 0 goto 23                                       # 18
  r1 = *(u64 *)(r10 - 96)                                  # 19
  call job_free                                            # 20
  r0 = 0                                                   # 21
  exit                                                     # 22
  r1 = *(u64 *)(r10 - 32)                                  # 23
  call lock_outer                                          # 24
  call quiet_begin                                         # 25
  r1 = globals + 0 ll                                      # 26
  if r1 > 5 goto 37                                        # 27
  call quiet_end                                           # 28
  r1 = *(u64 *)(r10 - 32)                                  # 29
  call unlock_outer                                        # 30
  r1 = r7                                                  # 31
  call job_free                                            # 32
  r1 = *(u64 *)(r10 - 96)                                  # 33
  call job_free                                            # 34
  r0 = 23                                                  # 35
  exit                                                     # 36
  r1 = *(u64 *)(r10 - 32)                                  # 37
  call queue_ref                                           # 38
  *(u64 *)(r10 - 16) = r0                                  # 39
  r1 = *(u64 *)(r10 - 16)                                  # 40
  call queue_put                                           # 41
  call quiet_end                                           # 42
  r1 = *(u64 *)(r10 - 32)                                  # 43
  call unlock_outer                                        # 44
  r1 = r7                                                  # 45
  call job_free                                            # 46
  r1 = *(u64 *)(r10 - 96)                                  # 47
  call job_free                                            # 48
  r0 = 66                                                  # 49
  exit                                                     # 50
