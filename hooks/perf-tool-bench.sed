# file: tools/perf/builtin-bench.c
# reason: perf bench breakpoint switch, modify and hit
# expect: +3 -0
/^	\{ "enable", "Benchmark breakpoint enable\/disable", bench_breakpoint_enable\},$/a\
	{ "switch", "Benchmark switches between threads with breakpoints", bench_breakpoint_switch},\
	{ "modify", "Benchmark moving a breakpoint", bench_breakpoint_modify},\
	{ "hit", "Benchmark breakpoint hits", bench_breakpoint_hit},
