# file: arch/x86/kvm/x86.c
# reason: where the instruction emulator looks for a debugger's breakpoints itself it finds those of
#	both, if the debugger shares the registers, and splits the hit
# expect: +11 -0
# Statements behind the declarations of an inner block, where a semantic patch adds an empty line.
/^static bool kvm_vcpu_check_code_breakpoint\(/,/^\}$/s/^\t+\s*vcpu->arch.eff_db\);$/&\
\
		if (kvm_shares_debug_regs(vcpu)) {\
			dr6 = kvm_vcpu_check_hw_bp(eip, 0, vcpu->arch.eff_dr7,\
						   vcpu->arch.eff_db);\
			if (!dr6 || kvm_is_code_breakpoint_inhibited(vcpu))\
				return false;\
			*r = kvm_split_db(vcpu, dr6, 0);\
			return true;\
		}/
/^static int kvm_vcpu_do_singlestep\(struct kvm_vcpu \*vcpu\)$/,/^\}$/s/^\tif \(vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP\) \{$/\tif (kvm_shares_debug_regs(vcpu))\n\t\treturn kvm_split_db(vcpu, DR_STEP, kvm_whose_step(vcpu));\n&/
