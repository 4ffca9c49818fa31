// SPDX-License-Identifier: GPL-2.0
/* What steps.awk makes the layer call. */

#include <limits.h>

#include "test.h"
#include "steps.h"

long steps_left = LONG_MAX;

/* All registers are kept but RCX, which the caller has saved. */
__asm__(".text\n"
	".globl steps_entry\n"
	"steps_entry:\n"
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
