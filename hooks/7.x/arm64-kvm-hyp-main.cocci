// file: arch/arm64/kvm/hyp/nvhe/hyp-main.c
// reason: EL2 reads no breakpoint registers; but what the host lends at the next entry goes by
//	MDSCR_EL1, which the guest may have written without a trap while it owned them all
// expect: +1 -1
@@ expression hyp_vcpu, host_vcpu; @@
- host_vcpu->arch.vcpu_debug_state = hyp_vcpu->vcpu.arch.vcpu_debug_state;
+ host_vcpu->arch.ctxt.sys_regs[MDSCR_EL1] = hyp_vcpu->vcpu.arch.ctxt.sys_regs[MDSCR_EL1];
