# file: arch/x86/kvm/svm/sev.c
# reason: an encrypted guest reads and writes DR0-DR3 without an exit, or makes the hardware switch
#	them; and its exit loads DR7 with what the host had
# expect: +1 -0
/^static void sev_es_init_vmcb\(/,/^\}$/{
	s/^\tvmcb->control\.intercepts\[INTERCEPT_DR\] = 0;$/&\n\tsvm->vcpu.arch.switch_db_regs = KVM_DEBUGREG_ENCRYPTED;/
}
