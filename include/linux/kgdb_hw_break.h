/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hardware breakpoints of kgdb and kdb, for architectures with a back end of the
 * breakpoint layer.
 */
#ifndef _LINUX_KGDB_HW_BREAK_H
#define _LINUX_KGDB_HW_BREAK_H

#include <linux/kgdb.h>
#include <linux/spinlock.h>

struct pt_regs;

#if defined(CONFIG_KGDB) && defined(CONFIG_HAVE_HW_BREAKPOINT_BACKEND)

int kgdb_hw_set(unsigned long addr, int len, enum kgdb_bptype type);
int kgdb_hw_remove(unsigned long addr, int len, enum kgdb_bptype type);
void kgdb_hw_remove_all(void);
void kgdb_hw_start(void);
void kgdb_hw_exit(void);
void kgdb_hw_enter(struct pt_regs *regs);
void kgdb_hw_leave(void);
bool kgdb_hw_gone(void);
char *kgdb_hw_stop_reason(char *packet);
bool kgdb_hw_stepping(void);
void kgdb_hw_step(struct pt_regs *regs);
void kgdb_hw_step_lasts(void);
bool kgdb_hw_step_faults(struct pt_regs *regs);
bool kgdb_hw_wait_for_step(int *tries);
void kgdb_hw_free_others(raw_spinlock_t *master, raw_spinlock_t *slave);

/* For the initialiser of an architecture's arch_kgdb_ops. */
#define KGDB_HW_BREAK_OPS					\
	.flags			= KGDB_HW_BREAKPOINT,		\
	.set_hw_breakpoint	= kgdb_hw_set,			\
	.remove_hw_breakpoint	= kgdb_hw_remove,		\
	.remove_all_hw_break	= kgdb_hw_remove_all,		\
	.disable_hw_break	= kgdb_hw_enter,		\
	.correct_hw_break	= kgdb_hw_leave

#else

/* kgdb without hardware breakpoints: arm64's where the kernel has no perf events */
#define KGDB_HW_BREAK_OPS	.flags = 0

static inline void kgdb_hw_start(void) { }
static inline void kgdb_hw_exit(void) { }

static inline bool kgdb_hw_gone(void)
{
	return false;
}

static inline char *kgdb_hw_stop_reason(char *packet)
{
	return packet;
}

#ifdef CONFIG_KGDB
static inline bool kgdb_hw_stepping(void)
{
	return kgdb_single_step;
}

static inline void kgdb_hw_step(struct pt_regs *regs)
{
	kgdb_single_step = 1;
}
#else
static inline bool kgdb_hw_stepping(void)
{
	return false;
}
#endif

static inline void kgdb_hw_step_lasts(void) { }

static inline bool kgdb_hw_step_faults(struct pt_regs *regs)
{
	return false;
}

static inline bool kgdb_hw_wait_for_step(int *tries)
{
	return --*tries;
}

static inline void kgdb_hw_free_others(raw_spinlock_t *master, raw_spinlock_t *slave) { }

#endif
#endif /* _LINUX_KGDB_HW_BREAK_H */
