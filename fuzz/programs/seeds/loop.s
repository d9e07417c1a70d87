# a loop over context memory with a counter apart from the pointer
r2 = *(u64 *)(r1 + 8)
r1 = *(u64 *)(r1 + 0)
r0 = 0
r5 = 0
again:
if r5 > 60 goto out
r3 = r1
r3 += r5
r3 += 1
if r3 > r2 goto out
r4 = *(u8 *)(r3 - 1)
r0 += r4
r5 += 1
goto again
out:
exit
