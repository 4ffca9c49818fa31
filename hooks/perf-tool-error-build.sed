# file: tools/perf/util/Build
# reason: why a breakpoint could not be opened; perf needs no libtraceevent for it
# expect: +1 -0
/^perf-util-y \+= evsel\.o$/a\
perf-util-y += hwbp-error.o
