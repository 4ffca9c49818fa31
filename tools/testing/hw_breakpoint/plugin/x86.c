// SPDX-License-Identifier: GPL-2.0
/* x86-64: MOV to and from a debug register, and the markers of bench/mark.h. */
#include <stdbool.h>
#include <string.h>

#include "machine.h"

/* nopl disp32(%rax), up to the last byte of the displacement */
static const uint8_t marker[] = { 0x0f, 0x1f, 0x80 };
static const uint8_t magic[] = { 'B', 'W', 'H' };

static enum insn_kind marker_kind(const uint8_t *code, size_t size)
{
	if (size != 7 || memcmp(code, marker, sizeof(marker)) ||
	    memcmp(code + 4, magic, sizeof(magic)))
		return INSN_OTHER;
	return code[3] == 'b' ? INSN_BEGIN : code[3] == 'e' ? INSN_END : INSN_OTHER;
}

/* Operand and address size, repetition and LOCK, segments, REX */
static int is_prefix(uint8_t byte)
{
	switch (byte) {
	case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64 ... 0x67:
	case 0xf0: case 0xf2: case 0xf3: case 0x40 ... 0x4f:
		return 1;
	}
	return 0;
}

static enum insn_kind x86_kind(const uint8_t *code, size_t size)
{
	size_t i = 0;

	while (i < size && is_prefix(code[i]))
		i++;
	if (size - i == 3 && code[i] == 0x0f) {
		/* ModRM.reg: DR0 to DR3 are the bank */
		bool bank = (code[i + 2] >> 3 & 7) < 4;

		if (code[i + 1] == 0x23)
			return bank ? INSN_BANK_WRITE : INSN_DR_WRITE;
		if (code[i + 1] == 0x21)
			return bank ? INSN_BANK_READ : INSN_DR_READ;
	}
	return marker_kind(code, size);
}

const struct machine machine_x86_64 = {
	.target = "x86_64",
	.sp = "rsp",
	.base = "gs_base",
	.user_base = "k_gs_base",
	.flags = "eflags",
	.irq_mask = 1 << 9,
	.irqs_off = 0,
	.name = { "rax", "rdx" },
	.kind = x86_kind,
};
