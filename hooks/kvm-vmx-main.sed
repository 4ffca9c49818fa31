# file: arch/x86/kvm/vmx/main.c
# reason: a debugger's step of a guest that may step itself, by the monitor trap flag
# expect: +3 -0
s/^#include "x86_ops.h"$/#include "hw_breakpoint_step.h"\n&/
s/^\t\.enable_irq_window = .*$/&\n\t.begin_step = vmx_begin_step,\n\t.end_step = vmx_end_step,/
