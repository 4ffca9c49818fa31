# file: tools/perf/tests/bp_signal.c
# reason: on arm64 the task keeps one instruction that a handler comes before, and this test has two
# expect: +5 -0
/^	if \(!BP_SIGNAL_IS_SUPPORTED\) \{$/i\
#ifdef __aarch64__\
	/* The hit in the handler takes the place of the one that has sent the signal */\
	pr_debug("A hit in the handler of another hit's signal is not supported\\n");\
	return TEST_SKIP;\
#endif
