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

	.balign 1 << FUNCTION_SHIFT
guest_functions:
	.rept 4
	nop
	ret
	.endr

	/* The vectors. A hit is counted, and what hit is skipped: word or function */
	.balign 0x800
guest_handler:
	.rept 4
	mrs	x0, esr_el1
	b	.Lfault
	.balign 0x80
	.endr
	stp	x0, x1, [sp, #-16]!
	mrs	x0, esr_el1
	lsr	x0, x0, #26
	mrs	x1, elr_el1
	cmp	x0, #0x31
	b.eq	.Lbreakpoint
	cmp	x0, #0x35
	b.eq	.Lwatchpoint
	mrs	x0, esr_el1
	b	.Lfault
	.balign 0x80
	.rept 11
	mrs	x0, esr_el1
	b	.Lfault
	.balign 0x80
	.endr

.Lbreakpoint:
	sub	x0, x1, x22
	lsr	x0, x0, #FUNCTION_SHIFT
	b	.Lhit
.Lwatchpoint:
	mrs	x0, far_el1
	sub	x0, x0, x20
	lsr	x0, x0, #WORD_SHIFT
.Lhit:
	add	x1, x1, #4
	msr	elr_el1, x1
	and	x0, x0, #7
	add	x0, x19, x0, lsl #3
	ldr	x1, [x0, #BLOCK_HITS]
	add	x1, x1, #1
	str	x1, [x0, #BLOCK_HITS]
	ldp	x0, x1, [sp], #16
	eret

	/* never to happen; the VMM sees it */
.Lfault:
	str	x0, [x19, #BLOCK_FAULT]
	str	wzr, [x21]
	b	.Lfault
guest_end:

	.section .note.GNU-stack, "", @progbits
