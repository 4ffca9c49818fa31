// file: arch/arm64/kvm/hyp/nvhe/hyp-main.c
// reason: EL2 switches no breakpoint registers, and follows no pointer of the host's to them
// expect: +0 -2
@@ expression hyp_vcpu, host_vcpu; @@
- hyp_vcpu->vcpu.arch.debug_ptr = kern_hyp_va(host_vcpu->arch.debug_ptr);
