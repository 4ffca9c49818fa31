# file: tools/perf/perf.c
# reason: perf hwbp, where there is libtraceevent as for perf kwork
# expect: +1 -0
/^	\{ "kwork",	cmd_kwork,	0 \},$/i\
	{ "hwbp",	cmd_hwbp,	0 },
