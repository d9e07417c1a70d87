# effects work
# Accepted, and must not be: on the path 0 -> 5 the slot r10-48 was never written; the merge at 5 keeps "null or held" of the other path for both
# ("a stack slot is read that was never written").
fn main(1):
  if r1 == 0 goto 4
  call job_new
  *(u64 *)(r10 - 48) = r0
  r1 = 10
  r0 = 0
  r1 = *(u64 *)(r10 - 48)
  if r1 == 0 goto 8
  call job_free
  r0 = 2
  exit
