# raw raw
# seed 14
fn main(1):
  r1 = 13                                                  # 0
  call token_get                                           # 1
  *(u64 *)(r10 - 40) = r0                                  # 2
  r1 = *(u64 *)(r10 - 40)                                  # 3
  if r1 != 0 goto 6                                        # 4
  exit                                                     # 5
  call token_lock                                          # 6
  r1 = *(u64 *)(r10 - 40)                                  # 7
  call token_put                                           # 8
  r1 = 38                                                  # 9
  call token_get                                           # 10
  r8 = r0                                                  # 11
  r1 = globals + 8 ll                                      # 12
  call token_get                                           # 13
  r6 = r0                                                  # 14
  r1 = r6                                                  # 15
  if r1 == 0 goto 19                                       # 16
  call token_put                                           # 17
  r0 = 0                                                   # 18
  r1 = r8                                                  # 19
  if r1 != 0 goto 22                                       # 20
  exit                                                     # 21
  call token_unlock                                        # 22
  r1 = r8                                                  # 23
  call token_put                                           # 24
  r0 = 4                                                   # 25
  exit                                                     # 26
