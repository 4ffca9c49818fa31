# file: arch/arm64/kvm/handle_exit.c
# reason: a debug exception of a guest that shares its debug registers with its debugger may be the
#	guest's own; what is told of those that rest stays
# expect: +5 -1
# With the address of a local variable, which a semantic patch does not bind by itself.
s/^#include "trace_handle_exit.h"$/&\n#include "hw_breakpoint.h"/
/^static int kvm_handle_guest_debug\(/,/^\}$/s/^\trun->exit_reason = KVM_EXIT_DEBUG;$/\tif (kvm_shares_debug_regs(vcpu) \&\& kvm_arm_guests_debug_exception(vcpu, \&esr))\n\t\treturn 1;\n\n&/
/^static int kvm_handle_guest_debug\(/,/^\}$/s/^(\trun->flags )=( KVM_DEBUG_ARCH_HSR_HIGH_VALID;)$/\1|=\2/
