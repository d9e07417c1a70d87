// SPDX-License-Identifier: Apache-2.0
// An interpreter for a small register machine, dispatching with a switch; it runs a loop of `size` rounds over a table in memory.
#include "kernel.h"

#define REGISTERS 8
#define MEMORY_WORDS 64
#define MAX_CODE 32

enum opcode { kConstant, kMove, kAdd, kSubtract, kMultiply, kXor, kAnd, kShiftRight, kLoad, kStore, kJumpIfNotZero, kJumpIfLess, kHalt };

struct instruction {
  u8 opcode, to, from, unused;
  u32 constant;
};

static struct instruction code[MAX_CODE];
static u64 registers[REGISTERS];
static u64 memory[MEMORY_WORDS];

static u64 interpret(void) {
  u64 steps = 0, at = 0;
  for (;;) {
    const struct instruction *instruction = &code[at++ % MAX_CODE];
    u64 *to = &registers[instruction->to % REGISTERS];
    u64 from = registers[instruction->from % REGISTERS];
    steps++;
    switch (instruction->opcode) {
      case kConstant: *to = instruction->constant; break;
      case kMove: *to = from; break;
      case kAdd: *to += from; break;
      case kSubtract: *to -= from; break;
      case kMultiply: *to *= from; break;
      case kXor: *to ^= from; break;
      case kAnd: *to &= from; break;
      case kShiftRight: *to >>= instruction->constant & 63; break;
      case kLoad: *to = memory[from % MEMORY_WORDS]; break;
      case kStore: memory[from % MEMORY_WORDS] = *to; break;
      case kJumpIfNotZero: if (from) at = instruction->constant; break;
      case kJumpIfLess: if (*to < from) at = instruction->constant; break;
      case kHalt: return steps;
    }
  }
}

static void emit(u64 at, u8 opcode, u8 to, u8 from, u32 constant) {
  code[at].opcode = opcode;
  code[at].to = to;
  code[at].from = from;
  code[at].constant = constant;
}

/// r0 counts down from `rounds`; r1 is a random state that picks the word of memory to change in each round.
static u64 assemble(u32 rounds, u64 seed) {
  emit(0, kConstant, 0, 0, rounds);
  emit(1, kConstant, 2, 0, 1);
  emit(2, kConstant, 3, 0, 0x5bd1e995);
  emit(3, kMultiply, 1, 3, 0);
  emit(4, kAdd, 1, 2, 0);
  emit(5, kMove, 4, 1, 0);
  emit(6, kShiftRight, 4, 0, 20);
  emit(7, kLoad, 5, 4, 0);
  emit(8, kXor, 5, 1, 0);
  emit(9, kJumpIfLess, 5, 6, 11);
  emit(10, kAdd, 6, 5, 0);
  emit(11, kStore, 5, 4, 0);
  emit(12, kAnd, 6, 1, 0);
  emit(13, kSubtract, 0, 2, 0);
  emit(14, kJumpIfNotZero, 0, 0, 3);
  emit(15, kHalt, 0, 0, 0);
  for (u64 i = 0; i < REGISTERS; i++) registers[i] = seed;
  for (u64 i = 0; i < MEMORY_WORDS; i++) memory[i] = seed = next_random(seed);
  return seed;
}

KERNEL(vm) {
  u64 rounds = ctx->size;
  u32 repeat = ctx->repeat;
  u64 sum = ctx->seed;
  if (rounds == 0) return 0;
  if (ctx->op == kSetUp) return assemble((u32)rounds, sum);
  for (u32 r = 0; r < repeat; r++) sum = sum * 3 + interpret() + registers[6];
  return sum;
}
