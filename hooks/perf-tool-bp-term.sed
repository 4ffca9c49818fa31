# file: tools/perf/util/evsel_config.h
# reason: an event keeps the symbol that it names
# expect: +1 -0
/^	EVSEL__CONFIG_TERM_AUX_OUTPUT,$/i\
	EVSEL__CONFIG_TERM_BP_SYMBOL,
