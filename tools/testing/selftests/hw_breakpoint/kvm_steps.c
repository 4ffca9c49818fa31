// SPDX-License-Identifier: GPL-2.0
/*
 * Upstream's kvm debug_regs, step by step and without the #BP intercept.
 *
 * QEMU's TCG does not honour a nested guest's #BP intercept, so debug_regs stops
 * at its first step, an int3, and none of its hardware breakpoint steps run.
 * Linked with --wrap=vcpu_run, this stops the guest on that int3 with a hardware
 * breakpoint instead and reports it as the test expects. Every call of vcpu_run
 * is one step of the test: the next call says that the step before it passed.
 * All else is upstream's own object file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kvm_util.h"
#include "processor.h"

extern unsigned char sw_bp;
void __real_vcpu_run(struct kvm_vcpu *vcpu);
void __wrap_vcpu_run(struct kvm_vcpu *vcpu);

static const char * const steps[] = {
	"int3",
	"execute DR0", "execute DR1", "execute DR2", "execute DR3",
	"write DR0", "write DR1", "write DR2", "write DR3",
	"step 0", "step 1", "step 2", "step 3", "step 4", "step 5",
	"DR7.GD", "end",
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

static unsigned int calls;

static void report(int fine)
{
	if (!calls || calls > STEPS)
		return;
	printf("%sok %u %s\n", fine ? "" : "not ", calls, steps[calls - 1]);
	fflush(stdout);
}

/* The test exits at its first failure */
static void last_step(int status, void *unused)
{
	(void)unused;
	report(!status);
}

/* The guest stands at its int3 */
static void run_to_int3(struct kvm_vcpu *vcpu)
{
	struct kvm_guest_debug debug = {
		.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP,
	};

	debug.arch.debugreg[0] = (unsigned long)&sw_bp;
	debug.arch.debugreg[7] = 0x402;
	vcpu_guest_debug_set(vcpu, &debug);
	__real_vcpu_run(vcpu);
	if (vcpu->run->exit_reason == KVM_EXIT_DEBUG &&
	    vcpu->run->debug.arch.exception == DB_VECTOR)
		vcpu->run->debug.arch.exception = BP_VECTOR;
}

void __wrap_vcpu_run(struct kvm_vcpu *vcpu)
{
	if (!calls) {
		printf("TAP version 13\n1..%zu\n", STEPS);
		on_exit(last_step, NULL);
	}
	report(1);
	if (calls++)
		__real_vcpu_run(vcpu);
	else
		run_to_int3(vcpu);
}
