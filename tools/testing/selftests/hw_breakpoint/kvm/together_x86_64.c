// SPDX-License-Identifier: GPL-2.0
/* x86: a guest and its debugger that share DR0 to DR3. */
#include "together.h"

#define DR7_ENABLE_0	0x1u
#define DR7_IO		(2u << 16)
#define DR7_LONG_EXEC	(4u << 16)
#define DR7_GD		(1u << 13)
#define RFLAGS_RF	(1u << 16)
#define DR6_BS		(1u << 14)

static unsigned int bits(unsigned int set)
{
	return __builtin_popcount(set);
}

/* The same for both takes one register. The others of the guest's rest from the highest on. */
static unsigned int resting(struct aim guest, struct aim debugger)
{
	unsigned int same = (guest.watch & debugger.watch) | (guest.exec & debugger.exec);
	unsigned int left = (guest.watch | guest.exec) & ~same, rest = 0;
	int over = bits(left) + bits(debugger.watch | debugger.exec) - SLOTS;

	for (; over > 0; over--) {
		rest |= 1u << (31 - __builtin_clz(left));
		left &= ~rest;
	}
	return rest;
}

struct aim arch_hit_beside(struct aim guest, struct aim debugger)
{
	unsigned int rest = resting(guest, debugger);

	return (struct aim){ .watch = guest.watch & ~rest, .exec = guest.exec & ~rest };
}

unsigned int arch_resting(struct aim guest, struct aim debugger)
{
	return resting(guest, debugger);
}

bool arch_same_debug(const struct kvm_guest_debug *set, const struct kvm_guest_debug *got)
{
	int i;

	for (i = 0; i < SLOTS; i++) {
		if (set->arch.debugreg[i] != got->arch.debugreg[i])
			return false;
	}
	return set->control == got->control && set->arch.debugreg[7] == got->arch.debugreg[7];
}

bool arch_some_rest(struct aim guest, struct aim debugger)
{
	return resting(guest, debugger);
}

bool arch_hit_alone(const struct vcpu *vcpu, int slot, struct aim debugger)
{
	struct kvm_guest_debug set = { 0 };

	arch_debug_regs(vcpu, debugger, &set);
	return (vcpu->run->debug.arch.dr6 & 15) == 1u << slot &&
	       vcpu->run->debug.arch.dr7 == set.arch.debugreg[7];
}

bool arch_is_step(const struct vcpu *vcpu)
{
	return vcpu->run->debug.arch.dr6 & DR6_BS;
}

/*
 * A word's is a trap. A function's is a fault, and RF is for both. KVM_SET_REGS drops an exception
 * that is pending.
 */
bool arch_get_over(struct vcpu *vcpu, unsigned int control, struct aim debugger, bool exec)
{
	struct kvm_vcpu_events events;
	struct kvm_regs regs;

	(void)control;
	(void)debugger;
	if (!exec)
		return true;
	must_ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events, "KVM_GET_VCPU_EVENTS");
	must_ioctl(vcpu->fd, KVM_GET_REGS, &regs, "KVM_GET_REGS");
	regs.rflags |= RFLAGS_RF;
	must_ioctl(vcpu->fd, KVM_SET_REGS, &regs, "KVM_SET_REGS");
	must_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &events, "KVM_SET_VCPU_EVENTS");
	return true;
}

static const struct {
	const char *what;
	uint64_t address, dr7;
	uint32_t control;
} refused[] = {
	{ "not canonical", 0x8000000000001000ull, DR7_ENABLE_0, 0 },
	{ "I/O", EXIT_PORT, DR7_ENABLE_0 | DR7_IO, 0 },
	{ "length 2 of an instruction", 0, DR7_ENABLE_0 | DR7_LONG_EXEC, 0 },
	{ "GD", 0, DR7_GD, 0 },
	{ "DR7 bit 32", 0, 1ull << 32, 0 },
	{ "to be told of nothing", 0, 0, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_EXIT_REST },
};

const unsigned int arch_nr_not_together = ARRAY_SIZE(refused);

const bool arch_leaves_out;	/* it does not */

const char *arch_not_together(struct kvm_guest_debug *arg, unsigned int n)
{
	arg->arch.debugreg[0] = refused[n].address;
	arg->arch.debugreg[7] = refused[n].dr7;
	if (refused[n].control)
		arg->control = refused[n].control;
	return refused[n].what;
}
