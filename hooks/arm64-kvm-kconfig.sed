# file: arch/arm64/kvm/Kconfig
# reason: guests' debug registers are lent by the breakpoint core, which is part of perf
# expect: +1 -0
/^	select GUEST_PERF_EVENTS if PERF_EVENTS$/i\
	select PERF_EVENTS
