# file: arch/x86/kvm/vmx/vmx.c
# reason: a guest is not told that a register matches which it does not have; and one that is
#	debugged owns none; where guest and debugger share them a hit is split, and GD is the guest's.
#	The debugger's step is the monitor trap flag there, and TF the guest's
# expect: +17 -5
s/^#include "x86.h"$/&\n#include "hw_breakpoint.h"/
s/^#include "x86_ops.h"$/#include "hw_breakpoint_step.h"\n&/
/^static int handle_monitor_trap\(/,/^\}$/s/^\treturn 1;$/\treturn vmx_handle_step(vcpu);/
/^\t\/\* When single-stepping over STI and MOV SS, we must clear the$/,/^\t\tvmx_set_interrupt_shadow/s/\(vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP\)/(kvm_steps_by_tf(vcpu))/
s/^\tif \(!cpu_has_vmx_tpr_shadow\(\)\)$/\tif (!(vmcs_config.cpu_based_exec_ctrl \& CPU_BASED_MONITOR_TRAP_FLAG))\n\t\tvt_x86_ops.begin_step = NULL;\n\n&/
s/^(\t\tdr6 = )vmx_get_exit_qual\(vcpu\);$/\1kvm_lent_dr6(vcpu, vmx_get_exit_qual(vcpu));\n\t\tif (kvm_shares_debug_regs(vcpu) \&\& !is_icebp(intr_info))\n\t\t\treturn kvm_split_db(vcpu, dr6, kvm_steps_apart(vcpu) ?\n\t\t\t\t\t    KVM_STEP_GUESTS : kvm_whose_step(vcpu));/
/^\t\tif \(!\(vcpu->guest_debug &$/{
	N
	s/^([^\n]*\n[^\n]*)\)\) \{$/\1) ||\n\t\t    kvm_shares_debug_regs(vcpu)) {/
}
/^static int handle_dr\(/,/^\}$/s/\(vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP\)/(kvm_debugger_has_debug_regs(vcpu))/
/^void vmx_update_exception_bitmap\(/,/^\}$/s/^\}$/\n\tif (vcpu->guest_debug \&\& kvm_disown_debug_regs(vcpu))\n\t\texec_controls_setbit(to_vmx(vcpu), CPU_BASED_MOV_DR_EXITING);\n&/
