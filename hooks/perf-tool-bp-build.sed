# file: tools/perf/util/Build
# reason: breakpoint events that name a symbol
# expect: +1 -0
/^perf-util-y \+= parse-events\.o$/a\
perf-util-y += bp-symbol/
