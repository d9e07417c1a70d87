# stack and heap memory for host functions, an escaping stack address, atomics
r6 = r1
r1 = r10
r1 += -32
r2 = 32
call 4
r1 = r10
r1 += -32
r2 = 16
call 5
r7 = *(u64 *)(r6 + 16)
*(u64 *)(r7 + 8) = r0
r3 = r10
r3 += -48
*(u64 *)(r10 - 48) = 5
*(u64 *)(r7 + 0) = r3
r4 = *(u64 *)(r7 + 0)
*(u64 *)(r4 + 0) = 9
r5 = 1
r5 = atomic_fetch_add((u64 *)(r7 + 8), r5)
r0 = cmpxchg_64(r7 + 16, r0, r5)
r1 = *(u64 *)(r10 - 48)
r0 += r1
exit
