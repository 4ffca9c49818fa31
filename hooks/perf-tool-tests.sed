# file: tools/perf/tests/builtin-test.c
# reason: perf test of the slots that sysfs tells of
# expect: +1 -0
/^	&suite__wp,$/a\
	&suite__hwbp,
