/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of perf's and the scheduler's structures that are looked at. */
#ifndef _SHIM_PERF_H
#define _SHIM_PERF_H

#include <linux/perf_event.h>		/* user space's own */

#include "basic.h"
#include "cpu.h"

enum {
	HW_BREAKPOINT_EMPTY	= 0,
	HW_BREAKPOINT_R		= 1,
	HW_BREAKPOINT_W		= 2,
	HW_BREAKPOINT_RW	= 3,
	HW_BREAKPOINT_X		= 4,
	HW_BREAKPOINT_INVALID	= 7,

	HW_BREAKPOINT_LEN_1	= 1,
	HW_BREAKPOINT_LEN_2	= 2,
	HW_BREAKPOINT_LEN_4	= 4,
	HW_BREAKPOINT_LEN_8	= 8,
};

#define TASK_COMM_LEN	16

struct perf_event;
struct perf_sample_data;
struct pt_regs;
typedef void (*perf_overflow_handler_t)(struct perf_event *bp,
					struct perf_sample_data *data,
					struct pt_regs *regs);

#ifdef SHIM_ARM64
#include "arch-arm64.h"
#else
#include "arch-x86.h"
#endif

struct task_struct {
	struct thread_struct	thread;
	unsigned long		flags;
	pid_t			pid;
	char			comm[TASK_COMM_LEN];
};

extern __thread struct task_struct *shim_current;
#define current			shim_current

#include <asm/hw_breakpoint.h>
#include <linux/hw_breakpoint_types.h>
#include <linux/perf_reserve.h>

struct pmu {
	const struct perf_reserve_ops *reserve;
};

struct perf_event_context {
	struct task_struct		*task;
	struct perf_reserved		*reserved;
	raw_spinlock_t			lock;
	int				is_active;
};

#define PERF_EF_START		0x01
#define PERF_HES_STOPPED	0x01

struct hw_perf_event {
	int					state;
	u64					sample_period;
	u64					last_period;
	struct arch_hw_breakpoint		info;
	struct arch_hw_breakpoint		next;
	struct hw_breakpoint_reservation	reservation;
	struct task_struct			*target;
};

struct perf_event {
	struct perf_event_attr	attr;
	struct hw_perf_event	hw;
	struct pmu		*pmu;
	struct perf_event_context *ctx;
	struct perf_event	*parent;
	struct perf_event	*group_leader;
	struct list_head	sibling_list;
	struct list_head	child_list;
	struct mutex		child_mutex;	/* child_list */
	perf_overflow_handler_t	overflow_handler;
	int			cpu;
	int			oncpu;
	/* of this harness only */
	unsigned int		hits;
	void			(*on_hit)(struct perf_event *bp);
};

#define for_each_sibling_event(sibling, event)			\
	if ((event)->group_leader == (event))			\
		list_for_each_entry((sibling), &(event)->sibling_list, sibling_list)

/* The tests do what these would. */
void perf_pmu_resched(struct pmu *pmu);
struct perf_event *
perf_event_create_kernel_counter(struct perf_event_attr *attr, int cpu,
				 struct task_struct *task,
				 perf_overflow_handler_t triggered, void *context);
int perf_event_release_kernel(struct perf_event *bp);
void perf_event_enable(struct perf_event *bp);
void perf_event_disable(struct perf_event *bp);
void perf_event_disable_local(struct perf_event *bp);

static inline bool is_default_overflow_handler(struct perf_event *bp)
{
	return !bp->overflow_handler;
}

static inline bool is_sampling_event(struct perf_event *bp)
{
	return bp->attr.sample_period;
}

static inline u64 perf_swevent_set_period(struct perf_event *bp)
{
	return bp->hw.last_period;
}

static inline void perf_bp_event(struct perf_event *bp, void *regs)
{
	bp->hits++;
	if (bp->on_hit)
		bp->on_hit(bp);
}

#endif
