// SPDX-License-Identifier: GPL-2.0
/*
 * arm64: MSR and MRS of DBGBVR<n>_EL1, DBGBCR<n>_EL1, DBGWVR<n>_EL1, DBGWCR<n>_EL1
 * and MDSCR_EL1, and the markers of bench/mark.h.
 */
#include <string.h>

#include "machine.h"

/* MSR or MRS with op0 2, op1 0, CRn 0; the rest is CRm, op2 and the register */
#define DEBUG_MASK	0xffdff000u
#define DEBUG_MSR	0xd5100000u
#define READS		0x00200000u

/* movz xzr, #imm16, lsl #48 */
#define MARKER_MASK	0xffe0001fu
#define MARKER		0xd2e0001fu
#define BEGIN		0x4862
#define END		0x4865

static enum insn_kind debug_kind(uint32_t code)
{
	unsigned int crm = code >> 8 & 15, op2 = code >> 5 & 7;

	if ((code & DEBUG_MASK) != DEBUG_MSR)
		return INSN_OTHER;
	if (op2 >= 4)
		return code & READS ? INSN_BANK_READ : INSN_BANK_WRITE;
	if (op2 == 2 && crm == 2)
		return code & READS ? INSN_DR_READ : INSN_DR_WRITE;
	return INSN_OTHER;
}

static enum insn_kind arm64_kind(const uint8_t *bytes, size_t size)
{
	enum insn_kind kind;
	uint32_t code;

	if (size != sizeof(code))
		return INSN_OTHER;
	memcpy(&code, bytes, sizeof(code));
	kind = debug_kind(code);
	if (kind != INSN_OTHER)
		return kind;
	if ((code & MARKER_MASK) != MARKER)
		return INSN_OTHER;
	switch (code >> 5 & 0xffff) {
	case BEGIN:
		return INSN_BEGIN;
	case END:
		return INSN_END;
	}
	return INSN_OTHER;
}

const struct machine machine_arm64 = {
	.target = "aarch64",
	.sp = "sp",
	.link = "x30",
	/* the kernel has started at EL2, and stays there */
	.base = "TPIDR_EL2",
	.flags = "cpsr",
	.irq_mask = 1 << 7,
	.irqs_off = 1 << 7,
	.name = { "x0", "x1" },
	.kind = arm64_kind,
};
