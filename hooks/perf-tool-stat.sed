# file: tools/perf/builtin-stat.c
# reason: a breakpoint that is refused ends perf stat, which would print "<not supported>" and succeed;
#	the command that it has started ends with it, see sig_atexit()
# expect: +7 -0
/^#include "util\/debug\.h"$/a\
#include "util/hwbp-error.h"
/^static enum counter_recovery stat_handle_error\(/,/^\}/ {
/^	char msg\[BUFSIZ\];$/a\
\
	if (hwbp_is_refused(counter, errno)) {\
		evsel__open_strerror(counter, \&target, errno, msg, sizeof(msg));\
		ui__error("%s\\n", msg);\
		exit(EXIT_FAILURE);\
	}
}
