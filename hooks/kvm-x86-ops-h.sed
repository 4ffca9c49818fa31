# file: arch/x86/include/asm/kvm-x86-ops.h
# reason: a debugger's step of a guest that may step itself
# expect: +3 -0
s/^KVM_X86_OP\(enable_irq_window\)$/&\
KVM_X86_OP_OPTIONAL_RET0(prepare_step)\
KVM_X86_OP_OPTIONAL(begin_step)\
KVM_X86_OP_OPTIONAL(end_step)/
