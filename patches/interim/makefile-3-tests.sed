# file: kernel/events/hw_breakpoint/Makefile
# reason: the tests come later
# expect: +0 -1
/tests\/$/d
