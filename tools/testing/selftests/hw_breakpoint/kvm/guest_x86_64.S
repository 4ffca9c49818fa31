/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest: 64-bit mode, identity mapping. It is copied to RAM_CODE.
 * %r12: its block, %rbp: its words.
 */
#include "guest.h"

	.section .rodata
	.globl guest_start, guest_functions, guest_handler, guest_end

	.macro read_registers to
	.irp n, 0, 1, 2, 3, 6, 7
	mov	%dr\n, %rax
	mov	%rax, \to + 8 * \n(%r12)
	.endr
	.endm

guest_start:
	mov	BLOCK_ROUNDS(%r12), %r15
.Lround:
	mov	BLOCK_COMMAND(%r12), %r14
	test	$DO_SET, %r14b
	jz	1f
	mov	$0x400, %eax
	mov	%rax, %dr7
	.irp n, 0, 1, 2, 3, 6, 7
	mov	BLOCK_SET + 8 * \n(%r12), %rax
	mov	%rax, %dr\n
	.endr
1:
	test	$DO_READ, %r14b
	jz	1f
	/* the first may be intercepted; the guest owns them from then on */
	read_registers BLOCK_READ
	read_registers BLOCK_AGAIN
1:
	test	$DO_WRITE, %r14b
	jz	1f
	/* an emulator may forget a hit unless another word of the page is written */
	.irp n, 0, 1, 2, 3
	mov	%r15, (\n << WORD_SHIFT)(%rbp)
	mov	%r15, WORDS_OTHER(%rbp)
	.endr
1:
	test	$DO_CALL, %r14b
	jz	1f
	.irp n, 0, 1, 2, 3
	call	guest_functions + (\n << FUNCTION_SHIFT)
	.endr
1:
	test	$DO_EXIT, %r14b
	jz	1f
	xor	%eax, %eax
	cpuid
1:
	test	$DO_ASK, %r14b
	jz	1f
	mov	$MSR_WALL_CLOCK, %ecx
	lea	WORDS_DECOY(%rbp), %rax
	xor	%edx, %edx
	wrmsr
1:
	test	$DO_NEST, %r14b
	jz	1f
	lea	.Lnested(%rip), %rcx
	lea	BLOCK_VMCB(%r12), %rax
	mov	%rcx, VMCB_RIP(%rax)
	clgi
	vmrun
	stgi
1:
	incq	BLOCK_TOTAL(%r12)
	dec	%r15
	jnz	.Lround
	out	%al, $EXIT_PORT
	jmp	guest_start

	/* The guest's guest */
.Lnested:
	.irp n, 0, 1
	mov	%r15, (\n << WORD_SHIFT)(%rbp)
	mov	%r15, WORDS_OTHER(%rbp)
	.endr
	vmmcall

	.balign 1 << FUNCTION_SHIFT, 0xcc
guest_functions:
	.rept 4
	nop
	ret
	.balign 1 << FUNCTION_SHIFT, 0xcc
	.endr

	/* #DB: counts by DR6, clears it, and sets RF for what was an instruction's */
guest_handler:
	push	%rax
	mov	%dr6, %rax
	.irp n, 0, 1, 2, 3
	bt	$\n, %eax
	jnc	1f
	incq	BLOCK_HITS + 8 * \n(%r12)
1:
	.endr
	mov	$0xffff0ff0, %eax
	mov	%rax, %dr6
	orl	$0x10000, 24(%rsp)
	pop	%rax
	iretq
guest_end:

	.section .note.GNU-stack, "", @progbits
