/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest: 64-bit mode, identity mapping. It is copied to RAM_CODE.
 * %r12: its block, %rbp: its words.
 */
#include "guest.h"

	.section .rodata
	.globl guest_start, guest_functions, guest_handler, guest_reads, guest_end
	.globl guest_traced, guest_traced_end, guest_ring3, guest_ring3_end
	.globl guest_fault, guest_fault_code, guest_trap

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

	/* RFLAGS as the guest can read them */
	.macro see
	pushfq
	popq	(%r10)
	add	$8, %r10
	.endm

	.macro see_value from
	mov	\from, (%r10)
	add	$8, %r10
	.endm

	.macro set_msr msr, high
	mov	$\msr, %ecx
	mov	$\high, %edx
	wrmsr
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
	test	$DO_TRACE, %r14d
	jz	1f
	call	.Lset_msrs
	test	$DO_NEST, %r14b
	jnz	1f
	call	.Ltrace
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
	test	$DO_TRACE, %r14d
	jz	1f
	call	.Ltrace
1:
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

	/* LSTAR, SYSCALL's mask and STAR, before a hypervisor of the guest's is asked for them */
.Lset_msrs:
	lea	.Lsyscall(%rip), %rax
	set_msr	0xc0000082, 0
	mov	$0x100, %eax
	set_msr	0xc0000084, 0
	xor	%eax, %eax
	set_msr 0xc0000081, (DATA_SELECTOR << 16 | CODE_SELECTOR)
	ret

	/* Each instruction that has to do with TF, and some others */
	.macro all_kinds
	nop
	see
	/* which a hypervisor of the guest's has to be asked for */
	test	$DO_NEST, %r14b
	jnz	1f
	xor	%eax, %eax
	cpuid
	int	$0x40
	xor	%eax, %eax
	cpuid
	pushfq
	popfq
1:
	pushfq
	popfq
	int	$0x40
	int	$0xc0
	int3
	lea	1f(%rip), %r8
	ud2
1:
	lea	1f(%rip), %r8
	xor	%eax, %eax
	mov	(%rax), %al
1:
	lea	1f(%rip), %r8
	mov	$0x1000, %eax
	mov	%eax, %fs
1:
	lea	WORDS_OTHER(%rbp), %rdi
	mov	%rdi, %rsi
	mov	$3, %ecx
	rep movsb
	mov	%ss, %eax
	mov	%eax, %ss
	nop
	mov	%eax, %ss
	pushfq
	pop	%rax
	see_value %rax
	mov	%ss, %eax
	mov	%eax, %ss
	int	$0x40
	mov	%cs, %eax
	lea	1f(%rip), %r8
	mov	%rsp, %rdx
	pushq	$DATA_SELECTOR
	push	%rdx
	pushfq
	push	%rax
	push	%r8
	iretq
1:
	see
	mov	%r15, (%rbp)
	mov	%r15, WORDS_OTHER(%rbp)
	call	guest_functions
	.endm

	/* With and without its own TF */
.Ltrace:
	lea	BLOCK_TRACE(%r12), %r13
	lea	BLOCK_SEEN(%r12), %r10
	xor	%eax, %eax
	mov	%rax, %cr2
	all_kinds
	pushfq
	orl	$0x100, (%rsp)
	popfq
guest_traced:
	all_kinds
	pushfq
	andl	$~0x100, (%rsp)
	popfq
guest_traced_end:
	see
	/* to ring 3, with TF, and back */
	lea	guest_ring3(%rip), %rcx
	mov	$0x102, %r11d
	sysretq
guest_ring3:
	nop
	see
	syscall
guest_ring3_end:
.Lsyscall:
	see_value %rcx
	see_value %r11
	see
	ret

	/* Exceptions: RFLAGS in the handler, and as they were pushed. A fault goes on at %r8. */
guest_fault_code:
	pop	%rax
	see_value %rax
guest_fault:
	mov	%r8, (%rsp)
	mov	%cr2, %rax
	see_value %rax
guest_trap:
	see
	mov	16(%rsp), %rax
	see_value %rax
	iretq

	.balign 1 << FUNCTION_SHIFT, 0xcc
guest_functions:
	.rept 4
	nop
	ret
	.balign 1 << FUNCTION_SHIFT, 0xcc
	.endr

	/* #DB: counts by DR6, clears it, sets RF for what was an instruction's, keeps a step */
guest_handler:
	push	%rax
	mov	%dr6, %rax
	.irp n, 0, 1, 2, 3
	bt	$\n, %eax
	jnc	1f
	incq	BLOCK_HITS + 8 * \n(%r12)
1:
	.endr
	bt	$14, %eax
	jnc	1f
	test	$DO_TRACE, %r14d
	jz	1f
	mov	8(%rsp), %rax
	mov	%rax, (%r13)
	mov	24(%rsp), %rax
	mov	%rax, 8(%r13)
	add	$16, %r13
1:
	mov	%dr6, %rax
	test	$0x400f, %eax
	jnz	1f
	incq	BLOCK_LEAKS(%r12)
1:
	test	$15, %al
	jz	1f
	orl	$0x10000, 24(%rsp)
1:
	mov	$0xffff0ff0, %eax
	mov	%rax, %dr6
	pop	%rax
	iretq
guest_end:

	.section .note.GNU-stack, "", @progbits
