# file: tools/perf/tests/bp_signal.c
# reason: on arm64, too, the instruction at the breakpoint is the one that hits the watchpoint
# expect: +5 -1
s/^#if defined \(__x86_64__\)$/#if defined(__x86_64__) || defined(__aarch64__)/
/^	"incq \(%rdi\)\\n"$/{
	i\
#ifdef __aarch64__\
	"str xzr, [x0]\\n"\
#else
	a\
#endif
}
