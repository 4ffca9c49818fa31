// SPDX-License-Identifier: GPL-2.0
/* x86: what KVM must refuse, or keep to itself. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "bad.h"

#define NOT_CANONICAL	0x8000000000001000ull
#define KERNEL		0xffffffff81000000ull

static const struct {
	const char *what;
	struct kvm_debugregs regs;
} set_debugregs[] = {
	{ "flags", { .flags = 1, .dr6 = 0xffff0ff0, .dr7 = 0x400 } },
	{ "DR6 bit 32", { .dr6 = 1ull << 32 | 0xffff0ff0, .dr7 = 0x400 } },
	{ "DR7 bit 32", { .dr6 = 0xffff0ff0, .dr7 = 1ull << 32 | 0x400 } },
	{ "DR6 of ones", { .dr6 = 0xffffffff, .dr7 = 0x400 } },
	{ "DR6 of zeroes", { .dr6 = 0, .dr7 = 0x400 } },
	{ "DR7 of ones", { .dr6 = 0xffff0ff0, .dr7 = 0xffffffff } },
	{ "DR7 reserved bits", { .dr6 = 0xffff0ff0, .dr7 = 0xdc00 } },
	{ "DR7 without bit 10", { .dr6 = 0xffff0ff0, .dr7 = 1 } },
	{ "not canonical", { .db = { NOT_CANONICAL }, .dr6 = 0xffff0ff0, .dr7 = 0x90401 } },
	{ "the host kernel's text", { .db = { KERNEL }, .dr6 = 0xffff0ff0, .dr7 = 0x402 } },
	{ "length 8 of an instruction", { .db = { KERNEL }, .dr6 = 0xffff0ff0, .dr7 = 0x80402 } },
	{ "I/O", { .db = { EXIT_PORT }, .dr6 = 0xffff0ff0, .dr7 = 0x20402 } },
	{ "all to their ends", { .db = { ~0ull, ~0ull, ~0ull, ~0ull },
		.dr6 = ~0ull, .dr7 = ~0ull } },
};

static const struct {
	const char *what;
	struct kvm_guest_debug debug;
} set_guest_debug[] = {
	{ "unknown control bits", { .control = 0x7f00fffeu } },
	{ "everything but enable", { .control = 0x3001eu } },
	{ "DR7 bit 32", { .control = 0x20001, .arch.debugreg = { [7] = 1ull << 32 | 0x400 } } },
	{ "DR7 of 64 ones", { .control = 0x20001, .arch.debugreg = { [7] = ~0ull } } },
	{ "DR7 reserved bits", { .control = 0x20001, .arch.debugreg = { [7] = 0xdc00 } } },
	{ "not canonical", { .control = 0x20001,
		.arch.debugreg = { NOT_CANONICAL, [7] = 0x90401 } } },
	{ "the host kernel's text", { .control = 0x20001,
		.arch.debugreg = { KERNEL, [7] = 0x402 } } },
	{ "length 8 of an instruction", { .control = 0x20001,
		.arch.debugreg = { KERNEL, [7] = 0x80402 } } },
	{ "DR4 and DR5", { .control = 0x20001,
		.arch.debugreg = { [4] = KERNEL, [5] = KERNEL, [7] = 0x400 } } },
};

unsigned int bad_inputs(void)
{
	return ARRAY_SIZE(set_debugregs) + ARRAY_SIZE(set_guest_debug);
}

int bad_input(struct vcpu *vcpu, unsigned int n, const char **call, const char **what)
{
	if (n < ARRAY_SIZE(set_debugregs)) {
		*call = "KVM_SET_DEBUGREGS";
		*what = set_debugregs[n].what;
		return ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &set_debugregs[n].regs);
	}
	n -= ARRAY_SIZE(set_debugregs);
	*call = "KVM_SET_GUEST_DEBUG";
	*what = set_guest_debug[n].what;
	return ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &set_guest_debug[n].debug);
}
