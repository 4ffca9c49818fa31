// file: arch/x86/kvm/vmx/nested.c
// reason: DR7 is switched on in one place; cpu_dr7 may be what an NMI is about to change. Later
//	kernels do not enter a guest only to see whether its hypervisor's VMCS is good
// expect: +1 -2
@@ @@
- if (hw_breakpoint_active())
- 	set_debugreg(__this_cpu_read(cpu_dr7), 7);
+ hw_breakpoint_take_back();
