# file: tools/perf/util/evlist.c
# reason: the same for perf trace
# expect: +3 -0
/^#include "evlist\.h"$/a\
#include "hwbp-error.h"
/^int evlist__strerror_open\(/,/^\}/ {
/^	switch \(err\) \{$/i\
	if (hwbp_evlist_open_strerror(evlist, err, buf, size))\
		return 0;
}
