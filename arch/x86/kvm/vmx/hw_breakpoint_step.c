// SPDX-License-Identifier: GPL-2.0
/*
 * The debugger's single-step of a guest that may step itself (KVM_GUESTDBG_SHARE_HW): the monitor
 * trap flag, which is the hypervisor's alone. It is set in the VMCS that is loaded right before the
 * entry, and taken back right behind the exit.
 *
 * References are to the Intel Software Developer's Manual, vol. 3.
 */

#include <linux/kvm_host.h>

#include <asm/debugreg.h>
#include <asm/vmx.h>

#include "../hw_breakpoint.h"
#include "../x86.h"
#include "hw_breakpoint_step.h"
#include "nested.h"
#include "vmx.h"

/* Of the traps that are pending: some of B0 to B3 are of registers that are enabled (25.4.2). */
#define PENDING_ENABLED	BIT(12)

static bool hypervisor_wants_it(struct kvm_vcpu *vcpu)
{
	return is_guest_mode(vcpu) && nested_cpu_has_mtf(get_vmcs12(vcpu));
}

/**
 * vmx_begin_step() - the entry that follows makes a step
 * @vcpu: its events have been injected
 *
 * An event that is injected is a step by itself (26.5.2).
 *
 * Context: interrupts off. vmx_end_step() takes it back.
 */
void vmx_begin_step(struct kvm_vcpu *vcpu)
{
	exec_controls_setbit(to_vmx(vcpu), CPU_BASED_MONITOR_TRAP_FLAG);
}

/**
 * vmx_end_step() - the guest has left
 * @vcpu: was entered behind vmx_begin_step()
 *
 * Context: interrupts off; the exit has not been handled.
 * Return: false: vmx_handle_step() is told.
 */
bool vmx_end_step(struct kvm_vcpu *vcpu)
{
	if (!hypervisor_wants_it(vcpu))
		exec_controls_clearbit(to_vmx(vcpu), CPU_BASED_MONITOR_TRAP_FLAG);
	return false;
}

/*
 * The traps of the instruction, in the form of 25.4.2, which are taken out of the VMCS. Behind a
 * load of SS they wait for the next instruction, in the VMCS.
 */
static unsigned long take_traps(struct kvm_vcpu *vcpu)
{
	unsigned long pending;

	if (vmx_get_interrupt_shadow(vcpu) & KVM_X86_SHADOW_INT_MOV_SS)
		return 0;
	pending = vmcs_readl(GUEST_PENDING_DBG_EXCEPTIONS);
	vmcs_writel(GUEST_PENDING_DBG_EXCEPTIONS, 0);
	return kvm_lent_dr6(vcpu, pending & ~PENDING_ENABLED);
}

/**
 * vmx_handle_step() - an exit because of the monitor trap flag
 * @vcpu: has made a step
 *
 * It comes before the traps of the same instruction (26.5.2), which are split here. If the
 * hypervisor in the guest steps its own guest, too, it is told when the vCPU is entered again.
 *
 * Context: the vCPU is loaded.
 * Return: 0 to leave to user space, 1 to go on.
 */
int vmx_handle_step(struct kvm_vcpu *vcpu)
{
	unsigned int steps = KVM_STEP_DEBUGGERS;
	unsigned long traps;

	if (!kvm_steps_apart(vcpu))
		return 1;
	if (hypervisor_wants_it(vcpu)) {
		to_vmx(vcpu)->nested.mtf_pending = true;
		kvm_make_request(KVM_REQ_EVENT, vcpu);
	}
	traps = take_traps(vcpu);
	if (traps & DR_STEP)
		steps |= KVM_STEP_GUESTS;
	return kvm_split_db(vcpu, traps | DR_STEP, steps);
}
