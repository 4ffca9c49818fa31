# file: arch/x86/kvm/vmx/nested.c
# reason: a hypervisor in the guest is not told of steps that are not its own
# expect: +2 -0
# A case of a switch, which a semantic patch puts on the line of the statement before it.
/^static bool nested_vmx_l0_wants_exit\(/,/^\}$/s/^\tcase EXIT_REASON_MCE_DURING_VMENTRY:$/\tcase EXIT_REASON_MONITOR_TRAP_FLAG:\n\t\treturn kvm_steps_apart(vcpu);\n&/
