// SPDX-License-Identifier: GPL-2.0
/* A guest is left and entered again, with breakpoints of the host's and its own. */
#include <stdio.h>
#include <sys/ioctl.h>

#include "../kvm/vmm.h"
#include "bench.h"

/*
 * Exits between two markers, by which what is counted has to be divided. So few that
 * most often no interrupt comes in between.
 */
#define EXITS		100
#define MOST_REPEATS	20

/*
 * A debugger of the guest's has one that nobody hits. Where KVM does not let it share the registers
 * it has them for itself, and the guest's own are not hit.
 */
static void debug(struct vcpu *vcpu, bool on)
{
	struct kvm_guest_debug arg = { .control = 0 };

	if (on) {
		arg.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW;
		if (ioctl(vcpu->vm->kvm, KVM_CHECK_EXTENSION, KVM_CAP_SET_GUEST_DEBUG2) &
		    KVM_GUESTDBG_SHARE_HW)
			arg.control |= KVM_GUESTDBG_SHARE_HW;
		arch_debug_regs(vcpu, (struct aim){ .watch = 8 }, &arg);
	}
	must_ioctl(vcpu->fd, KVM_SET_GUEST_DEBUG, &arg, "KVM_SET_GUEST_DEBUG");
}

static void leave_and_enter(const char *name, int host_breakpoints, struct aim aim,
			    unsigned int command, bool debugged)
{
	static struct host host;
	/* one is how the guest comes back; one that reads its registers leaves twice a round */
	int rounds = command & DO_READ ? EXITS : EXITS - 1, i;
	struct vcpu vcpu;
	struct vm vm;

	vm_create(&vm, 0);
	vcpu_create(&vcpu, &vm, 0);
	host_open(&host, host_breakpoints, &vcpu, 0);
	guest_aim(&vcpu, aim);
	debug(&vcpu, debugged);
	guest_run(&vcpu, command, rounds);
	for (i = 0; i < repeats && i < MOST_REPEATS; i++) {
		op_begin(name);
		guest_run(&vcpu, command, rounds);
		op_end();
	}
	debug(&vcpu, false);
	/* what was counted were breakpoints that work */
	guest_run(&vcpu, DO_WRITE, 1);
	host_touch(&host, &vcpu);
	if (!guest_hits_right(&vcpu) || !host_hits_right(&host))
		fail("%s: hits are missing", name);
	host_close(&host);
	vcpu_destroy(&vcpu);
	vm_destroy(&vm);
}

void bench_kvm(int n)
{
	static const struct aim none = { 0 };
#ifdef __x86_64__
	static const struct aim some = { .watch = 3 };
#else
	static const struct aim some = { .watch = 1 };
#endif

	(void)n;
	pin(0);
	if (access("/dev/kvm", R_OK | W_OK)) {
		fprintf(stderr, "bench: no /dev/kvm\n");
		return;
	}
	host_counts_kernel = true;
	leave_and_enter("kvm-nothing", 0, none, DO_EXIT, false);
	leave_and_enter("kvm-host", 2, none, DO_EXIT, false);
	leave_and_enter("kvm-guest", 0, some, DO_EXIT, false);
	leave_and_enter("kvm-both", 2, some, DO_EXIT, false);
	leave_and_enter("kvm-shared", 0, some, DO_EXIT, true);
#ifdef __x86_64__
	leave_and_enter("kvm-owned", 0, none, DO_READ | DO_EXIT, false);
	leave_and_enter("kvm-owned-host", 2, none, DO_READ | DO_EXIT, false);
	host_counts_kernel = false;
	leave_and_enter("kvm-host-user", 2, none, DO_EXIT, false);
	leave_and_enter("kvm-both-user", 2, some, DO_EXIT, false);
#endif
}
