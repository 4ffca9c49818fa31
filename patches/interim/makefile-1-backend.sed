# file: kernel/events/hw_breakpoint/Makefile
# reason: the part of the core that architectures with a back end use comes later
# expect: +0 -4
/^ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND$/,/^else$/d
/^endif$/d
