# file: arch/Kconfig
# reason: options of the breakpoint core
# expect: +2 -0
/^source "kernel\/gcov\/Kconfig"$/i\
source "kernel/events/hw_breakpoint/Kconfig"\

