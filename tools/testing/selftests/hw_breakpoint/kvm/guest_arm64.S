/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest: EL1, identity mapping. It is copied to RAM_CODE.
 * x19: its block, x20: its words, x21: EXIT_ADDRESS, x22: guest_functions.
 */
#include "guest.h"

	.section .rodata
	.globl guest_start, guest_functions, guest_handler, guest_end

	.macro move_number op, n, array
	\op	dbgwvr\n\()_el1, \array + 8 * \n
	\op	dbgwcr\n\()_el1, \array + 8 * (4 + \n)
	\op	dbgbvr\n\()_el1, \array + 8 * (8 + \n)
	\op	dbgbcr\n\()_el1, \array + 8 * (12 + \n)
	.endm

	.macro move_registers op, array
	.irp i, 0, 1, 2, 3
	move_number \op, \i, \array
	.endr
	\op	mdscr_el1, \array + 8 * 16
	.endm

	.macro load reg, from
	ldr	x0, [x19, #\from]
	msr	\reg, x0
	.endm

	.macro store reg, to
	mrs	x0, \reg
	str	x0, [x19, #\to]
	.endm

	.macro count at, value
	ldr	\value, [x19, #\at]
	add	\value, \value, #1
	str	\value, [x19, #\at]
	.endm

	.balign 0x800
guest_start:
	ldr	x23, [x19, #BLOCK_ROUNDS]
.Lround:
	ldr	x24, [x19, #BLOCK_COMMAND]
	tbz	x24, #0, 1f		/* DO_SET */
	msr	oslar_el1, xzr
	msr	mdscr_el1, xzr
	isb
	move_registers load, BLOCK_SET
	isb
	msr	daifclr, #8
1:
	tbz	x24, #1, 1f		/* DO_READ */
	move_registers store, BLOCK_READ
	move_registers store, BLOCK_AGAIN
1:
	tbz	x24, #9, 1f		/* DO_MASK */
	msr	daifset, #8
1:
	tbz	x24, #2, 1f		/* DO_WRITE */
	.irp n, 0, 1, 2, 3
	str	x23, [x20, #(\n << WORD_SHIFT)]
	str	x23, [x20, #WORDS_OTHER]
	.endr
1:
	tbz	x24, #3, 1f		/* DO_CALL */
	.irp n, 0, 1, 2, 3
	add	x0, x22, #(\n << FUNCTION_SHIFT)
	blr	x0
	.endr
1:
	tbz	x24, #9, 1f		/* DO_MASK */
	msr	daifclr, #8
1:
	tbz	x24, #11, 1f		/* DO_TRACE */
	mrs	x1, mdscr_el1
	orr	x0, x1, #(1 << 13)	/* KDE */
	orr	x0, x0, #1		/* SS */
	msr	mdscr_el1, x0
	isb
	nop
	svc	#0
	str	x23, [x20, #WORDS_OTHER]
	bl	.Ltraced
	msr	mdscr_el1, x1
	isb
1:
	tbz	x24, #4, 1f		/* DO_EXIT */
	mov	w0, #0x80000000		/* SMCCC_VERSION */
	hvc	#0
1:
	ldr	x0, [x19, #BLOCK_TOTAL]
	add	x0, x0, #1
	str	x0, [x19, #BLOCK_TOTAL]
	subs	x23, x23, #1
	b.ne	.Lround
	str	wzr, [x21]
	b	guest_start
.Ltraced:
	mov	x2, #3
2:
	subs	x2, x2, #1
	b.ne	2b
	ret

	.balign 1 << FUNCTION_SHIFT
guest_functions:
	.rept 4
	nop
	ret
	.endr

	/* The vectors. A hit is counted; what hit, word or function, is skipped or stepped over */
	.balign 0x800
guest_handler:
	.rept 4
	mrs	x0, esr_el1
	b	.Lfault
	.balign 0x80
	.endr
	stp	x0, x1, [sp, #-16]!
	stp	x2, x3, [sp, #-16]!
	str	x4, [sp, #-16]!
	mrs	x0, esr_el1
	mrs	x1, elr_el1
	mrs	x2, mdscr_el1
	mrs	x3, spsr_el1
	b	.Lsync
	.balign 0x80
	.rept 11
	mrs	x0, esr_el1
	b	.Lfault
	.balign 0x80
	.endr

.Lsync:
	tbnz	x2, #0, 1f		/* SS */
	tbz	x3, #21, 1f		/* SS */
	count	BLOCK_LEAKS, x3
1:
	lsr	x3, x0, #26
	cmp	x3, #0x31
	b.eq	.Lbreakpoint
	cmp	x3, #0x35
	b.eq	.Lwatchpoint
	cmp	x3, #0x33
	b.eq	.Lstep
	cmp	x3, #0x15
	b.eq	.Lreturn
	b	.Lfault

.Lbreakpoint:
	sub	x0, x1, x22
	lsr	x0, x0, #FUNCTION_SHIFT
	b	.Lhit
.Lwatchpoint:
	mrs	x0, far_el1
	sub	x0, x0, x20
	lsr	x0, x0, #WORD_SHIFT
.Lhit:
	and	x0, x0, #7
	add	x0, x19, x0, lsl #3
	ldr	x3, [x0, #BLOCK_HITS]
	add	x3, x3, #1
	str	x3, [x0, #BLOCK_HITS]
	tbnz	x24, #10, .Lstep_over	/* DO_STEP */
	add	x1, x1, #4
	msr	elr_el1, x1
	b	.Lreturn

	/* As kernels do: without breakpoints, one step */
.Lstep_over:
	bic	x2, x2, #(1 << 15)	/* MDE */
	orr	x2, x2, #1		/* SS */
	msr	mdscr_el1, x2
	b	.Lonce
.Lstep:
	tbz	x24, #10, .Ltrace	/* DO_STEP */
	/* An exclusive load and its store cannot be stepped: the debugger may try, but not KVM. */
	mov	x1, #3
	add	x3, x19, #BLOCK_STEPS
2:
	ldxr	x0, [x3]
	add	x0, x0, #1
	stxr	w4, x0, [x3]
	cbz	w4, 3f
	subs	x1, x1, #1
	b.ne	2b
	count	BLOCK_STEPS, x3
	count	BLOCK_BROKEN, x3
3:
	bic	x2, x2, #1
	orr	x2, x2, #(1 << 15)
	msr	mdscr_el1, x2
	b	.Lreturn
.Ltrace:
	count	BLOCK_STEPS, x3
.Lonce:
	mrs	x3, spsr_el1
	orr	x3, x3, #(1 << 21)	/* SS */
	msr	spsr_el1, x3
.Lreturn:
	ldr	x4, [sp], #16
	ldp	x2, x3, [sp], #16
	ldp	x0, x1, [sp], #16
	eret

	/* never to happen; the VMM sees it */
.Lfault:
	str	x0, [x19, #BLOCK_FAULT]
	str	wzr, [x21]
	b	.Lfault
guest_end:

	.section .note.GNU-stack, "", @progbits
