# file: arch/x86/kvm/svm/svm.c
# reason: the entry and exit of an encrypted guest load DR0-DR3 from where no shadow sees it
# expect: +2 -0
/^static .* svm_vcpu_run\(/,/^\}$/{
	/^\tif \(!sev_es_guest\(vcpu->kvm\)\) \{$/,/^\t\}$/s/^\t\}$/\t} else {\n\t\thw_breakpoint_lost();\n\t}/
}
