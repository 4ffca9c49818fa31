# file: arch/x86/include/asm/kvm_host.h
# reason: which debug registers a vCPU has is decided from one DR7, the one that kvm_update_dr7()
#	loads; and it is kept which it had when it ran last, and what its debugger has set beside it.
#	A VM may have to leave some to debuggers. How a debugger's steps are made beside the guest's
#	own is the back end's
# expect: +18 -0
s/^\tKVM_DEBUGREG_WONT_EXIT\t*\s=\s(2|BIT\(1\)),$/&\
	\/* It is encrypted: nothing exits, whatever it does with them *\/\
	KVM_DEBUGREG_ENCRYPTED = 8,\
	\/* B0 to B3 of those that it had when it ran last *\/\
	KVM_DEBUGREG_LENT = 0xf0,\
	\/* Its debugger steps it, and it has RFLAGS.TF for itself *\/\
	KVM_DEBUGREG_STEPS = 0x100,/
s/^\tunsigned long eff_db\[KVM_NR_DB_REGS\];$/&\
	unsigned long eff_dr7;/
s/^\tbool has_protected_state;$/&\n\tu8 debug_regs_kept;/
s/^\tunsigned long guest_debug_dr7;$/\tunsigned long guest_debug_db[KVM_NR_DB_REGS];\
&\
	\/* The step that the debugger makes: see kvm\/hw_breakpoint.h *\/\
	struct kvm_debug_step {\
		u32 exceptions;\
		u8 insn;\
		bool own_tf, r11_tf, mask_tf, injects;\
	} debug_step;/
s/^\tvoid \(\*enable_irq_window\)\(struct kvm_vcpu \*vcpu\);$/&\
	bool (*prepare_step)(struct kvm_vcpu *vcpu);\
	void (*begin_step)(struct kvm_vcpu *vcpu);\
	bool (*end_step)(struct kvm_vcpu *vcpu);/
