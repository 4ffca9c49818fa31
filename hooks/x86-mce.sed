# file: arch/x86/kernel/cpu/mce/core.c
# reason: up to 6.12.95 at least, DR7 stays off until a machine check in user mode has returned there,
#	and the return may go on on another CPU: what is off on one CPU must not be let on on another.
#	Later kernels have DR7 on again before.
# expect: +2 -0 or +0 -0
/^static __always_inline void exc_machine_check_user/,/^\}$/{
	/local_db_save/,$b
	s/^\tirqentry_exit_to_user_mode\(regs\);$/\tlocal_db_restore(0);\n&\n\tlocal_db_save();/
}
