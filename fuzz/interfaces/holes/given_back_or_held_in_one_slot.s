# net rx
# Accepted, and must not be: when flows_begin() gives null, 17 leads back to 11 after pkt_free() at 15, and the loop's head keeps "null or held" for the
# slot r10-32, though it holds a pointer to what was given back; 15 gives it back again.
fn main(1):
  r6 = r1
  call flows_begin
  r9 = r0
  r1 = r6
  call pkt_clone
  *(u64 *)(r10 - 32) = r0
  r0 = 0
  *(u64 *)(r10 - 64) = r0
  r1 = *(u64 *)(r10 - 64)
  if r1 == 1 goto 13
  r1 += 1
  *(u64 *)(r10 - 64) = r1
  goto 8
  r1 = *(u64 *)(r10 - 32)
  if r1 == 0 goto 16
  call pkt_free
  r1 = r9
  if r1 == 0 goto 11
  call flows_end
  r1 = r6
  call pkt_free
  r0 = 4
  exit
