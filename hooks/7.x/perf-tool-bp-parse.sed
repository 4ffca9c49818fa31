# file: tools/perf/util/parse-events.c
# reason: the symbol of a breakpoint event is a string, among the terms that have one
# expect: +1 -0
/^static struct evsel_config_term \*add_config_term\(/,/^\}/{
	/^	case EVSEL__CONFIG_TERM_DRV_CFG:$/i\
	case EVSEL__CONFIG_TERM_BP_SYMBOL:
}
