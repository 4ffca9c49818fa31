# file: arch/x86/kvm/svm/nested.c
# reason: DR6 and DR7 of the vCPU are those of its guest while that runs, as with VMX: what
#	KVM_SET_GUEST_DEBUG, KVM_GET_DEBUGREGS and the loan look at; also where the hypervisor says
#	that it has not changed them in the VMCB. And it is not given back a debugger's DR7
# expect: +5 -7 or +5 -6
/^static void nested_vmcb02_prepare_save\(/,/^\}$/{
	/^\t\/\* These bits will be set properly .*$/d
	/^\tif \(.*VMCB_DR\)\)\) \{$/,/^\t\}$/{
		s|^\tif .*$|\t/* Whatever is clean in vmcb12: the registers are of the hypervisor's by now */|
		/vmcb_mark_dirty/d
		s/^\t\tvmcb02->save\.dr7 = /\tsvm->vcpu.arch.dr7 = /
		s/^\t\tsvm->vcpu\.arch\.dr6  = /\tsvm->vcpu.arch.dr6 = /
		s/^\t\}$/\tkvm_update_dr7(\&svm->vcpu);/
	}
}
/^(static )?int nested_svm_vmexit(_update_vmcb12)?\(/,/^\}$/s/^(\tvmcb12->save\.dr7    = )vmcb02->save\.dr7;$/\1vcpu->arch.dr7;/
