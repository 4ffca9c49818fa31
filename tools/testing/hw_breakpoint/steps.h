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

/**
 * struct step - a place where steps_here() may be called
 * @function: "FILE:FUNCTION" that it is in, the file without its .c
 * @seen: STEP_RUN and STEP_STOPPED, as the test marks it
 */
struct step {
	const char	*function;
	unsigned long	seen;
};

#define STEP_RUN	BIT(0)	/* the test has executed it */
#define STEP_STOPPED	BIT(1)	/* and has done there what it does in the middle */

/* All of them, each function's in a row */
extern struct step __start_hwb_steps[], __stop_hwb_steps[];
/* Where steps_here() has been called last. */
extern struct step *step_at;
/* Prints at how many places of @file.c that was. Return: per cent of those executed. */
unsigned int steps_show(const char *file);

/* ---- stacks: whoever is stopped between two instructions may go on later ---- */

#define STACK_SIZE	0x10000

/* Goes on at @to, and is gone on with at *@save. */
void switch_stack(void **save, void *to);
/* Where to go on for @fn to begin on the stack, of STACK_SIZE bytes. It never returns. */
void *new_stack(char *stack, void (*fn)(void));

#endif
