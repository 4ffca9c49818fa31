// SPDX-License-Identifier: GPL-2.0
/* What steps.awk makes the layer call. */

#include <limits.h>

#include "test.h"
#include "steps.h"

long steps_left = LONG_MAX;
struct step *step_at;

static bool is_of(const struct step *s, const char *file)
{
	size_t len = strlen(file);

	return !strncmp(s->function, file, len) && s->function[len] == ':';
}

unsigned int steps_show(const char *file)
{
	unsigned int all = 0, run = 0, stopped = 0;
	struct step *s, *first;

	for (s = __start_hwb_steps; s < __stop_hwb_steps;) {
		unsigned int r = 0, n = 0;

		for (first = s; s < __stop_hwb_steps && s->function == first->function; s++) {
			r += !!(s->seen & STEP_RUN);
			n += !!(s->seen & STEP_STOPPED);
		}
		if (!is_of(first, file))
			continue;
		all += s - first;
		run += r;
		stopped += n;
		if (n < s - first)
			printf("# %s: %u of %td places, %u executed\n", first->function, n,
			       s - first, r);
	}
	printf("# %s.c: stopped at %u of %u places, %u executed\n", file, stopped, all, run);
	return run ? stopped * 100 / run : 0;
}

/* All registers are kept but RCX, which the caller has saved and which says where. */
__asm__(".text\n"
	".globl steps_entry\n"
	"steps_entry:\n"
	"	mov %rcx, step_at(%rip)\n"
	"	pushfq; push %rax; push %rdx; push %rsi; push %rdi\n"
	"	push %r8; push %r9; push %r10; push %r11; push %rbp\n"
	"	mov %rsp, %rbp\n"
	"	sub $512, %rsp\n"
	"	and $-64, %rsp\n"
	"	fxsave64 (%rsp)\n"
	"	call steps_here\n"
	"	fxrstor64 (%rsp)\n"
	"	mov %rbp, %rsp\n"
	"	pop %rbp; pop %r11; pop %r10; pop %r9; pop %r8\n"
	"	pop %rdi; pop %rsi; pop %rdx; pop %rax; popfq\n"
	"	ret\n"
);

__asm__(".text\n"
	".globl switch_stack\n"
	"switch_stack:\n"
	"	push %rbp; push %rbx; push %r12; push %r13; push %r14; push %r15\n"
	"	mov %rsp, (%rdi)\n"
	"	mov %rsi, %rsp\n"
	"	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbx; pop %rbp\n"
	"	ret\n"
);

/* As if it had called switch_stack(), and @fn were what that returns to. */
void *new_stack(char *stack, void (*fn)(void))
{
	void **sp = (void **)(stack + STACK_SIZE - 64);

	*--sp = NULL;
	*--sp = fn;
	return sp - 6;
}
