// file: arch/x86/kvm/vmx/nested.c
// reason: DR7 is switched on in one place; cpu_dr7 may be what an NMI is about to change. Whether
//	accesses of debug registers exit is in the VMCS that is loaded. And a hypervisor in the guest
//	is not told that a register matches which its guest does not have
// expect: +6 -2
@@ @@
  #include "x86.h"
+ #include "hw_breakpoint.h"

@@ @@
- if (hw_breakpoint_active())
- 	set_debugreg(__this_cpu_read(cpu_dr7), 7);
+ hw_breakpoint_take_back();

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
