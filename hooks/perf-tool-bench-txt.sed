# file: tools/perf/Documentation/perf-bench.txt
# reason: all suites of perf bench breakpoint, of which the manual has none
# expect: +21 -0
/^'internals'::$/i\
'breakpoint'::\
	Breakpoint benchmarks.\

/^SUITES FOR 'internals'$/i\
SUITES FOR 'breakpoint'\
~~~~~~~~~~~~~~~~~~~~~~~\
*thread*::\
Suite for evaluating threads that start and end with breakpoints.\
\
*enable*::\
Suite for evaluating enabling and disabling a breakpoint.\
\
*switch*::\
Suite for evaluating switches between two threads of one CPU with breakpoints\
each, at the same addresses or at different ones.\
\
*modify*::\
Suite for evaluating moving a breakpoint to another address.\
\
*hit*::\
Suite for evaluating hits of a breakpoint by stores, or by calls.\

