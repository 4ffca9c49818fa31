# file: kernel/events/hw_breakpoint/Kconfig
# reason: the tests come later
# expect: +0 -11
/^$/,$d
