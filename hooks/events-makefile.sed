# file: kernel/events/Makefile
# reason: the breakpoint core is a directory
# expect: +1 -1
s/^(obj-\$\(CONFIG_HAVE_HW_BREAKPOINT\) \+= hw_breakpoint)\.o$/\1\//
