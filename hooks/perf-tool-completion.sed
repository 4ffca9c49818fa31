# file: tools/perf/perf-completion.sh
# reason: the shell completes subcommands of perf hwbp, as of others that have some
# expect: +1 -1
s/^(			\|data\|help)(\|script\|test\|timechart\|trace\))/\1|hwbp\2/
