// SPDX-License-Identifier: GPL-2.0
/*
 * x86: debug registers that are kept for debuggers, KVM_CAP_GUEST_DEBUG_KEEP. The guest sees all
 * four and has the others; who debugs it takes none of those away.
 */
#include <stdio.h>
#include <sys/ioctl.h>

#include "together.h"

#define ALL	(DO_SET | DO_WRITE | DO_CALL | DO_READ | DO_EXIT)

static struct vm vm;
static struct vcpu vcpu;
static struct host host;
static unsigned int kept;

static int keep(uint64_t n, uint32_t flags)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_GUEST_DEBUG_KEEP, .flags = flags, .args = { n },
	};

	return ioctl(vm.fd, KVM_ENABLE_CAP, &cap);
}

static bool is_refused(uint64_t n, uint32_t flags)
{
	if (keep(n, flags) < 0 && errno == EINVAL)
		return true;
	note("%llu, flags %#x: taken", (unsigned long long)n, flags);
	return false;
}

static bool free_are(int n)
{
	int has = ioctl(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_GUEST_DEBUG_HW_BPS);

	if (has != n)
		note("%d are free, and not %d", has, n);
	return has == n;
}

static bool begin(void)
{
	bool right;

	vm_create(&vm, 0);
	right = free_are(SLOTS) && is_refused(SLOTS + 1, 0) && is_refused(1ull << 32, 0) &&
		is_refused(1, 1) && !keep(kept, 0) && free_are(kept ? kept : SLOTS);
	vcpu_create(&vcpu, &vm, 0);
	host_open(&host, 2, &vcpu, 0);
	return right && is_refused(kept, 0);
}

static void debug(unsigned int control, struct aim aim)
{
	struct kvm_guest_debug arg = { .control = control };

	arch_debug_regs(&vcpu, aim, &arg);
	must_ioctl(vcpu.fd, KVM_SET_GUEST_DEBUG, &arg, "KVM_SET_GUEST_DEBUG");
}

static unsigned int highest(unsigned int n)
{
	return (1u << SLOTS) - (1u << (SLOTS - n));
}

/* @guest enables the four. What would be in the registers that are kept rests. */
static void start(struct aim guest)
{
	unsigned int hit = ~highest(kept), i;

	guest_plan(&vcpu, guest);
	vcpu.block->command = ALL;
	vcpu.block->rounds = 1;
	for (i = 0; i < SLOTS; i++)
		vcpu.expected[i] += ((guest.watch | guest.exec) & hit) >> i & 1;
}

static bool rest_are(unsigned int control)
{
	struct kvm_guest_debug got;
	unsigned int flag = kept ? KVM_RUN_DEBUG_RESTED : 0;

	must_ioctl(vcpu.fd, KVM_GET_GUEST_DEBUG, &got, "KVM_GET_GUEST_DEBUG");
	if (got.pad == highest(kept) && got.control == control &&
	    (vcpu.run->flags & KVM_RUN_DEBUG_RESTED) == flag)
		return true;
	note("%#x rest and not %#x, control %#x, flags %#x", got.pad, highest(kept), got.control,
	     vcpu.run->flags);
	return false;
}

static bool own_registers(void)
{
	int i;

	for (i = 0; i < REGISTERS; i++) {
		if (arch_registers >> i & 1 && vcpu.block->read[i] != vcpu.block->set[i])
			break;
	}
	if (i < REGISTERS)
		note("the guest reads %#llx in register %d",
		     (unsigned long long)vcpu.block->read[i], i);
	return i == REGISTERS;
}

static bool leaves(unsigned int control)
{
	return vcpu_run(&vcpu) == LEFT_BY_GUEST && !vcpu.block->fault && rest_are(control) &&
	       own_registers();
}

static bool alone(struct aim guest)
{
	start(guest);
	return leaves(0);
}

/* The debugger has as many as are kept, on words that are not the guest's. */
static bool beside(struct aim guest)
{
	unsigned int control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SHARE_HW | KVM_GUESTDBG_USE_HW;
	struct aim debugger = { .watch = highest(kept) };
	unsigned int i;

	debug(control, debugger);
	start(guest);
	for (i = 0; i < SLOTS; i++) {
		if (!(debugger.watch >> i & 1))
			continue;
		if (vcpu_run(&vcpu) != LEFT_BY_DEBUG || arch_debug_hit(&vcpu) != (int)i) {
			note("exit reason %u, and not the debugger's %u", vcpu.run->exit_reason, i);
			return false;
		}
	}
	if (!leaves(control))
		return false;
	debug(0, debugger);
	return true;
}

static bool rounds(void)
{
	static const struct aim guests[] = { { .exec = 15 }, { .watch = 7, .exec = 8 } };
	bool right = begin();
	unsigned long n;

	for (n = 0; n < exits / 32 + 2 && right; n++) {
		right = alone(guests[n % 2]) && beside((struct aim){ .exec = 15 }) &&
			guest_hits_right(&vcpu);
		host_touch(&host, &vcpu);
	}
	return host_end(&host, &vcpu) & right;
}

bool case_kept(void)
{
	bool right = true;

	for (kept = 0; kept <= SLOTS && right; kept++) {
		right = rounds();
		if (!right)
			note("%u kept", kept);
	}
	return right;
}
