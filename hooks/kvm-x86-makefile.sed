# file: arch/x86/kvm/Makefile
# reason: debug registers that a guest and its debugger share, and steps of both
# expect: +3 -0
s/^(kvm-y\t+\+= )x86\.o emulate\.o /\1hw_breakpoint.o hw_breakpoint_share.o\n&/
s/^(kvm-intel-y\t+\+= )vmx\/vmx\.o .*$/\1vmx\/hw_breakpoint_step.o\n&/
s/^(kvm-amd-y\t+\+= )svm\/svm\.o .*$/\1svm\/hw_breakpoint_insn.o svm\/hw_breakpoint_step.o\n&/
