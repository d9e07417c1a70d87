# context memory behind a bounds check, with a variable index
r6 = r1
r1 = *(u64 *)(r6 + 0)
r2 = *(u64 *)(r6 + 8)
r3 = r1
r3 += 16
if r3 > r2 goto out
r4 = *(u8 *)(r1 + 0)
r4 &= 7
r1 += r4
r5 = *(u64 *)(r1 + 1)
*(u32 *)(r6 + 24) = w5
*(u8 *)(r1 + 8) = w4
out:
r0 = 0
exit
