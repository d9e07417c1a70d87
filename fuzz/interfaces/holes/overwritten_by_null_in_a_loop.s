# memory frame_in
# Accepted, and must not be: 9 overwrites the only pointer to the buffer with 0 (r0, not the buffer), and after the loop 14 gives back null, which is not
# tested either; the buffer leaks. The last round of the loop is what matters: r6 is 3 there.
fn main(1):
  r1 = 33
  call take
  r7 = r0
  if r0 != 0 goto 5
  exit
  r0 = 0
  r6 = r0
  r1 = r6
  if r1 >= 3 goto 13
  r7 = r0
  r1 += 1
  r6 = r1
  goto 7
  r1 = r7
  call buffer_drop
  r0 = 4
  exit
