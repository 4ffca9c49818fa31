# file: arch/x86/kernel/kgdb.c
# reason: kgdb's hardware breakpoints are kernel/debug/hw_break.c, for all architectures
# expect: +0 -53
# The control flow of this function is more than a semantic patch can follow.
/^static int$/{
	N
	/\nkgdb_set_hw_break\(/{
		:more
		N
		/\n\}\n$/!b more
		d
	}
}
