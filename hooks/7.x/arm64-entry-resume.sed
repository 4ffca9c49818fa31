# file: arch/arm64/kernel/entry-common.c
# reason: a step of the kernel's that an exception has suspended goes on after it
# expect: +13 -0
s/^NOKPROBE_SYMBOL\(debug_exception_exit\);$/&\
\
\/* The way back to an instruction that is stepped: the step goes on from here. *\/\
static void noinstr el1_resume_step(const struct hwbp_kernel_step *step,\
\t\t\t\t    struct pt_regs *regs)\
{\
\tirqentry_state_t state;\
\
\tif (likely(!step->hits.n \&\& !step->shared))\
\t\treturn;\
\tstate = arm64_enter_el1_dbg(regs);\
\thw_breakpoint_resume_step(step, regs);\
\tarm64_exit_el1_dbg(regs, state);\
}/
