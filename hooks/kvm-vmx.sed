# file: arch/x86/kvm/vmx/vmx.c
# reason: a guest is not told that a register matches which it does not have; and one that is
#	debugged owns none; where guest and debugger share them a hit is split, and GD is the guest's
# expect: +10 -3
s/^#include "x86.h"$/&\n#include "hw_breakpoint.h"/
s/^(\t\tdr6 = )vmx_get_exit_qual\(vcpu\);$/\1kvm_lent_dr6(vcpu, vmx_get_exit_qual(vcpu));\n\t\tif (kvm_shares_debug_regs(vcpu) \&\& !is_icebp(intr_info))\n\t\t\treturn kvm_split_db(vcpu, dr6, false);/
/^\t\tif \(!\(vcpu->guest_debug &$/{
	N
	s/^([^\n]*\n[^\n]*)\)\) \{$/\1) ||\n\t\t    kvm_shares_debug_regs(vcpu)) {/
}
/^static int handle_dr\(/,/^\}$/s/\(vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP\)/(kvm_debugger_has_debug_regs(vcpu))/
/^void vmx_update_exception_bitmap\(/,/^\}$/s/^\}$/\n\tif (vcpu->guest_debug \&\& kvm_disown_debug_regs(vcpu))\n\t\texec_controls_setbit(to_vmx(vcpu), CPU_BASED_MOV_DR_EXITING);\n&/
