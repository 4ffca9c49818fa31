# file: MAINTAINERS
# reason: a header that later kernels have themselves
# expect: +1 -0
/^F:	arch\/arm64\/include\/asm\/kvm_hw_breakpoint\.h$/a\
F:	arch/arm64/include/asm/text-patching.h
