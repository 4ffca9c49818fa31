# file: arch/x86/Kconfig
# reason: x86 has a back end of the breakpoint core
# expect: +1 -0
/^\tselect HAVE_HW_BREAKPOINT$/a\
\tselect HAVE_HW_BREAKPOINT_BACKEND
