// file: arch/x86/kvm/vmx/nested.c
// reason: whether accesses of debug registers exit is in the VMCS that is loaded. And a hypervisor
//	in the guest is not told that a register matches which its guest does not have
// expect: +5 -0
@@ @@
  #include "x86.h"
+ #include "hw_breakpoint.h"

@@ identifier vmx, vmcs, vcpu; @@
  vmx_switch_vmcs(struct kvm_vcpu *vcpu, ...)
  {
  	...
  	if (WARN_ON_ONCE(vmx->loaded_vmcs == vmcs))
  		return;
+ 	if (kvm_disown_debug_regs(vcpu))
+ 		exec_controls_setbit(vmx, CPU_BASED_MOV_DR_EXITING);
  	...
  }

@@ identifier exit_qual, vcpu; @@
  nested_vmx_reflect_vmexit(...)
  {
  	<...
  	exit_qual = vmx_get_exit_qual(vcpu);
+ 	if (is_debug(exit_intr_info))
+ 		exit_qual = kvm_lent_dr6(vcpu, exit_qual);
  	...>
  }
