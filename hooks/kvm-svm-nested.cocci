// file: arch/x86/kvm/svm/nested.c
// reason: the breakpoints of a guest's guest are enabled in its VMCB alone; without this flag its DR7
//	is loaded, and the addresses are not
// expect: +2 -0
@@ expression svm, vmcb02; @@
  if (...) {
  	vmcb02->save.dr7 = svm->nested.save.dr7 | DR7_FIXED_1;
  	...
  }
+ if (vmcb02->save.dr7 & DR7_BP_EN_MASK)
+ 	svm->vcpu.arch.switch_db_regs |= KVM_DEBUGREG_BP_ENABLED;
