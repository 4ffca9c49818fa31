/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hardware breakpoints of kgdb and kdb, for architectures with a back end of the
 * breakpoint layer.
 */
#ifndef _LINUX_KGDB_HW_BREAK_H
#define _LINUX_KGDB_HW_BREAK_H

#include <linux/kgdb.h>

struct pt_regs;

#if defined(CONFIG_KGDB) && defined(CONFIG_HAVE_HW_BREAKPOINT_BACKEND)

/*
 * How often a CPU that has hit something lets another one go first that is stepping:
 * some 0.1 s, far longer than a step takes. In its midst gdb cannot do with a stop of
 * another CPU.
 */
#define KGDB_HW_STEP_TRIES	100000

int kgdb_hw_set(unsigned long addr, int len, enum kgdb_bptype type);
int kgdb_hw_remove(unsigned long addr, int len, enum kgdb_bptype type);
void kgdb_hw_remove_all(void);
void kgdb_hw_enter(struct pt_regs *regs);
void kgdb_hw_leave(void);
bool kgdb_hw_gone(void);
char *kgdb_hw_stop_reason(char *packet);

/* For the initialiser of an architecture's arch_kgdb_ops. */
#define KGDB_HW_BREAK_OPS					\
	.flags			= KGDB_HW_BREAKPOINT,		\
	.set_hw_breakpoint	= kgdb_hw_set,			\
	.remove_hw_breakpoint	= kgdb_hw_remove,		\
	.remove_all_hw_break	= kgdb_hw_remove_all,		\
	.disable_hw_break	= kgdb_hw_enter,		\
	.correct_hw_break	= kgdb_hw_leave

#else

#define KGDB_HW_STEP_TRIES	100

static inline bool kgdb_hw_gone(void)
{
	return false;
}

static inline char *kgdb_hw_stop_reason(char *packet)
{
	return packet;
}

#endif
#endif /* _LINUX_KGDB_HW_BREAK_H */
