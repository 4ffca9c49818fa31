/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instructions that a step by RFLAGS.TF has to know. Nothing here knows of KVM or of a CPU: it is
 * reading of bytes.
 */
#ifndef _ARCH_X86_KVM_SVM_HW_BREAKPOINT_INSN_H
#define _ARCH_X86_KVM_SVM_HW_BREAKPOINT_INSN_H

#include <linux/types.h>

#define KVM_INSN_MAX	15

/**
 * enum kvm_insn - what an instruction does with RFLAGS.TF
 * @KVM_INSN_OTHER: nothing
 * @KVM_INSN_PUSHF: stores it on the stack
 * @KVM_INSN_LOADS: loads it: POPF, IRET
 * @KVM_INSN_SYSCALL: stores it in R11, and clears it if a mask says so
 * @KVM_INSN_SYSRET: loads it from R11
 * @KVM_INSN_INT: pushes it, and clears it: INT n
 * @KVM_INSN_INT3: the same, INT3
 * @KVM_INSN_LOADS_SS: has the trap come behind the next instruction: MOV SS, POP SS
 */
enum kvm_insn {
	KVM_INSN_OTHER,
	KVM_INSN_PUSHF,
	KVM_INSN_LOADS,
	KVM_INSN_SYSCALL,
	KVM_INSN_SYSRET,
	KVM_INSN_INT,
	KVM_INSN_INT3,
	KVM_INSN_LOADS_SS,
};

/**
 * struct kvm_step_insn - an instruction
 * @what: what it does
 * @len: the bytes of INT n or INT3; others may have more
 * @vector: of INT n
 */
struct kvm_step_insn {
	enum kvm_insn	what;
	u8		len;
	u8		vector;
};

struct kvm_step_insn kvm_step_insn(const u8 *bytes, unsigned int len, bool long_mode);

#endif /* _ARCH_X86_KVM_SVM_HW_BREAKPOINT_INSN_H */
