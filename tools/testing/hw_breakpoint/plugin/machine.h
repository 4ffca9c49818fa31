/* SPDX-License-Identifier: GPL-2.0 */
/* What the plugins have to know about a guest's instructions and registers. */
#ifndef _PLUGIN_MACHINE_H
#define _PLUGIN_MACHINE_H

#include <stddef.h>
#include <stdint.h>

/* A bank register is one of the numbered ones: a breakpoint's or a watchpoint's own */
enum insn_kind {
	INSN_OTHER, INSN_DR_WRITE, INSN_DR_READ, INSN_BANK_WRITE, INSN_BANK_READ,
	INSN_BEGIN, INSN_END,
};

struct machine {
	const char *target;		/* QEMU's name of it */
	const char *sp;
	/* the return address on entry to a function; NULL: it is on the stack */
	const char *link;
	/* where the kernel's variables of this CPU are; NULL or where it is in user space */
	const char *base, *user_base;
	/* interrupts are off when the bits @irq_mask of this register are @irqs_off */
	const char *flags;
	uint64_t irq_mask, irqs_off;
	/* what the marker says, 16 characters */
	const char *name[2];
	enum insn_kind (*kind)(const uint8_t *code, size_t size);
};

extern const struct machine machine_x86_64, machine_arm64;

/* Return: the one that QEMU calls @target, or NULL. */
const struct machine *find_machine(const char *target);
/* Return: what the plugin's argument @key says, or NULL. */
const char *argument(int argc, char **argv, const char *key);

#endif
