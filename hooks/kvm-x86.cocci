// file: arch/x86/kvm/x86.c
// reason: nothing of the host's fires around a guest; a debugger's NMI in between loses nothing;
//	what counts in user mode alone is armed when the vCPU is put
// expect: +4 -3
@@ expression lent; @@
  if (unlikely(lent)) {
  	...
  } else if (unlikely(hw_breakpoint_active())) {
- 	set_debugreg(DR7_FIXED_1, 7);
+ 	hw_breakpoint_silence();
  }

@@ @@
- if (hw_breakpoint_active())
- 	hw_breakpoint_restore();
+ hw_breakpoint_take_back();

@@ expression vcpu, cpu; @@
  kvm_x86_call(vcpu_load)(vcpu, cpu);
+ hw_breakpoint_expect_guests();

@@ expression vcpu; @@
  kvm_x86_call(vcpu_put)(vcpu);
+ hw_breakpoint_rearm();
