# maps event
# Accepted, and must not be: at instruction 6 r1 is either a number above 4 or what session_get() returned. The merge keeps "null or held" for both, and so
# the number is passed to session_put() ("passes for 's' what is no live 'session'").
fn main(2):
  r1 = globals + 16 ll
  r1 = *(u64 *)(r1 + 0)
  if r1 > 4 goto 6
  call session_get
  *(u64 *)(r10 - 24) = r0
  r1 = *(u64 *)(r10 - 24)
  if r1 == 0 goto 8
  call session_put
  r0 = 1
  exit
