# file: kernel/events/hw_breakpoint/Makefile
# reason: debuggers come later
# expect: +1 -1
s/ debug\.o claims\.o$//
