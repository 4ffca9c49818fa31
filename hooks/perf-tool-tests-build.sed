# file: tools/perf/tests/Build
# reason: perf test of the slots that sysfs tells of
# expect: +1 -0
/^perf-test-y \+= wp\.o$/a\
perf-test-y += hwbp.o
