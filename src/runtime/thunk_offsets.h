/* SPDX-License-Identifier: Apache-2.0
 * What thunks.S knows of Level and Site; thread_slot.hpp and site.hpp assert each number. Included by assembly: numbers only. */
#define TENON_LEVEL_WORD 0
#define TENON_LEVEL_GENERATION 8
#define TENON_LEVEL_CANCEL 16
#define TENON_LEVEL_ENTRY_SP 24
#define TENON_LEVEL_PENDING 32
#define TENON_LEVEL_ENDING 36
#define TENON_LEVEL_SITE 40
#define TENON_LEVEL_INVOCATION 48

#define TENON_SITE_TARGET 0

#define TENON_STATE_IDLE 0
#define TENON_STATE_EXTENSION 1
#define TENON_STATE_HOST 2
#define TENON_STATE_RELEASING 3
#define TENON_STATE_INTERRUPTIBLE 4

#define TENON_ENDING_IN_CALL 1
#define TENON_ENDING_STACK 2
#define TENON_ENDING_MISALIGNED 3
#define TENON_ENDING_BAD_CALL 4
#define TENON_ENDING_FAULT 5
#define TENON_ENDING_SIGNAL 6
