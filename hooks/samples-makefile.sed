# file: samples/hw_breakpoint/Makefile
# reason: a sample of aiming a breakpoint from atomic context
# expect: +1 -1
s/^(obj-\$\(CONFIG_SAMPLE_HW_BREAKPOINT\) \+= data_breakpoint\.o)$/\1 aim_breakpoint.o/
