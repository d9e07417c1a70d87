# raw raw
# host seed 13324057210060: one of the interpreter's own checks fails
fn main(1):
  r0 = 0                                                   # 0
  *(u64 *)(r10 - 96) = r0                                  # 1
  r1 = *(u64 *)(r10 - 96)                                  # 2
  call token_get                                           # 3
  r6 = r0                                                  # 4
  r1 = r6                                                  # 5
  if r1 == 0 goto 11                                       # 6
  call token_put                                           # 7
  r1 = globals + 0 ll                                      # 8
  call token_get                                           # 9
  *(u64 *)(r10 - 80) = r0                                  # 10
  r1 = *(u64 *)(r10 - 80)                                  # 11
  *(u64 *)(r10 - 16) = r0                                  # 12
  r1 = *(u64 *)(r10 - 16)                                  # 13
  if r1 != 0 goto 16                                       # 14
  exit                                                     # 15
  call token_put                                           # 16
  r0 = 27                                                  # 17
  exit                                                     # 18
