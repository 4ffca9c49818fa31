// file: arch/x86/kvm/x86.c
// reason: the guest's DR0-DR3 replace what the shadow says of the registers
// expect: +1 -0
@@ expression vcpu; @@
+ hwbp_invalidate();
  set_debugreg(vcpu->arch.eff_db[0], 0);
