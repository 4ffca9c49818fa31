# file: arch/x86/kvm/vmx/vmx.c
# reason: a guest is not told that a register it has not enabled matches, which may be the host's
# expect: +2 -1
s/^#include "x86.h"$/&\n#include "hw_breakpoint.h"/
s/^(\t\tdr6 = )vmx_get_exit_qual\(vcpu\);$/\1kvm_lent_dr6(vmx_get_exit_qual(vcpu), vmcs_readl(GUEST_DR7));/
