# file: kernel/debug/Makefile
# reason: kgdb's hardware breakpoints, for all architectures with a back end
# expect: +3 -0
/^obj-\$\(CONFIG_KGDB\) \+= debug_core\.o/a\
ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND\
obj-$(CONFIG_KGDB) += hw_break.o\
endif
