# local calls, recursion, numbers in a range
r1 = 9
call down
r1 = r0
r1 &= 15
r1 += -8
call 6
r0 += 1
exit
fn down(1):
r1 &= 15
r6 = r1
if r1 == 0 goto base
r1 += -1
*(u64 *)(r10 - 8) = r6
call down
r1 = *(u64 *)(r10 - 8)
r0 += r1
exit
base:
r0 = 0
exit
