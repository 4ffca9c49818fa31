// SPDX-License-Identifier: GPL-2.0
/* arm64: a guest and its debugger that share breakpoint and watchpoint registers. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "arm64.h"
#include "together.h"

#define EC_STEP		0x32

static int number_of(int capability)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	return ioctl(fd, KVM_CHECK_EXTENSION, capability);
}

/* Of one kind, from the highest on */
static unsigned int resting(unsigned int guest, unsigned int debugger, int registers)
{
	int over = __builtin_popcount(guest) + __builtin_popcount(debugger) - registers;
	unsigned int rest = 0;

	for (; over > 0; over--)
		rest |= 1u << (31 - __builtin_clz(guest & ~rest));
	return rest;
}

static struct aim rest_of(struct aim guest, struct aim debugger)
{
	return (struct aim) {
		.watch = resting(guest.watch, debugger.watch,
				 number_of(KVM_CAP_GUEST_DEBUG_HW_WPS)),
		.exec = resting(guest.exec, debugger.exec,
				number_of(KVM_CAP_GUEST_DEBUG_HW_BPS)),
	};
}

/* While the debugger steps over a hit it has no registers, and all of the guest's are there. */
struct aim arch_hit_beside(struct aim guest, struct aim debugger)
{
	struct aim rest = rest_of(guest, debugger);

	return (struct aim) {
		.watch = guest.watch & (~rest.watch | debugger.watch),
		.exec = guest.exec & (~rest.exec | debugger.exec),
	};
}

unsigned int arch_resting(struct aim guest, struct aim debugger)
{
	struct aim rest = rest_of(guest, debugger);

	return rest.watch << 16 | rest.exec;
}

bool arch_same_debug(const struct kvm_guest_debug *set, const struct kvm_guest_debug *got)
{
	return set->control == got->control && !memcmp(&set->arch, &got->arch, sizeof(set->arch));
}

bool arch_some_rest(struct aim guest, struct aim debugger)
{
	struct aim rest = rest_of(guest, debugger);

	return rest.watch | rest.exec;
}

/* There is no number in it but the address, which arch_debug_hit() looks at. */
bool arch_hit_alone(const struct vcpu *vcpu, int slot, struct aim debugger)
{
	(void)vcpu;
	return (debugger.watch | debugger.exec) >> slot & 1;
}

bool arch_is_step(const struct vcpu *vcpu)
{
	return vcpu->run->debug.arch.hsr >> 26 == EC_STEP;
}

static void set(struct vcpu *vcpu, unsigned int control, struct aim debugger)
{
	struct kvm_guest_debug arg = { .control = control };

	arch_debug_regs(vcpu, debugger, &arg);
	must_ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &arg, "KVM_SET_GUEST_DEBUG");
}

/* One step without the debugger's; it ends in the guest's handler if the guest has a hit, too. */
bool arch_get_over(struct vcpu *vcpu, unsigned int control, struct aim debugger, bool exec)
{
	enum left left;

	(void)exec;
	set(vcpu, (control & (KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SHARE_HW)) |
	    KVM_GUESTDBG_SINGLESTEP, debugger);
	left = vcpu_run(vcpu);
	if (left != LEFT_BY_DEBUG || !arch_is_step(vcpu)) {
		note("exit reason %u, %#x, and no step", vcpu->run->exit_reason,
		     vcpu->run->debug.arch.hsr);
		return false;
	}
	set(vcpu, control, debugger);
	return true;
}

static const struct {
	const char *what;
	uint64_t address, bcr, wcr;
	uint32_t control;
} refused[] = {
	{ "not canonical", 0x0080000000001000ull, 0, WCR_8 | WCR_STORE | CTRL_EL1 | CTRL_E, 0 },
	{ "a linked breakpoint", 0x1000, 1u << 20 | BCR_4 | CTRL_EL1 | CTRL_E, 0, 0 },
	{ "a context", 0x1000, 2u << 20 | BCR_4 | CTRL_EL1 | CTRL_E, 0, 0 },
	{ "a linked watchpoint", 0x1000, 0, 1u << 20 | WCR_8 | WCR_STORE | CTRL_EL1 | CTRL_E, 0 },
	{ "EL2", 0x1000, 1u << 13 | BCR_4 | CTRL_EL1 | CTRL_E, 0, 0 },
	{ "to be told of nothing", 0, 0, 0, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_EXIT_REST },
};

/* And the sixteenth of each, which there is not */
const unsigned int arch_nr_not_together = ARRAY_SIZE(refused) + 1;

const bool arch_leaves_out = true;

const char *arch_not_together(struct kvm_guest_debug *arg, unsigned int n)
{
	if (n == ARRAY_SIZE(refused)) {
		arg->arch.dbg_bcr[15] = BCR_4 | CTRL_EL1 | CTRL_E;
		arg->arch.dbg_wcr[15] = WCR_8 | WCR_STORE | CTRL_EL1 | CTRL_E;
		return "the sixteenth of each";
	}
	arg->arch.dbg_bvr[0] = refused[n].address;
	arg->arch.dbg_wvr[0] = refused[n].address;
	arg->arch.dbg_bcr[0] = refused[n].bcr;
	arg->arch.dbg_wcr[0] = refused[n].wcr;
	if (refused[n].control)
		arg->control = refused[n].control;
	return refused[n].what;
}
