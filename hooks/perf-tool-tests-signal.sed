# file: tools/perf/tests/bp_signal.c
# reason: on arm64, too, the instruction at the breakpoint is the one that hits the watchpoint
# expect: +10 -0
/^	"incq \(%rdi\)\\n"$/,/^#else$/{
	/^#else$/i\
#elif defined (__aarch64__)\
extern void __test_function(volatile long *ptr);\
asm (\
	".pushsection .text;"\
	".globl __test_function\\n"\
	".type __test_function, %function;"\
	"__test_function:\\n"\
	"str xzr, [x0]\\n"\
	"ret\\n"\
	".popsection\\n");
}
