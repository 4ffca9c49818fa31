# file: Documentation/admin-guide/kernel-parameters.txt
# reason: kgdb's hardware breakpoints take one parameter
# expect: +7 -0
/^	kgdbdbgp=	/i\
	kgdb.hw_take=	[KGDB] Whether a hardware breakpoint of kgdb or kdb takes\
			a slot from perf where none is free. The event whose\
			slot it is does not count until the breakpoint is\
			removed.\
			Format: <bool>\
			Default: N\

