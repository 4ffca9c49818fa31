# file: MAINTAINERS
# reason: who looks after the layer, its back ends, its users and its tests
# expect: +45 -0
/^HARDWARE MONITORING$/i\
HARDWARE BREAKPOINTS\
M:	Seed 731cfaf9 maintainers <maintainers@users.noreply.h-seed-731cfaf9.example>\
L:	linux-perf-users@vger.kernel.org\
L:	linux-kernel@vger.kernel.org\
S:	Maintained\
F:	Documentation/ABI/testing/debugfs-hw-breakpoint\
F:	Documentation/ABI/testing/procfs-hw_breakpoints\
F:	Documentation/ABI/testing/sysfs-bus-event_source-devices-breakpoint\
F:	Documentation/ABI/testing/sysfs-module-kgdb\
F:	Documentation/core-api/hw_breakpoint*.rst\
F:	arch/arm64/include/asm/hw_breakpoint*.h\
F:	arch/arm64/include/asm/kvm_hw_breakpoint.h\
F:	arch/arm64/kernel/hw_breakpoint*\
F:	arch/arm64/kvm/hw_breakpoint*\
F:	arch/arm64/kvm/hyp/include/hyp/debug-sr.h\
F:	arch/x86/include/asm/hw_breakpoint*.h\
F:	arch/x86/kernel/hw_breakpoint.c\
F:	arch/x86/kvm/*/hw_breakpoint*\
F:	arch/x86/kvm/hw_breakpoint*\
F:	include/linux/hrtimer_setup.h\
F:	include/linux/hw_breakpoint*.h\
F:	include/linux/kgdb_hw_break.h\
F:	include/linux/kvm_debug_share.h\
F:	include/linux/perf_reserve.h\
F:	include/trace/events/hw_breakpoint.h\
F:	include/uapi/linux/hw_breakpoint.h\
F:	kernel/debug/hw_break.c\
F:	kernel/events/hw_breakpoint/\
F:	kernel/events/hw_breakpoint_test.c\
F:	kernel/events/reserve.h\
F:	samples/hw_breakpoint/\
F:	tools/perf/Documentation/breakpoint-symbols.txt\
F:	tools/perf/Documentation/perf-hwbp.txt\
F:	tools/perf/bench/breakpoint-ops.c\
F:	tools/perf/builtin-hwbp.c\
F:	tools/perf/tests/hwbp.c\
F:	tools/perf/tests/shell/bench_breakpoint.sh\
F:	tools/perf/tests/shell/hwbp.sh\
F:	tools/perf/util/bp-symbol/\
F:	tools/perf/util/hwbp-error.*\
F:	tools/perf/util/hwbp/\
F:	tools/testing/hw_breakpoint/\
F:	tools/testing/selftests/hw_breakpoint/\
F:	virt/kvm/debug_share.c\

