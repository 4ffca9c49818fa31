# file: arch/arm64/kvm/Makefile
# reason: the loan of breakpoint registers
# expect: +1 -1
s/^(\t guest\.o debug\.o) /\1 hw_breakpoint.o /
