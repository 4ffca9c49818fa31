/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tests that stop between instructions. The layer is compiled to assembly, and
 * steps.awk puts a look at steps_left before each instruction: it is counted down, and
 * where it gets to 0 steps_here() is called, with all registers kept. (The trap flag
 * would do the same, but a signal for each instruction takes a thousand times as long
 * as a count.)
 */
#ifndef _HWBP_STEPS_H
#define _HWBP_STEPS_H

/* LONG_MAX: not at all. */
extern long steps_left;

/* The test's. */
void steps_here(void);

#endif
