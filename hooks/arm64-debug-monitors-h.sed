# file: arch/arm64/include/asm/debug-monitors.h
# reason: a kernel single-step needs KDE and not MDE, see arm64-debug-monitors.sed
# expect: +1 -0
/^	DBG_ACTIVE_EL1,$/a\
	DBG_ACTIVE_STEP,
