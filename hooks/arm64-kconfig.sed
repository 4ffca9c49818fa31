# file: arch/arm64/Kconfig
# reason: arm64 implements the contract of the breakpoint core
# expect: +1 -0
/^	select HAVE_HW_BREAKPOINT if PERF_EVENTS$/a\
	select HAVE_HW_BREAKPOINT_BACKEND if PERF_EVENTS
