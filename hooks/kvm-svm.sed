# file: arch/x86/kvm/svm/svm.c
# reason: the entry and exit of an encrypted guest load DR0-DR3 from where no shadow sees it;
#	and a guest is not told that a register it has not enabled matches, which may be the host's
# expect: +5 -0
s/^#include "x86.h"$/&\n#include "hw_breakpoint.h"/
/^static .* svm_vcpu_run\(/,/^\}$/{
	/^\tif \(!sev_es_guest\(vcpu->kvm\)\) \{$/,/^\t\}$/s/^\t\}$/\t} else {\n\t\thw_breakpoint_forget();\n\t}/
}
/^static int db_interception\(/,/^\}$/{
	s/^\tstruct vcpu_svm \*svm = to_svm\(vcpu\);$/&\n\n\tsvm_set_dr6(vcpu, kvm_lent_dr6(svm->vmcb->save.dr6, svm->vmcb->save.dr7));/
}
