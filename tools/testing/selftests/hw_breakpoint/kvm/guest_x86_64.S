/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest: 64-bit mode, identity mapping. It is copied to RAM_CODE.
 * %r12: its block, %rbp: its words.
 */
#include "guest.h"

	.section .rodata
	.globl guest_start, guest_functions, guest_handler, guest_reads, guest_end

	.macro read_registers to
	.irp n, 0, 1, 2, 3, 6, 7
	mov	%dr\n, %rax
	mov	%rax, \to + 8 * \n(%r12)
	.endr
	.endm

	/* an emulator may forget a hit unless another word of the page is written */
	.macro write_words
	.irp n, 0, 1, 2, 3
	mov	%r15, (\n << WORD_SHIFT)(%rbp)
	mov	%r15, WORDS_OTHER(%rbp)
	.endr
	.endm

	.macro write_field field, from
	mov	$\field, %eax
	vmwrite	\from, %rax
	.endm

	.macro read_field field, to
	mov	$\field, %eax
	vmread	%rax, \to(%r12)
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
guest_reads:
	read_registers BLOCK_READ
	read_registers BLOCK_AGAIN
1:
	test	$DO_WRITE, %r14b
	jz	1f
	write_words
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
	test	$DO_SHADOW, %r14d
	jz	1f
	/* once without: an exit in its middle, for the GDT, would be one with a hit */
	mov	WORDS_DECOY(%rbp), %ss
	/* owned from here on, if not before; the second DR7 enables nothing */
	mov	BLOCK_SET(%r12), %rax
	mov	%rax, %dr0
	mov	BLOCK_SET + 8 * 7(%r12), %rax
	mov	%rax, %dr7
	mov	$0x400, %eax
	mov	WORDS_DECOY(%rbp), %ss
	mov	%rax, %dr7
1:
	test	$DO_NEST, %r14b
	jz	1f
	mov	BLOCK_VMX(%r12), %rdi
	test	%rdi, %rdi
	jnz	.Lvmx
	lea	.Lnested(%rip), %rcx
	lea	BLOCK_VMCB(%r12), %rax
	mov	%rcx, VMCB_RIP(%rax)
	clgi
	vmrun
	stgi
1:
.Lnested_done:
	incq	BLOCK_TOTAL(%r12)
	dec	%r15
	jnz	.Lround
	out	%al, $EXIT_PORT
	jmp	guest_start

	/* A guest of its own by VMX; VMXON does nothing but the first time */
.Lvmx:
	lea	VMX_ON(%rdi), %rax
	push	%rax
	vmxon	(%rsp)
	mov	%rdi, (%rsp)
	vmclear	(%rsp)
	vmptrld	(%rsp)
	pop	%rax
	lea	VMX_FIELDS(%rdi), %rsi
	mov	BLOCK_FIELDS(%r12), %rcx
2:
	mov	(%rsi), %rax
	vmwrite	8(%rsi), %rax
	jbe	.Lvmx_failed
	add	$16, %rsi
	dec	%rcx
	jnz	2b
	lea	.Lnested(%rip), %rcx
	write_field 0x681e, %rcx
	lea	.Lvmx_left(%rip), %rcx
	write_field 0x6c16, %rcx
	write_field 0x6c14, %rsp
	vmlaunch
.Lvmx_failed:
	movq	$1, BLOCK_FAULT(%r12)
	read_field 0x4400, BLOCK_VMX_EXIT
	jmp	.Lnested_done
.Lvmx_left:
	read_field 0x4402, BLOCK_VMX_EXIT
	read_field 0x681a, BLOCK_VMX_DR7
	jmp	.Lnested_done

	/* The guest's guest */
.Lnested:
	test	$DO_READ, %r14b
	jz	1f
	mov	%dr6, %rax
	mov	%rax, BLOCK_AGAIN + 8 * 6(%r12)
1:
	test	$DO_PAUSE, %r14b
	jz	1f
	out	%al, $EXIT_PORT
	write_words
	out	%al, $EXIT_PORT
1:
	write_words
	cmpq	$0, BLOCK_VMX(%r12)
	jne	1f
	vmmcall
1:
	vmcall

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
