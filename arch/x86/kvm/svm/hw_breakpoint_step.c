// SPDX-License-Identifier: GPL-2.0
/*
 * The debugger's single-step of a guest that may step itself (KVM_GUESTDBG_SHARE_HW), on a CPU
 * that has nothing for it but RFLAGS.TF, which is the guest's.
 *
 * TF is set right before the entry and taken back right behind the exit, so nothing in KVM but this
 * file sees it set for the debugger. What is left is what the guest could see of it, and what would
 * end the step:
 *
 *	an exception	is intercepted, whichever it is, and injected
 *	an injection	is entered without TF; an interrupt that pends on this CPU ends the entry
 *			before the handler's first instruction, and that was the step
 *	INT n, INT3	are injected
 *	PUSHF		what it has stored is mended before anybody is told of the step
 *	POPF, IRET	load the guest's own TF; the step ends behind them all the same
 *	SYSCALL		has no TF in its mask meanwhile; R11, where it has stored TF, is mended
 *	SYSRET		loads TF from R11, which has it set meanwhile
 *	MOV SS, POP SS	are emulated, or the step would have another instruction in it
 *
 * SYSCALL and SYSRET trap by what they leave in TF, all others by what it was before.
 *
 * Not tracked: INT1 and INTO; INT n in virtual-8086 mode, behind VMRUN, and where a hypervisor in
 * the guest intercepts it; interrupts and NMIs that the CPU itself delivers to a guest's guest
 * (V_IRQ, virtual NMIs); what MOV SS and POP SS read, if that is watched. DEBUGCTL.BTF, with which
 * TF means branches, is the guest's: the debugger then steps from branch to branch, too.
 *
 * References are to the AMD64 Architecture Programmer's Manual, vol. 2, 13.1.4 and 15.20.
 */

#include <linux/bits.h>
#include <linux/kvm_host.h>
#include <linux/minmax.h>
#include <linux/smp.h>

#include <asm/debugreg.h>
#include <asm/svm.h>

#include <trace/events/ipi.h>

#include "../hw_breakpoint.h"
#include "../x86.h"
#include "hw_breakpoint_insn.h"
#include "hw_breakpoint_series.h"
#include "hw_breakpoint_step.h"
#include "svm.h"

/* Those that push an error code */
#define WITH_ERROR_CODE	(BIT(DF_VECTOR) | BIT(TS_VECTOR) | BIT(NP_VECTOR) | BIT(SS_VECTOR) | \
			 BIT(GP_VECTOR) | BIT(PF_VECTOR) | BIT(AC_VECTOR) | BIT(X86_TRAP_CP))
/* All that an instruction of the guest's raises; #DB and #BP are KVM's */
#define EXCEPTIONS	(WITH_ERROR_CODE | BIT(DE_VECTOR) | BIT(OF_VECTOR) | BIT(BR_VECTOR) | \
			 BIT(UD_VECTOR) | BIT(NM_VECTOR) | BIT(MF_VECTOR) | BIT(XM_VECTOR))

/* A host of 32 bits has no guest in long mode, and nobody asks for R11 there. */
#ifdef CONFIG_X86_64
#define R11	VCPU_REGS_R11
#else
#define R11	VCPU_REGS_RIP
#endif

static void set_tf(struct vcpu_svm *svm, bool on)
{
	svm->vmcb->save.rflags &= ~X86_EFLAGS_TF;
	if (on)
		svm->vmcb->save.rflags |= X86_EFLAGS_TF;
}

/* Nothing is known of the next instruction where an event comes first. */
static bool instruction_is_next(struct kvm_vcpu *vcpu)
{
	return !kvm_event_needs_reinjection(vcpu) && !kvm_is_exception_pending(vcpu);
}

/* Return: whether @len bytes at @address, of one page, could be read. */
static bool fetch(struct kvm_vcpu *vcpu, unsigned long address, u8 *bytes, unsigned int len)
{
	u64 access = to_svm(vcpu)->vmcb->save.cpl == 3 ? PFERR_USER_MASK : 0;
	gpa_t gpa = svm_gpa_to_fetch(vcpu, address, access);

	return gpa != INVALID_GPA && !kvm_vcpu_read_guest_page(vcpu, gpa_to_gfn(gpa), bytes,
							       offset_in_page(gpa), len);
}

/* Return: how many bytes could be read: not all, if the next page is absent. */
static unsigned int fetch_instruction(struct kvm_vcpu *vcpu, u8 *bytes)
{
	unsigned long rip = kvm_get_linear_rip(vcpu);
	unsigned int here = min(PAGE_SIZE - offset_in_page(rip), (unsigned long)KVM_INSN_MAX);

	if (svm_memory_is_encrypted(vcpu) || !fetch(vcpu, rip, bytes, here))
		return 0;
	if (here < KVM_INSN_MAX && fetch(vcpu, rip + here, bytes + here, KVM_INSN_MAX - here))
		return KVM_INSN_MAX;
	return here;
}

static bool is_hypervisors(struct vcpu_svm *svm, u32 intercept)
{
	return is_guest_mode(&svm->vcpu) && vmcb12_is_intercept(&svm->nested.ctl, intercept);
}

/* Where a software interrupt returns to; KVM would find it out by another instruction's exit. */
static void set_next_rip(struct vcpu_svm *svm, unsigned int len)
{
	unsigned long rip = kvm_rip_read(&svm->vcpu) + len;

	if (!is_64_bit_mode(&svm->vcpu))
		rip = (u32)rip;
	svm->next_rip = rip;
	svm->vmcb->control.next_rip = nrips ? rip : 0;
}

/*
 * What was queued, and not delivered, is of an instruction that may not be the next any more: INT n
 * is looked for again, and KVM will look for INT3.
 */
static void forget_soft_events(struct kvm_vcpu *vcpu)
{
	if (is_guest_mode(vcpu))
		return;
	if (vcpu->arch.interrupt.injected && vcpu->arch.interrupt.soft)
		kvm_clear_interrupt_queue(vcpu);
	to_svm(vcpu)->next_rip = 0;
	to_svm(vcpu)->vmcb->control.next_rip = 0;
}

static void inject_int(struct kvm_vcpu *vcpu, const struct kvm_step_insn *insn)
{
	if (is_hypervisors(to_svm(vcpu), INTERCEPT_INTn) || kvm_get_rflags(vcpu) & X86_EFLAGS_VM)
		return;
	set_next_rip(to_svm(vcpu), insn->len);
	kvm_queue_interrupt(vcpu, insn->vector, true);
	kvm_make_request(KVM_REQ_EVENT, vcpu);
}

static void inject_int3(struct kvm_vcpu *vcpu, const struct kvm_step_insn *insn)
{
	if (vcpu->guest_debug & KVM_GUESTDBG_USE_SW_BP)
		return;
	set_next_rip(to_svm(vcpu), insn->len);
	kvm_queue_exception(vcpu, BP_VECTOR);
}

/* Return: as svm_prepare_step(). */
static bool replace(struct kvm_vcpu *vcpu, const struct kvm_step_insn *insn)
{
	switch (insn->what) {
	case KVM_INSN_INT:
		inject_int(vcpu, insn);
		return false;
	case KVM_INSN_INT3:
		inject_int3(vcpu, insn);
		return false;
	case KVM_INSN_LOADS_SS:
		return !kvm_emulate_instruction(vcpu, 0);
	default:
		return false;
	}
}

/**
 * svm_prepare_step() - finds out what the next instruction does with TF, or does it in its place
 * @vcpu: is about to be entered, and its debugger steps it
 *
 * Context: the vCPU is loaded, and the guest's memory can be read. May be called again before the
 * vCPU is entered.
 * Return: true if that was the step, and the vCPU leaves to user space.
 */
bool svm_prepare_step(struct kvm_vcpu *vcpu)
{
	struct kvm_step_insn insn = { };
	u8 bytes[KVM_INSN_MAX];

	forget_soft_events(vcpu);
	if (instruction_is_next(vcpu))
		insn = kvm_step_insn(bytes, fetch_instruction(vcpu, bytes), is_64_bit_mode(vcpu));
	/* in legacy mode they neither store RFLAGS nor load it */
	if (!is_long_mode(vcpu) && (insn.what == KVM_INSN_SYSCALL || insn.what == KVM_INSN_SYSRET))
		insn.what = KVM_INSN_OTHER;
	vcpu->arch.debug_step.insn = insn.what;
	return !svm_vmrun_pends(vcpu) && replace(vcpu, &insn);
}

static void toggle_intercepts(struct vcpu_svm *svm, u32 exceptions)
{
	svm->vmcb->control.intercepts[INTERCEPT_EXCEPTION] ^= exceptions;
	vmcb_mark_dirty(svm->vmcb, VMCB_INTERCEPTS);
}

static unsigned long *r11(struct vcpu_svm *svm)
{
	return &svm->vcpu.arch.regs[R11];
}

/* SYSCALL's mask is in the VMCB of the guest, whoever runs. */
static u64 *mask(struct vcpu_svm *svm)
{
	return &svm->vmcb01.ptr->save.sfmask;
}

static void arm(struct vcpu_svm *svm, struct kvm_debug_step *step)
{
	set_tf(svm, true);
	step->r11_tf = *r11(svm) & X86_EFLAGS_TF;
	step->mask_tf = *mask(svm) & X86_EFLAGS_TF;
	if (step->insn == KVM_INSN_SYSRET)
		*r11(svm) |= X86_EFLAGS_TF;
	if (step->insn == KVM_INSN_SYSCALL)
		*mask(svm) &= ~X86_EFLAGS_TF;
	step->exceptions = EXCEPTIONS & ~svm->vmcb->control.intercepts[INTERCEPT_EXCEPTION];
	toggle_intercepts(svm, step->exceptions);
}

static bool trapped(const struct vcpu_svm *svm)
{
	return svm->vmcb->control.exit_code == SVM_EXIT_EXCP_BASE + DB_VECTOR &&
	       svm->vmcb->save.dr6 & DR_STEP;
}

/* SYSCALL has stored the guest's own TF, and masked it. */
static void finish_syscall(struct vcpu_svm *svm, struct kvm_debug_step *step)
{
	*r11(svm) &= ~X86_EFLAGS_TF;
	if (step->own_tf)
		*r11(svm) |= X86_EFLAGS_TF;
	step->own_tf &= !step->mask_tf;
}

/* The guest's own, behind an instruction that was executed, whose trap comes by &step.own_tf */
static bool loaded_tf(struct vcpu_svm *svm, struct kvm_debug_step *step)
{
	switch (step->insn) {
	case KVM_INSN_LOADS:
		return svm->vmcb->save.rflags & X86_EFLAGS_TF;
	case KVM_INSN_SYSRET:
		step->own_tf = step->r11_tf;
		return step->own_tf;
	case KVM_INSN_SYSCALL:
		finish_syscall(svm, step);
		return step->own_tf;
	default:
		return step->own_tf;
	}
}

/*
 * What was intercepted for the step alone goes to the guest. Nobody else has to know of that exit:
 * it becomes one for an interrupt, which has been handled by the time that it is looked at.
 */
static void give_back(struct vcpu_svm *svm, u32 exceptions)
{
	u64 vector = svm->vmcb->control.exit_code - SVM_EXIT_EXCP_BASE;
	struct kvm_vcpu *vcpu = &svm->vcpu;

	if (vector > 31 || !(exceptions & BIT(vector)))
		return;
	/* a page of the host's is not there yet, and the guest is told: KVM's */
	if (vector == PF_VECTOR && vcpu->arch.apf.host_apf_flags)
		return;
	if (vector == PF_VECTOR)
		vcpu->arch.cr2 = svm->vmcb->control.exit_info_2;
	if (WITH_ERROR_CODE & BIT(vector))
		kvm_queue_exception_e(vcpu, vector, svm->vmcb->control.exit_info_1);
	else
		kvm_queue_exception(vcpu, vector);
	svm->vmcb->control.exit_code = SVM_EXIT_INTR;
}

static void disarm(struct vcpu_svm *svm, struct kvm_debug_step *step)
{
	bool own = trapped(svm) ? loaded_tf(svm, step) : step->own_tf;

	if (step->insn == KVM_INSN_SYSRET && !step->r11_tf)
		*r11(svm) &= ~X86_EFLAGS_TF;
	if (step->insn == KVM_INSN_SYSCALL && step->mask_tf)
		*mask(svm) |= X86_EFLAGS_TF;
	/* KVM's own step, up to where an NMI can be injected, takes TF back by itself. */
	if (!svm->nmi_singlestep)
		set_tf(svm, own);
	toggle_intercepts(svm, step->exceptions);
	give_back(svm, step->exceptions);
}

/*
 * An NMI that the CPU would deliver is injected; it is blocked then by either. Without GIF the CPU
 * does not deliver it, but would inject it.
 */
static void take_virtual_nmi(struct vcpu_svm *svm)
{
	struct vmcb_control_area *control = &svm->vmcb->control;
	u32 nmi = control->int_ctl & (V_NMI_PENDING_MASK | V_NMI_BLOCKING_MASK);

	if (!is_vnmi_enabled(svm) || !gif_set(svm) || nmi != V_NMI_PENDING_MASK ||
	    control->event_inj || control->int_state & SVM_INTERRUPT_SHADOW_MASK ||
	    is_guest_mode(&svm->vcpu))
		return;
	control->int_ctl &= ~V_NMI_PENDING_MASK;
	control->event_inj = SVM_EVTINJ_VALID | SVM_EVTINJ_TYPE_NMI;
	vmcb_mark_dirty(svm->vmcb, VMCB_INTR);
}

/**
 * svm_begin_step() - the entry that follows makes a step
 * @vcpu: its events have been injected
 *
 * Context: interrupts off. svm_end_step() takes it back.
 */
void svm_begin_step(struct kvm_vcpu *vcpu)
{
	struct kvm_debug_step *step = &vcpu->arch.debug_step;
	struct vcpu_svm *svm = to_svm(vcpu);

	take_virtual_nmi(svm);
	step->injects = svm->vmcb->control.event_inj & SVM_EVTINJ_VALID;
	if (step->injects)
		smp_send_reschedule(vcpu->cpu);
	else
		arm(svm, step);
}

/**
 * svm_end_step() - the guest has left
 * @vcpu: was entered behind svm_begin_step()
 *
 * Context: interrupts off; the exit has not been handled.
 * Return: true if an event was delivered, and that was the step.
 */
bool svm_end_step(struct kvm_vcpu *vcpu)
{
	struct kvm_debug_step *step = &vcpu->arch.debug_step;
	struct vcpu_svm *svm = to_svm(vcpu);

	if (step->injects)
		return !(svm->vmcb->control.exit_int_info & SVM_EXITINTINFO_VALID);
	disarm(svm, step);
	return false;
}

/* TF is in the second byte of what PUSHF has stored, whatever its size. */
static void mend_pushed(struct kvm_vcpu *vcpu)
{
	const struct vmcb_seg *ss = &to_svm(vcpu)->vmcb->save.ss;
	unsigned long at = kvm_rsp_read(vcpu) + 1;
	struct x86_exception fault;
	u8 byte;

	if (!is_64_bit_mode(vcpu))
		at = (u32)(ss->base + (ss->attrib & SVM_SELECTOR_DB_MASK ? (u32)at : (u16)at));
	if (kvm_read_guest_virt(vcpu, at, &byte, 1, &fault))
		return;
	byte &= ~(X86_EFLAGS_TF >> 8);
	kvm_write_guest_virt_system(vcpu, at, &byte, 1, &fault);
}

/**
 * svm_split_db() - a #DB of a guest that shares its registers
 * @vcpu: has had it
 * @own_step: KVM has been stepping the guest for itself
 *
 * Context: the vCPU is loaded, and the guest's memory can be written.
 * Return: 0 to leave to user space, 1 to go on.
 */
int svm_split_db(struct kvm_vcpu *vcpu, bool own_step)
{
	struct kvm_debug_step *step = &vcpu->arch.debug_step;
	struct vcpu_svm *svm = to_svm(vcpu);
	unsigned int steps = kvm_whose_step(vcpu);

	if (own_step && !kvm_steps_apart(vcpu))
		steps = 0;
	if (kvm_steps_apart(vcpu) && trapped(svm) && step->insn == KVM_INSN_PUSHF && !step->own_tf)
		mend_pushed(vcpu);
	return kvm_split_db(vcpu, svm->vmcb->save.dr6 ^ DR6_ACTIVE_LOW, steps);
}
