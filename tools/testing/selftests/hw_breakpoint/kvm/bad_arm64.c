// SPDX-License-Identifier: GPL-2.0
/* arm64: what KVM must refuse, or keep to itself. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "arm64.h"
#include "bad.h"

#define NOT_CANONICAL	0x0080000000001000ull
#define KERNEL		0xffff800080010000ull

/* Any exception level, EL2 included; enabled */
#define EVERYWHERE	(1u << 13 | 3u << 14 | 3u << 1 | CTRL_E)

static const struct {
	const char *what;
	uint64_t id, value;
} set_one_reg[] = {
	{ "DBGBVR15", REG_BVR(15), KERNEL },
	{ "DBGWCR15", REG_WCR(15), ~0ull },
	{ "DBGBCR0 of ones", REG_BCR(0), ~0ull },
	{ "DBGWCR0 of ones", REG_WCR(0), ~0ull },
	{ "DBGBVR0 of ones", REG_BVR(0), ~0ull },
	{ "DBGWVR0 not canonical", REG_WVR(0), NOT_CANONICAL },
	{ "DBGWVR0, the host kernel's", REG_WVR(0), KERNEL },
	{ "DBGBCR0 everywhere", REG_BCR(0), BCR_4 | EVERYWHERE },
	{ "DBGWCR0 everywhere", REG_WCR(0), WCR_8 | 3 << 3 | EVERYWHERE },
	{ "DBGWCR0 without bytes", REG_WCR(0), WCR_STORE | CTRL_EL1 | CTRL_E },
	{ "DBGBCR0 linked", REG_BCR(0), 1 << 20 | 15 << 16 | BCR_4 | CTRL_EL1 | CTRL_E },
	{ "MDSCR_EL1 of ones", REG_MDSCR, ~0ull },
	{ "no debug register", ARM64_SYS_REG(2, 0, 0, 15, 3), 0 },
	{ "a size that is none", REG_BVR(0) ^ KVM_REG_SIZE_U64 ^ KVM_REG_SIZE_U128, 0 },
};

#define HW		(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW)

static const struct {
	const char *what;
	struct kvm_guest_debug debug;
} set_guest_debug[] = {
	{ "unknown control bits", { .control = 0x7f00fffeu } },
	{ "everything but enable", { .control = KVM_GUESTDBG_USE_HW | KVM_GUESTDBG_SINGLESTEP } },
	{ "DBGBCR0 of ones", { .control = HW, .arch.dbg_bcr = { ~0ull } } },
	{ "DBGWCR0 of ones", { .control = HW, .arch.dbg_wcr = { ~0ull } } },
	{ "not canonical", { .control = HW, .arch.dbg_wvr = { NOT_CANONICAL },
		.arch.dbg_wcr = { WCR_8 | WCR_STORE | CTRL_EL1 | CTRL_E } } },
	{ "the host kernel's text, everywhere", { .control = HW, .arch.dbg_bvr = { KERNEL },
		.arch.dbg_bcr = { BCR_4 | EVERYWHERE } } },
	{ "all writes, everywhere", { .control = HW, .arch.dbg_wvr = { KERNEL },
		.arch.dbg_wcr = { 31u << 24 | WCR_8 | 3 << 3 | EVERYWHERE } } },
	{ "the sixteenth of each", { .control = HW,
		.arch.dbg_bvr = { [15] = KERNEL },
		.arch.dbg_bcr = { [15] = BCR_4 | EVERYWHERE },
		.arch.dbg_wvr = { [15] = KERNEL },
		.arch.dbg_wcr = { [15] = WCR_8 | EVERYWHERE } } },
};

unsigned int bad_inputs(void)
{
	return ARRAY_SIZE(set_one_reg) + ARRAY_SIZE(set_guest_debug);
}

/* The guest's controls come into effect with MDSCR_EL1 only */
static int set_reg(struct vcpu *vcpu, uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	return ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg);
}

int bad_input(struct vcpu *vcpu, unsigned int n, const char **call, const char **what)
{
	if (n < ARRAY_SIZE(set_one_reg)) {
		*call = "KVM_SET_ONE_REG";
		*what = set_one_reg[n].what;
		set_reg(vcpu, REG_MDSCR, MDSCR_KDE_MDE);
		return set_reg(vcpu, set_one_reg[n].id, set_one_reg[n].value);
	}
	n -= ARRAY_SIZE(set_one_reg);
	*call = "KVM_SET_GUEST_DEBUG";
	*what = set_guest_debug[n].what;
	return ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &set_guest_debug[n].debug);
}
