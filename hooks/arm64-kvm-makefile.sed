# file: arch/arm64/kvm/Makefile
# reason: the loan of breakpoint registers, and what guest and debugger share
# expect: +2 -1
s/^(\t guest\.o debug\.o) /\1 hw_breakpoint.o hw_breakpoint_debugger.o \\\
\t hw_breakpoint_share.o hw_breakpoint_step.o /
