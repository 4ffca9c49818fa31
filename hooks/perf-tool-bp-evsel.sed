# file: tools/perf/util/evsel.c
# reason: the symbol of a breakpoint event is no setting of the event's
# expect: +1 -0
/^		case EVSEL__CONFIG_TERM_DRV_CFG:$/i\
		case EVSEL__CONFIG_TERM_BP_SYMBOL:
