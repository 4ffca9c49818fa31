# file: arch/arm64/kvm/hyp/include/hyp/sysreg-sr.h
# reason: a 32-bit guest's vector catch is on with MDE, which no longer makes it the registers' owner
# expect: +3 -1
# In a long line, which a semantic patch does not break.
/^\tif \(has_vhe\(\) \|\| (vcpu_get_flag\(vcpu, DEBUG_DIRTY\)|kvm_debug_regs_in_use\(vcpu\))\)$/{
	N
	s/^([^\n]*)\)(\n\t\twrite_sysreg\(__vcpu_sys_reg\(vcpu, DBGVCR32_EL2\), dbgvcr32_el2\);)$/\t\/* The vector catch is on with MDE, whoever owns the registers. *\/\n\1 ||\n\t    __vcpu_sys_reg(vcpu, MDSCR_EL1) \& MDSCR_EL1_MDE)\2/
}
