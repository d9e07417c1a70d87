# two objects held at once, one across a branch, one spilled
r6 = r1
r1 = 1
call 1
if r0 == 0 goto none
r7 = r0
r1 = 2
call 1
if r0 == 0 goto one
*(u64 *)(r10 - 8) = r0
r1 = r7
call 3
r8 = r0
r1 = *(u64 *)(r10 - 8)
call 2
one:
r1 = r7
call 2
none:
r0 = 0
exit
