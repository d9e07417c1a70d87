# effects work
# Accepted, and must not be: job_offer() at 10 may have consumed the job, nobody tests its result, and at 13 the join with the path on which the job is null
# forgets that: 15 gives the job back (again).
fn main(1):
  call job_new
  *(u64 *)(r10 - 40) = r0
  r1 = *(u64 *)(r10 - 40)
  if r1 == 0 goto 8
  call job_offer
  if w0 == 1 goto 7
  goto 8
  exit
  r1 = *(u64 *)(r10 - 40)
  if r1 == 0 goto 13
  call job_offer
  goto 12
  *(u64 *)(r10 - 72) = r0
  r1 = *(u64 *)(r10 - 40)
  if r1 == 0 goto 13
  call job_free
  r0 = 2
  exit
