/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the guest's assembly and the VMM agree on. A guest's RAM has the same
 * physical, virtual and, in the VMM, host address: a breakpoint that is live on
 * the wrong side is hit there.
 */
#ifndef _KVM_GUEST_H
#define _KVM_GUEST_H

#define RAM_BASE	0x80000000	/* of the first VM; a heap may begin anywhere below 1 GB */
#define RAM_STRIDE	0x01000000	/* to the next one */
#define RAM_SIZE	0x00200000

/* Offsets in RAM */
#define RAM_TABLES	0x0000
#define RAM_CODE	0x8000
#define RAM_VCPUS	0x10000
#define VCPU_STRIDE	0x4000		/* its block, its words, its VMCB, its stack */

/* What the guest does in each round, in this order; then it leaves the kernel */
#define DO_SET		1	/* load its debug registers from block.set */
#define DO_READ		2	/* read them to block.read and block.again, DR6 in DO_NEST, too */
#define DO_WRITE	4	/* write the four words */
#define DO_CALL		8	/* call the four functions */
#define DO_EXIT		16	/* an exit that the kernel handles */
#define DO_ASK		32	/* the kernel writes the clock to the first decoy; x86 */

#define DO_NEST		64	/* run a guest of its own, which writes the four words; x86 */
#define DO_PAUSE	128	/* that one leaves KVM_RUN, writes, leaves, and writes again */
#define DO_MASK		512	/* debug exceptions are masked while it writes and calls; arm64 */
#define DO_STEP		1024	/* its handler steps over what hits, and does not skip it; arm64 */
#define DO_TRACE	2048	/* it steps through some of its own, or, on x86, its guest */
#define DO_SHADOW	256	/* read the first decoy where its #DB waits; x86 */

/* struct block */
#define BLOCK_COMMAND	0x00
#define BLOCK_ROUNDS	0x08
#define BLOCK_TOTAL	0x10
#define BLOCK_FAULT	0x18
#define BLOCK_VMX	0x20	/* the area below, or 0: SVM */
#define BLOCK_FIELDS	0x28	/* how many are written */
#define BLOCK_VMX_EXIT	0x30	/* exit reason */
#define BLOCK_VMX_DR7	0x38	/* DR7 that the guest's guest has been left with */
#define BLOCK_HITS	0x40
#define BLOCK_SET	0x80
#define BLOCK_READ	0x140
#define BLOCK_AGAIN	0x200
#define BLOCK_STEPS	0x2c0	/* step exceptions that the guest has had */
#define BLOCK_LEAKS	0x2c8	/* exceptions of steps while it was not stepped; of nothing */
#define BLOCK_BROKEN	0x2d0	/* exclusive stores that have failed each time */

/*
 * x86, DO_TRACE: RIP and RFLAGS of each trap; RFLAGS where the guest reads them, or finds them
 * pushed. %r13 and %r10 are where the next goes.
 */
#define BLOCK_TRACE	0x400
#define BLOCK_SEEN	0xd00
#define SEEN_MAX	88
#define RING3_STACK	0xc00	/* below the other one's top: where an exception in ring 3 pushes */

/* What VMX is given: the VMCS, what VMXON wants, pairs of a field and its value */
#define RAM_VMX		0x5000
#define VMX_ON		0x1000
#define VMX_FIELDS	0x2000

/* Another page later: what VMRUN is given, see nested_x86_64.c */
#define BLOCK_VMCB	0x2000
#define VMCB_RIP	0x578

/* struct words, one page after the block */
#define BLOCK_WORDS	0x1000
#define WORD_SHIFT	6
#define WORDS_DECOY	0x100
#define WORDS_OTHER	0x200

/* The functions that may have a breakpoint are this far apart */
#define FUNCTION_SHIFT	3

/* MSR_KVM_WALL_CLOCK_NEW of asm/kvm_para.h */
#define MSR_WALL_CLOCK	0x4b564d00

/* x86: in the GDT; those of ring 3 follow */
#define CODE_SELECTOR	8
#define DATA_SELECTOR	16

/* Leaves KVM_RUN: a port on x86, an address with nothing there on arm64 */
#define EXIT_PORT	0x10
#define EXIT_ADDRESS	0x40000000

#endif
