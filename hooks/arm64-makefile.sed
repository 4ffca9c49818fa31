# file: arch/arm64/kernel/Makefile
# reason: the back end is several files
# expect: +2 -1
s/^(obj-\$\(CONFIG_HAVE_HW_BREAKPOINT\)\t\+= hw_breakpoint)\.o$/\1.o hw_breakpoint_report.o hw_breakpoint_rest.o \\\
\t\t\t\t\t   hw_breakpoint_user_step.o hw_breakpoint_kernel_step.o/
