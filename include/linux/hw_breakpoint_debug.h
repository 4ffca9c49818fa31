/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hardware breakpoints for debuggers: from any context, NMI included.
 *
 * See Documentation/core-api/hw_breakpoint.rst.
 */
#ifndef _LINUX_HW_BREAKPOINT_DEBUG_H
#define _LINUX_HW_BREAKPOINT_DEBUG_H

#include <linux/bits.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_types.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/sched.h>
#include <linux/types.h>

struct pt_regs;

/* In place of a CPU's number: every CPU that is possible, online or not. */
#define HW_BREAKPOINT_ALL_CPUS		(-1)

/* For hw_breakpoint_debug_reserve(): if need be, take slots from perf. */
#define HW_BREAKPOINT_TAKE		BIT(0)

/* For the handler of a hit: it is called for another one of the same exception. */
#define HW_BREAKPOINT_HIT_MORE		BIT(0)
/* For the handler of a hit: the instruction was being single-stepped, too. */
#define HW_BREAKPOINT_HIT_STEP		BIT(1)

/**
 * struct hw_breakpoint_aim - what a debugger's breakpoint watches
 * @addr: first byte
 * @len: number of bytes
 * @type: HW_BREAKPOINT_X, _R, _W or _RW; HW_BREAKPOINT_EMPTY: nothing
 * @image: the slot's registers for that
 */
struct hw_breakpoint_aim {
	unsigned long		addr;
	unsigned int		len;
	unsigned int		type;
	struct hwbp_image	image;
};

/**
 * struct hw_breakpoint_debug - a breakpoint of a debugger
 * @owner: the debugger's name, for the table of slots
 * @hit: called in the exception, on the CPU that was hit, with interrupts off;
 *	@slot is the slot that fired, @flags are HW_BREAKPOINT_HIT_*
 * @cpu: private: CPU whose slot it holds, or HW_BREAKPOINT_ALL_CPUS
 * @pool: private: TYPE_INST or TYPE_DATA
 * @granted: private: it has been granted its slots
 * @generation: private: number of the latest of @aims, see watch:A in debug.c
 * @aims: private: the latest, at its number modulo 2, and the one before
 *
 * Supplied by the debugger, zeroed but for @owner and @hit. One context at a time
 * reserves, sets and releases it. It may be freed after
 * hw_breakpoint_debug_flush().
 */
struct hw_breakpoint_debug {
	const char		*owner;
	void			(*hit)(struct hw_breakpoint_debug *bp,
				       struct pt_regs *regs, int slot,
				       unsigned int flags);
	int			cpu;
	u8			pool;
	bool			granted;
	unsigned int		generation;
	struct hw_breakpoint_aim aims[2];
};

/**
 * struct hw_breakpoint_holder - somebody who has a slot
 * @comm: name of the task that opened the event, or of the debugger
 * @pid: task that is watched, 0 if it is a CPU
 * @cpu: CPU that the slot is of, or HW_BREAKPOINT_ALL_CPUS
 * @addr: first byte
 * @type: HW_BREAKPOINT_X, _R, _W or _RW
 */
struct hw_breakpoint_holder {
	char		comm[TASK_COMM_LEN];
	pid_t		pid;
	int		cpu;
	u64		addr;
	u32		type;
};

int hw_breakpoint_debug_reserve(struct hw_breakpoint_debug *bp, int cpu,
				unsigned int type, unsigned int flags);
int hw_breakpoint_debug_set(struct hw_breakpoint_debug *bp, unsigned long addr,
			    unsigned int len, unsigned int type);
void hw_breakpoint_debug_clear(struct hw_breakpoint_debug *bp);
void hw_breakpoint_debug_release(struct hw_breakpoint_debug *bp);
void hw_breakpoint_debug_sync(void);
void hw_breakpoint_debug_flush(void);
unsigned int hw_breakpoint_debug_holders(int cpu, unsigned int type,
					 struct hw_breakpoint_holder *holders,
					 unsigned int max);

#endif /* _LINUX_HW_BREAKPOINT_DEBUG_H */
