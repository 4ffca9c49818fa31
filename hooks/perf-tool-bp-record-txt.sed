# file: tools/perf/Documentation/perf-record.txt
# reason: breakpoint events that name a symbol, and how to see what was hit
# expect: +2 -0
/^          'mem:0x1000\/8:w'\.$/a\
\
include::breakpoint-symbols.txt[]
