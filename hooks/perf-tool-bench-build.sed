# file: tools/perf/bench/Build
# reason: perf bench breakpoint switch, modify and hit
# expect: +1 -0
/^perf-bench-y \+= breakpoint\.o$/a\
perf-bench-y += breakpoint-ops.o
