/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of KVM's structures that arch/x86/kvm/svm/hw_breakpoint_step.c looks at. */
#ifndef _SHIM_KVM_SVM_H
#define _SHIM_KVM_SVM_H

enum {
	DE_VECTOR = 0, BP_VECTOR = 3, OF_VECTOR, BR_VECTOR, UD_VECTOR, NM_VECTOR, DF_VECTOR,
	TS_VECTOR = 10, NP_VECTOR, SS_VECTOR, GP_VECTOR, PF_VECTOR, MF_VECTOR = 16, AC_VECTOR,
	MC_VECTOR, XM_VECTOR, X86_TRAP_CP = 21,
};

#define VCPU_REGS_R11		11
#define KVM_REQ_EVENT		6
#define SVM_EXIT_EXCP_BASE	0x40
#define SVM_EXIT_INTR		0x60
#define SVM_EVTINJ_VALID	BIT(31)
#define SVM_EXITINTINFO_VALID	BIT(31)
#define SVM_EVTINJ_TYPE_NMI	(2 << 8)
#define SVM_INTERRUPT_SHADOW_MASK	BIT(0)
#define SVM_SELECTOR_DB_MASK	BIT(10)
#define V_NMI_PENDING_MASK	BIT(11)
#define V_NMI_BLOCKING_MASK	BIT(12)
#define VMCB_INTR		3
#define PFERR_USER_MASK		BIT(2)
#define INVALID_GPA		(~0ull)
#define INTERCEPT_INTn		109

typedef u64 gpa_t;

#define VMCB_INTERCEPTS		0
enum { INTERCEPT_EXCEPTION = 2, SHIM_INTERCEPTS };

struct vmcb_ctrl_area_cached {
	u32	intercepts[4];
};

struct vmcb_seg {
	u16	attrib;
	u64	base;
};

struct vmcb_control_area {
	u32	intercepts[SHIM_INTERCEPTS];
	u32	event_inj, exit_int_info, int_ctl, int_state;
	u64	exit_code, exit_info_1, exit_info_2, next_rip;
};

struct vmcb {
	struct vmcb_control_area	control;
	struct {
		u64		rflags, dr6, sfmask;
		u8		cpl;
		struct vmcb_seg	ss;
	} save;
};

/*
 * @pends: an event does; @vector, @error: the exception that is queued, -1: none. @bytes: what can
 * be fetched at the instruction pointer, @readable of them; @stack: a byte of the guest's, at
 * @stack_at
 */
struct vcpu_svm {
	struct kvm_vcpu	vcpu;
	struct vmcb	*vmcb;
	struct {
		struct vmcb	*ptr;
	} vmcb01;
	bool		nmi_singlestep, pends, vmrun_pends, guest_mode, long_mode, legacy, emulated;
	bool		vnmi, no_gif, encrypted;
	int		vector;
	long		error;
	unsigned int	readable;
	const u8	*bytes;
	unsigned long	next_rip, rsp, stack_at;
	u64		access;
	u8		stack;
	struct {
		struct vmcb_ctrl_area_cached	ctl;
	} nested;
};

struct x86_exception {
	u8	vector;
};

static inline struct vcpu_svm *to_svm(struct kvm_vcpu *vcpu)
{
	return container_of(vcpu, struct vcpu_svm, vcpu);
}

static inline gpa_t svm_gpa_to_fetch(struct kvm_vcpu *vcpu, unsigned long address, u64 access)
{
	to_svm(vcpu)->access = access;
	return address - vcpu->rip < to_svm(vcpu)->readable ? address : INVALID_GPA;
}

/* All of it or nothing, as the kernel's */
static inline int kvm_vcpu_read_guest_page(struct kvm_vcpu *vcpu, u64 gfn, void *to,
					   unsigned long offset, unsigned int len)
{
	unsigned long from = (gfn << 12 | offset) - vcpu->rip;

	if (from + len > to_svm(vcpu)->readable)
		return -EFAULT;
	memcpy(to, to_svm(vcpu)->bytes + from, len);
	return 0;
}

static inline int kvm_read_guest_virt(struct kvm_vcpu *vcpu, unsigned long address, void *to,
				      unsigned int len, struct x86_exception *fault)
{
	(void)fault;
	if (address != to_svm(vcpu)->stack_at || len != 1)
		return -EFAULT;
	*(u8 *)to = to_svm(vcpu)->stack;
	return 0;
}

static inline int kvm_write_guest_virt_system(struct kvm_vcpu *vcpu, unsigned long address,
					      void *from, unsigned int len,
					      struct x86_exception *fault)
{
	(void)fault;
	if (address != to_svm(vcpu)->stack_at || len != 1)
		return -EFAULT;
	to_svm(vcpu)->stack = *(u8 *)from;
	return 0;
}

static inline void kvm_queue_interrupt(struct kvm_vcpu *vcpu, u8 vector, bool soft)
{
	vcpu->arch.interrupt.injected = true;
	vcpu->arch.interrupt.soft = soft;
	vcpu->arch.interrupt.nr = vector;
}

static inline void kvm_clear_interrupt_queue(struct kvm_vcpu *vcpu)
{
	vcpu->arch.interrupt.injected = false;
}

extern int nrips;

#define svm_memory_is_encrypted(v)	(to_svm(v)->encrypted)
#define gpa_to_gfn(gpa)			((gpa) >> 12)
#define kvm_rip_read(v)			((v)->rip)
#define kvm_rsp_read(v)			(to_svm(v)->rsp)
#define is_long_mode(v)			(!to_svm(v)->legacy)
#define is_vnmi_enabled(svm)		((svm)->vnmi)
#define gif_set(svm)			(!(svm)->no_gif)
#define offset_in_page(address)		((unsigned long)(address) & (PAGE_SIZE - 1))
#define kvm_event_needs_reinjection(v)	(to_svm(v)->pends || (v)->arch.interrupt.injected)
#define kvm_is_exception_pending(v)	(to_svm(v)->vector >= 0)
#define svm_vmrun_pends(v)		(to_svm(v)->vmrun_pends)
#define is_guest_mode(v)		(to_svm(v)->guest_mode)
#define is_64_bit_mode(v)		(to_svm(v)->long_mode)
#define vmcb12_is_intercept(ctl, bit)	((ctl)->intercepts[(bit) / 32] >> (bit) % 32 & 1)
#define vmcb_mark_dirty(vmcb, bit)	((void)(vmcb))
#define smp_send_reschedule(cpu)	shim_kicks(cpu)
#define kvm_queue_exception_e(v, n, e)	((void)(to_svm(v)->vector = (n), to_svm(v)->error = (e)))
#define kvm_queue_exception(v, n)	((void)(to_svm(v)->vector = (n), to_svm(v)->error = -1))
/* 0: to user space, with the step that is over */
#define kvm_emulate_instruction(v, t)	(to_svm(v)->emulated = true, 0)

void shim_kicks(int cpu);

#endif
