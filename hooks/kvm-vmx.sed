# file: arch/x86/kvm/vmx/vmx.c
# reason: a guest is not told that a register matches which it does not have; and one that is
#	debugged owns none
# expect: +5 -1
s/^#include "x86.h"$/&\n#include "hw_breakpoint.h"/
s/^(\t\tdr6 = )vmx_get_exit_qual\(vcpu\);$/\1kvm_lent_dr6(vcpu, vmx_get_exit_qual(vcpu));/
/^void vmx_update_exception_bitmap\(/,/^\}$/s/^\}$/\n\tif (vcpu->guest_debug \&\& kvm_disown_debug_regs(vcpu))\n\t\texec_controls_setbit(to_vmx(vcpu), CPU_BASED_MOV_DR_EXITING);\n&/
