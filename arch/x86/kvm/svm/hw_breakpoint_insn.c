// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions that a step by RFLAGS.TF has to know, because the guest could see by them that TF
 * is set, or because they change it. Exceptions are not among these, nor is what a CPU stops at in
 * any case: see hw_breakpoint_step.c.
 *
 * References are to the AMD64 Architecture Programmer's Manual, vol. 3: prefixes are in 1.2, the
 * opcode maps in appendix A.
 */

#include "hw_breakpoint_insn.h"

/* LOCK is none of these: with it each of the instructions is invalid. */
static bool is_legacy_prefix(u8 byte)
{
	switch (byte) {
	case 0x26:		/* ES */
	case 0x2e:		/* CS */
	case 0x36:		/* SS */
	case 0x3e:		/* DS */
	case 0x64:		/* FS */
	case 0x65:		/* GS */
	case 0x66:		/* size of operands */
	case 0x67:		/* size of addresses */
	case 0xf2:		/* REPNE */
	case 0xf3:		/* REP */
		return true;
	default:
		return false;
	}
}

/* REX has no effect unless it is the last prefix, and none on these instructions then. */
static bool is_prefix(u8 byte, bool long_mode)
{
	return is_legacy_prefix(byte) || (long_mode && (byte & 0xf0) == 0x40);
}

/* Behind 0x0f */
static enum kvm_insn two_bytes(u8 opcode)
{
	switch (opcode) {
	case 0x05:
		return KVM_INSN_SYSCALL;
	case 0x07:
		return KVM_INSN_SYSRET;
	default:
		return KVM_INSN_OTHER;
	}
}

/* @next: the byte behind it; REG of a ModRM byte names the segment register, 2 is SS */
static enum kvm_insn one_byte(u8 opcode, u8 next, bool long_mode)
{
	switch (opcode) {
	case 0x0f:
		return two_bytes(next);
	case 0x17:
		return long_mode ? KVM_INSN_OTHER : KVM_INSN_LOADS_SS;
	case 0x8e:
		return (next >> 3 & 7) == 2 ? KVM_INSN_LOADS_SS : KVM_INSN_OTHER;
	case 0x9c:
		return KVM_INSN_PUSHF;
	case 0x9d:
	case 0xcf:
		return KVM_INSN_LOADS;
	case 0xcc:
		return KVM_INSN_INT3;
	case 0xcd:
		return KVM_INSN_INT;
	default:
		return KVM_INSN_OTHER;
	}
}

static bool has_two_bytes(u8 opcode)
{
	return opcode == 0x0f || opcode == 0x8e || opcode == 0xcd;
}

/**
 * kvm_step_insn() - what does the next instruction do with RFLAGS.TF?
 * @bytes: at the instruction pointer
 * @len: how many of them could be read, at most KVM_INSN_MAX
 * @long_mode: 64-bit mode: there is REX
 *
 * Context: any.
 * Return: what it does. KVM_INSN_OTHER for one that ends behind @len: it will fault.
 */
struct kvm_step_insn kvm_step_insn(const u8 *bytes, unsigned int len, bool long_mode)
{
	unsigned int i = 0;
	u8 next;

	while (i < len && is_prefix(bytes[i], long_mode))
		i++;
	if (i + 1 + has_two_bytes(i < len ? bytes[i] : 0) > len)
		return (struct kvm_step_insn) { };
	next = has_two_bytes(bytes[i]) ? bytes[i + 1] : 0;
	return (struct kvm_step_insn) {
		.what = one_byte(bytes[i], next, long_mode),
		.len = i + 1 + has_two_bytes(bytes[i]),
		.vector = next,
	};
}
