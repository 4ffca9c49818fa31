# file: arch/x86/kvm/Makefile
# reason: debug registers that a guest and its debugger share
# expect: +1 -0
s/^(kvm-y\t+\+= )x86\.o emulate\.o /\1hw_breakpoint.o hw_breakpoint_share.o\n&/
