// SPDX-License-Identifier: GPL-2.0
/*
 * arm64: a guest that is given fewer breakpoints and watchpoints than there are, by its ID
 * register. What it does not have is undefined for it, and a debugger's at any time.
 */
#include <stdio.h>
#include <sys/ioctl.h>

#include "arm64.h"
#include "together.h"

#define ALL		(DO_SET | DO_WRITE | DO_CALL | DO_READ | DO_EXIT)
#define HW		(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SHARE_HW | KVM_GUESTDBG_USE_HW)
#define REG_DFR0	ARM64_SYS_REG(3, 0, 0, 5, 0)
#define BRPS		12
#define WRPS		20
#define CTX_CMPS	28

static struct vm vm;
static struct vcpu vcpu;
static struct host host;
static int brps, wrps;	/* that there are */

static int one_reg(unsigned long request, uint64_t id, uint64_t *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

	return ioctl(vcpu.fd, request, &reg) ? -errno : 0;
}

static unsigned int field(uint64_t dfr0, int shift)
{
	return (dfr0 >> shift & 15) + 1;
}

/* Return: 0, or what KVM refuses it with. */
static int give(unsigned int b, unsigned int w, unsigned int c)
{
	uint64_t dfr0 = 0;

	one_reg(KVM_GET_ONE_REG, REG_DFR0, &dfr0);
	dfr0 &= ~(15ull << BRPS | 15ull << WRPS | 15ull << CTX_CMPS);
	dfr0 |= (uint64_t)(b - 1) << BRPS | (uint64_t)(w - 1) << WRPS |
		(uint64_t)(c - 1) << CTX_CMPS;
	return one_reg(KVM_SET_ONE_REG, REG_DFR0, &dfr0);
}

static bool is(const char *what, int got, int wanted)
{
	if (got != wanted)
		note("%s: %d and not %d", what, got, wanted);
	return got == wanted;
}

static int free_ones(int capability)
{
	return ioctl(vm.fd, KVM_CHECK_EXTENSION, capability);
}

static void begin(void)
{
	uint64_t dfr0 = 0;

	vm_create(&vm, 0);
	vcpu_create(&vcpu, &vm, 0);
	host_open(&host, 2, &vcpu, 0);
	one_reg(KVM_GET_ONE_REG, REG_DFR0, &dfr0);
	brps = field(dfr0, BRPS);
	wrps = field(dfr0, WRPS);
}

static bool refused(void)
{
	return is("one breakpoint", give(1, wrps, 1), -EINVAL) &
	       is("more for contexts than there are", give(2, wrps, 3), -EINVAL) &
	       is("too many", give(brps + 1, wrps, 1), -EINVAL) &
	       is("breakpoints that are free", free_ones(KVM_CAP_GUEST_DEBUG_HW_BPS), brps);
}

static void debug(unsigned int control, struct aim aim)
{
	struct kvm_guest_debug arg = { .control = control };

	arch_debug_regs(&vcpu, aim, &arg);
	must_ioctl(vcpu.fd, KVM_SET_GUEST_DEBUG, &arg, "KVM_SET_GUEST_DEBUG");
}

/* All four functions and words of the guest's, while the debugger has what the guest does not. */
static bool beside(int hidden)
{
	struct aim guest = { .exec = 15, .watch = 15 }, debugger = { .exec = (1u << hidden) - 1 };
	int i;

	debug(HW, debugger);
	guest_plan(&vcpu, guest);
	vcpu.block->command = ALL;
	vcpu.block->rounds = 1;
	for (i = 0; i < SLOTS; i++)
		vcpu.expected[i] += 2;
	for (i = 0; i < hidden; i++) {
		if (vcpu_run(&vcpu) != LEFT_BY_DEBUG || arch_debug_hit(&vcpu) != i ||
		    !arch_get_over(&vcpu, HW, debugger, true)) {
			note("exit reason %u, and not the debugger's %d", vcpu.run->exit_reason, i);
			return false;
		}
	}
	if (vcpu_run(&vcpu) != LEFT_BY_GUEST || vcpu.block->fault) {
		note("exit reason %u, fault %#llx", vcpu.run->exit_reason,
		     (unsigned long long)vcpu.block->fault);
		return false;
	}
	debug(0, debugger);
	return is("that some rest", vcpu.run->flags & KVM_RUN_DEBUG_RESTED, 0);
}

static bool four_breakpoints(void)
{
	int hidden;
	unsigned long n;
	bool right;

	begin();
	hidden = brps > SLOTS ? brps - SLOTS : 0;
	right = refused() && is("four breakpoints", give(brps - hidden, wrps, 1), 0) &&
		is("breakpoints that are free", free_ones(KVM_CAP_GUEST_DEBUG_HW_BPS),
		   hidden ? hidden : brps);
	if (hidden > SLOTS)
		hidden = SLOTS;
	for (n = 0; n < exits / 32 + 8 && right; n++) {
		right = beside(hidden) && guest_hits_right(&vcpu);
		host_touch(&host, &vcpu);
	}
	right = right && is("another number when it has run", give(brps, wrps, 1), -EBUSY);
	return host_end(&host, &vcpu) & right;
}

/* The guest's first access of the third watchpoint */
static bool third_watchpoint(void)
{
	uint64_t value;
	bool right;

	begin();
	right = is("two watchpoints", give(brps, 2, 1), 0) &&
		is("watchpoint 1", one_reg(KVM_GET_ONE_REG, REG_WVR(1), &value), 0) &&
		is("watchpoint 2", one_reg(KVM_GET_ONE_REG, REG_WVR(2), &value), -ENOENT) &&
		is("breakpoint 3", one_reg(KVM_GET_ONE_REG, REG_BVR(3), &value), 0);
	guest_plan(&vcpu, (struct aim){ 0 });
	vcpu.block->command = ALL;
	vcpu.block->rounds = 1;
	right = right && is("left by the guest", vcpu_run(&vcpu), LEFT_BY_GUEST) &&
		is("an instruction that is undefined", vcpu.block->fault >> 25, 1);
	return host_end(&host, &vcpu) & right;
}

bool case_kept(void)
{
	return four_breakpoints() && third_watchpoint();
}
