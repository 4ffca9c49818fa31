/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of KVM's structures that arch/arm64/kvm/hw_breakpoint.[ch] look at. */
#ifndef _SHIM_KVM_ARM64_H
#define _SHIM_KVM_ARM64_H

#include "kvm.h"

#define MDCR_EL2_TDE	BIT(8)
#define MDCR_EL2_TDA	BIT(9)

#define KVM_GUESTDBG_USE_HW	BIT(17)

/* As in asm/esr.h */
#define ESR_ELx_EC_SHIFT	26
#define ESR_ELx_EC(esr)		((esr) >> ESR_ELx_EC_SHIFT & 0x3f)
#define ESR_ELx_EC_BREAKPT_LOW	0x30
#define ESR_ELx_EC_SOFTSTP_LOW	0x32
#define ESR_ELx_EC_WATCHPT_LOW	0x34
#define ESR_ELx_EC_BRK64	0x3c
#define ESR_ELx_IL		BIT(25)
#define KVM_DEBUG_ARCH_HSR_HIGH_VALID	BIT(0)
#define lower_32_bits(v)	((u32)(v))
#define upper_32_bits(v)	((u32)((v) >> 32))

/* Nobody looks at what of MDCR_EL2 is in the CPU. */
#define has_vhe()	true
#define shim_write_mdcr_el2(val)	((void)(val))

struct kvm_guest_debug_arch {
	u64	dbg_bcr[ARM_MAX_BRP];
	u64	dbg_bvr[ARM_MAX_BRP];
	u64	dbg_wcr[ARM_MAX_WRP];
	u64	dbg_wvr[ARM_MAX_WRP];
};

#define KVM_GUESTDBG_VALID_MASK	(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP |	\
				 KVM_GUESTDBG_USE_SW_BP | KVM_GUESTDBG_USE_HW |		\
				 KVM_GUESTDBG_SHARE_HW | KVM_GUESTDBG_EXIT_REST)

struct kvm_guest_debug {
	u32				control, pad;
	struct kvm_guest_debug_arch	arch;
};

struct kvm_run {
	u32	exit_reason;
	u16	flags;
	struct {
		struct {
			u32	hsr, hsr_high;
		} arch;
	} debug;
};

/* System registers that are asked for */
enum { MDSCR_EL1, ESR_EL1, FAR_EL1, VBAR_EL1, ELR_EL1, SPSR_EL1, SHIM_SYS_REGS };
enum { EXCEPT_NONE, EXCEPT_AA64_EL1_SYNC };

/* @dfr0: ID_AA64DFR0_EL1 of its guests, if @arch.flags says so */
struct kvm {
	u64	dfr0;
	struct {
		unsigned long	flags;
	} arch;
};

#define KVM_ARCH_FLAG_ID_REGS_INITIALIZED	7
#define test_bit(n, of)			(!!(*(of) & BIT(n)))
#define kvm_read_vm_id_reg(kvm, reg)	((kvm)->dfr0)

/* As in sys_regs.h */
struct sys_reg_desc {
	u8	CRm, Op2;
};

#define REG_HIDDEN	BIT(0)

/* What any kernel has: debug_dirty and debug_ptr, or debug_owner */
struct kvm_vcpu {
	SHIM_KVM_VCPU;
	struct kvm	*kvm;
	bool	no_sharing;
	bool	os_lock;
	bool	skips;		/* the instruction that KVM has emulated */
	bool	step_is_over;	/* and the exception of it has not come */
	bool	guest_pends;	/* 7.x: the guest's PSTATE.SS is clear, the vCPU has another */
	bool	initialized;
	int	cpu;
	u64	pc, cpsr, esr;
	int	pended;
	struct {
		u64	mdcr_el2;
		u64	sys_regs[SHIM_SYS_REGS];
		struct {
			u64	mdscr_el1;
		} guest_debug_preserved;
		struct {
			u64	far_el2;
		} fault;
		u64	external_mdscr_el1;
		bool	debug_dirty;
		struct kvm_guest_debug_arch *debug_ptr;
		enum {
			VCPU_DEBUG_FREE,
			VCPU_DEBUG_HOST_OWNED,
			VCPU_DEBUG_GUEST_OWNED,
		} debug_owner;
		struct kvm_guest_debug_arch vcpu_debug_state;
		struct kvm_guest_debug_arch external_debug_state;
	} arch;
};

#define vcpu_read_sys_reg(vcpu, reg)	((vcpu)->arch.sys_regs[reg])
#define __vcpu_sys_reg(vcpu, reg)	((vcpu)->arch.sys_regs[reg])
#define vcpu_write_sys_reg(vcpu, val, reg) ((void)((vcpu)->arch.sys_regs[reg] = (val)))
#define vcpu_pc(vcpu)			(&(vcpu)->pc)
#define vcpu_cpsr(vcpu)			(&(vcpu)->cpsr)
#define vcpu_mode_priv(vcpu)		(((vcpu)->cpsr & 0xf) != 0)
#define kvm_vcpu_get_esr(vcpu)		((vcpu)->esr)
#define kvm_pend_exception(vcpu, e)	((void)((vcpu)->pended = (e)))
#define kvm_vcpu_os_lock_enabled(vcpu)	((vcpu)->os_lock)
#define kvm_vcpu_initialized(vcpu)	((vcpu)->initialized)
#define vcpu_is_protected(vcpu)		((vcpu)->no_sharing)
#define vcpu_has_nv(vcpu)		false
#define vcpu_el1_is_32bit(vcpu)		false
#define vcpu_get_flag(vcpu, flag)	shim_get_##flag(vcpu)
#define shim_get_DEBUG_DIRTY(vcpu)	((vcpu)->arch.debug_dirty)
#define shim_get_PENDING_EXCEPTION(vcpu)	((vcpu)->pended != EXCEPT_NONE)
#define shim_get_INCREMENT_PC(vcpu)	((vcpu)->skips)
#define shim_get_DBG_SS_ACTIVE_PENDING(vcpu)	((vcpu)->step_is_over)
#define shim_get_HOST_SS_ACTIVE_PENDING(vcpu)	((vcpu)->step_is_over)
#define shim_get_GUEST_SS_ACTIVE_PENDING(vcpu)	((vcpu)->guest_pends)
#define vcpu_set_flag(vcpu, flag)	shim_set_##flag(vcpu, true)
#define vcpu_clear_flag(vcpu, flag)	shim_set_##flag(vcpu, false)
#define shim_set_DEBUG_DIRTY(vcpu, to)	((void)((vcpu)->arch.debug_dirty = (to)))
#define shim_set_DBG_SS_ACTIVE_PENDING(vcpu, to)	((void)((vcpu)->step_is_over = (to)))
#define shim_set_HOST_SS_ACTIVE_PENDING(vcpu, to)	((void)((vcpu)->step_is_over = (to)))
#define shim_set_GUEST_SS_ACTIVE_PENDING(vcpu, to)	((void)((vcpu)->guest_pends = (to)))
#define kvm_host_owns_debug_regs(vcpu)	((vcpu)->arch.debug_owner == VCPU_DEBUG_HOST_OWNED)
#define kvm_guest_owns_debug_regs(vcpu)	((vcpu)->arch.debug_owner == VCPU_DEBUG_GUEST_OWNED)

/* A debug register was written, and that was trapped. */
static inline void shim_trapped(struct kvm_vcpu *vcpu)
{
	vcpu->arch.debug_dirty = true;
	if (!kvm_host_owns_debug_regs(vcpu))
		vcpu->arch.debug_owner = VCPU_DEBUG_GUEST_OWNED;
}

/*
 * What vcpu->guest_debug makes the entry load. @mdscr: the guest's own MDSCR_EL1. 6.12 sets in it
 * what is returned. 7.x has another in its place, in which nothing of the guest's fires, unless
 * the debugger shares the registers.
 */
static inline u64 shim_debug(struct kvm_vcpu *vcpu, u64 mdscr)
{
	bool hw = vcpu->guest_debug & KVM_GUESTDBG_USE_HW;
	u64 debugger = (hw ? MDSCR_EL1_MDE : 0) |
		       (vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP ? MDSCR_EL1_SS : 0);

	vcpu->arch.debug_ptr = hw ? &vcpu->arch.external_debug_state :
				    &vcpu->arch.vcpu_debug_state;
	vcpu->arch.guest_debug_preserved.mdscr_el1 = mdscr;
	vcpu->arch.sys_regs[MDSCR_EL1] = mdscr;

	if (vcpu->guest_debug)
		vcpu->arch.debug_owner = VCPU_DEBUG_HOST_OWNED;
	else if (kvm_host_owns_debug_regs(vcpu))
		vcpu->arch.debug_owner = VCPU_DEBUG_FREE;
	vcpu->arch.external_mdscr_el1 = debugger | (hw ? MDSCR_EL1_KDE : 0);
	if (vcpu->guest_debug & KVM_GUESTDBG_SHARE_HW)
		vcpu->arch.external_mdscr_el1 |= MDSCR_EL1_MDE | MDSCR_EL1_KDE;
	return debugger;
}

/* 7.x: while the vCPU is loaded and stepped its PSTATE.SS is the debugger's. */
static inline void kvm_arch_vcpu_load(struct kvm_vcpu *vcpu, int cpu)
{
	vcpu->cpu = cpu;
	if (!(vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP))
		return;
	vcpu->guest_pends = !(vcpu->cpsr & DBG_SPSR_SS);
	vcpu->cpsr = (vcpu->cpsr & ~DBG_SPSR_SS) | (vcpu->step_is_over ? 0 : DBG_SPSR_SS);
}

static inline void kvm_arch_vcpu_put(struct kvm_vcpu *vcpu)
{
	vcpu->cpu = -1;
	if (!(vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP))
		return;
	vcpu->step_is_over = !(vcpu->cpsr & DBG_SPSR_SS);
	vcpu->cpsr = (vcpu->cpsr & ~DBG_SPSR_SS) | (vcpu->guest_pends ? 0 : DBG_SPSR_SS);
}

#endif
