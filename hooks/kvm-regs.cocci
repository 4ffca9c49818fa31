// file: arch/x86/kvm/regs.c
// reason: the DR7 that is loaded, for whoever has to know which registers it enables
// expect: +1 -0
@@ expression vcpu, dr7; @@
  kvm_x86_call(set_dr7)(vcpu, dr7);
+ vcpu->arch.eff_dr7 = dr7;
