# file: arch/x86/include/asm/kvm_host.h
# reason: which debug registers a vCPU has is decided from one DR7, the one that kvm_update_dr7()
#	loads; and it is kept which it had when it ran last, and what its debugger has set beside it.
#	A VM may have to leave some to debuggers
# expect: +7 -0
s/^\tKVM_DEBUGREG_WONT_EXIT\t*\s=\s(2|BIT\(1\)),$/&\
	\/* It is encrypted: nothing exits, whatever it does with them *\/\
	KVM_DEBUGREG_ENCRYPTED = 8,\
	\/* B0 to B3 of those that it had when it ran last *\/\
	KVM_DEBUGREG_LENT = 0xf0,/
s/^\tunsigned long eff_db\[KVM_NR_DB_REGS\];$/&\
	unsigned long eff_dr7;/
s/^\tbool has_protected_state;$/&\n\tu8 debug_regs_kept;/
s/^\tunsigned long guest_debug_dr7;$/\tunsigned long guest_debug_db[KVM_NR_DB_REGS];\n&/
