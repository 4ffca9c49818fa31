# file: arch/x86/kvm/svm/svm.c
# reason: the entry and exit of an encrypted guest load DR0-DR3 from where no shadow sees it;
#	a guest is not told that a register matches which it does not have; one that is debugged owns
#	none; the VMCB that is current holds the DR7 of whoever is about to run; and a hit is split
#	where guest and debugger share the registers. A debugger who shares them steps the guest beside
#	the guest's own TF, which KVM's own step takes back with its own
# expect: +18 -1
s/^#include "x86.h"$/&\n#include "hw_breakpoint.h"/
s/^#include "svm_ops.h"$/#include "hw_breakpoint_step.h"\n&/
s/^\t\.enable_irq_window = .*$/&\n\t.prepare_step = svm_prepare_step,\n\t.begin_step = svm_begin_step,\n\t.end_step = svm_end_step,/
/^void disable_nmi_singlestep\(/,/^\}$/s/\(svm->vcpu\.guest_debug & KVM_GUESTDBG_SINGLESTEP\)/kvm_steps_by_tf(\&svm->vcpu)/
/^void svm_switch_vmcb\(/,/^\}$/s/^\}$/\tkvm_update_dr7(\&svm->vcpu);\n&/
/^static void svm_update_exception_bitmap\(/,/^\}$/s/^\}$/\tif (vcpu->guest_debug \&\& kvm_disown_debug_regs(vcpu))\n\t\tset_dr_intercepts(svm);\n&/
/^static .* svm_vcpu_run\(/,/^\}$/{
	/^\tif \(!(sev_es_guest\(vcpu->kvm\)|is_sev_es_guest\(vcpu\))\) \{$/,/^\t\}$/s/^\t\}$/\t} else {\n\t\thw_breakpoint_forget();\n\t}/
}
/^static int db_interception\(/,/^\}$/{
	s/^\tstruct vcpu_svm \*svm = to_svm\(vcpu\);$/&\n\tbool own_step = svm->nmi_singlestep \&\&\n\t\t\t!(svm->nmi_singlestep_guest_rflags \& X86_EFLAGS_TF);\n\n\tsvm_set_dr6(vcpu, kvm_lent_dr6(vcpu, svm->vmcb->save.dr6));/
	s/^\tif \(vcpu->guest_debug &$/\tif (kvm_shares_debug_regs(vcpu))\n\t\treturn svm_split_db(vcpu, own_step);\n\n&/
}
