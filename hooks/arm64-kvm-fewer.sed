# file: arch/arm64/kvm/sys_regs.c
# reason: a guest may be given fewer breakpoint registers than there are, by its ID register; those
#	that it does not have are undefined
# expect: +26 -14
# In macros and tables, which a semantic patch does not edit.
s/^#include "trace\.h"$/#include "hw_breakpoint.h"\n&/
/^static int set_id_aa64dfr0_el1\(/,/^\}$/s/^\treturn set_id_reg\(vcpu, rd, val\);$/\tif (!kvm_arm_debug_regs_valid(val))\n\t\treturn -EINVAL;\n\n&/
s/^(\s+)ID_AA64DFR0_EL1_WRPs_MASK \|$/\1ID_AA64DFR0_EL1_BRPs_MASK |\n\1ID_AA64DFR0_EL1_CTX_CMPs_MASK |\n&/
/^\t \* KVM does not trap \+ emulate the breakpoint registers, and as such$/,/^\t \* simplicity\.$/c\
	 * A guest that has fewer is lent them by its own numbers, see\
	 * hw_breakpoint.c.
s/^(\t  .*set_([bw][vc]r|dbg_wb_reg)) \}(.*)$/\1,\t\t\\\n\t  kvm_arm_debug_reg_visibility }\3/
s/(trap_([bw][vc]r|dbg_wb_reg), NULL, n) \}/\1,\t\\\n\t  .visibility = kvm_arm_debug_reg_visibility }/
