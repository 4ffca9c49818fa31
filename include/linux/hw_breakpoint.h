/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hardware breakpoints: the registration API and the accounting behind it.
 *
 * See Documentation/core-api/hw_breakpoint.rst.
 */
#ifndef _LINUX_HW_BREAKPOINT_H
#define _LINUX_HW_BREAKPOINT_H

#include <linux/err.h>
#include <linux/perf_event.h>
#include <uapi/linux/hw_breakpoint.h>

struct task_struct;

#ifdef CONFIG_HAVE_HW_BREAKPOINT

/**
 * enum bp_type_idx - pools of slots
 * @TYPE_INST: slots for HW_BREAKPOINT_X
 * @TYPE_DATA: slots for HW_BREAKPOINT_R and _W; the same pool as @TYPE_INST
 *	where a slot serves either kind
 * @TYPE_MAX: number of pools
 */
enum bp_type_idx {
	TYPE_INST,
	TYPE_DATA = IS_ENABLED(CONFIG_HAVE_MIXED_BREAKPOINTS_REGS) ? TYPE_INST : TYPE_INST + 1,
	TYPE_MAX,
};

/**
 * hw_breakpoint_init() - attributes of an in-kernel breakpoint
 * @attr: cleared, and set up to be pinned and to report every hit
 *
 * The caller fills in bp_addr, bp_len and bp_type.
 */
static inline void hw_breakpoint_init(struct perf_event_attr *attr)
{
	*attr = (struct perf_event_attr) {
		.type		= PERF_TYPE_BREAKPOINT,
		.size		= sizeof(*attr),
		.pinned		= 1,
		.sample_period	= 1,
	};
}

/**
 * ptrace_breakpoint_init() - attributes of a breakpoint set for a tracer
 * @attr: as hw_breakpoint_init() does it, and blind to the kernel
 */
static inline void ptrace_breakpoint_init(struct perf_event_attr *attr)
{
	hw_breakpoint_init(attr);
	attr->exclude_kernel = 1;
}

static inline unsigned long hw_breakpoint_addr(struct perf_event *bp)
{
	return bp->attr.bp_addr;
}

static inline int hw_breakpoint_type(struct perf_event *bp)
{
	return bp->attr.bp_type;
}

static inline unsigned long hw_breakpoint_len(struct perf_event *bp)
{
	return bp->attr.bp_len;
}

static inline struct arch_hw_breakpoint *counter_arch_bp(struct perf_event *bp)
{
	return &bp->hw.info;
}

int __init init_hw_breakpoint(void);

struct perf_event *register_user_hw_breakpoint(struct perf_event_attr *attr,
					       perf_overflow_handler_t triggered,
					       void *context,
					       struct task_struct *tsk);
int modify_user_hw_breakpoint(struct perf_event *bp,
			      struct perf_event_attr *attr);
int modify_user_hw_breakpoint_check(struct perf_event *bp,
				    struct perf_event_attr *attr, bool check);
void unregister_hw_breakpoint(struct perf_event *bp);

struct perf_event * __percpu *
register_wide_hw_breakpoint(struct perf_event_attr *attr,
			    perf_overflow_handler_t triggered, void *context);
void unregister_wide_hw_breakpoint(struct perf_event * __percpu *cpu_events);

/* The same for callers who hold the CPU hotplug lock. */
struct perf_event * __percpu *
register_wide_hw_breakpoint_cpuslocked(struct perf_event_attr *attr,
				       perf_overflow_handler_t triggered,
				       void *context);
void
unregister_wide_hw_breakpoint_cpuslocked(struct perf_event * __percpu *cpu_events);

/* From any context. */
int modify_wide_hw_breakpoint(struct perf_event * __percpu *cpu_events,
			      const struct perf_event_attr *attr);
int modify_wide_hw_breakpoint_local(struct perf_event * __percpu *cpu_events,
				    const struct perf_event_attr *attr);
unsigned long hw_breakpoint_wide_aims(struct perf_event * __percpu *cpu_events);
unsigned long hw_breakpoint_wide_late(struct perf_event * __percpu *cpu_events, int cpu);

int register_perf_hw_breakpoint(struct perf_event *bp);
void flush_ptrace_hw_breakpoint(struct task_struct *tsk);
bool hw_breakpoint_is_used(void);

void release_bp_slot(struct perf_event *bp);
int dbg_reserve_bp_slot(struct perf_event *bp);
int dbg_release_bp_slot(struct perf_event *bp);

#else /* !CONFIG_HAVE_HW_BREAKPOINT */

static inline int __init init_hw_breakpoint(void)
{
	return 0;
}

static inline struct perf_event *
register_user_hw_breakpoint(struct perf_event_attr *attr,
			    perf_overflow_handler_t triggered, void *context,
			    struct task_struct *tsk)
{
	return ERR_PTR(-ENOSYS);
}

static inline int modify_user_hw_breakpoint(struct perf_event *bp,
					    struct perf_event_attr *attr)
{
	return -ENOSYS;
}

static inline int modify_user_hw_breakpoint_check(struct perf_event *bp,
						  struct perf_event_attr *attr,
						  bool check)
{
	return -ENOSYS;
}

static inline void unregister_hw_breakpoint(struct perf_event *bp) { }

static inline struct perf_event * __percpu *
register_wide_hw_breakpoint(struct perf_event_attr *attr,
			    perf_overflow_handler_t triggered, void *context)
{
	return ERR_PTR_PCPU(-ENOSYS);
}

static inline void
unregister_wide_hw_breakpoint(struct perf_event * __percpu *cpu_events) { }

static inline int register_perf_hw_breakpoint(struct perf_event *bp)
{
	return -ENOSYS;
}

static inline void flush_ptrace_hw_breakpoint(struct task_struct *tsk) { }

static inline bool hw_breakpoint_is_used(void)
{
	return false;
}

static inline void release_bp_slot(struct perf_event *bp) { }

static inline struct arch_hw_breakpoint *counter_arch_bp(struct perf_event *bp)
{
	return NULL;
}

#endif /* CONFIG_HAVE_HW_BREAKPOINT */

#if defined(CONFIG_HAVE_HW_BREAKPOINT) && defined(CONFIG_HAVE_HW_BREAKPOINT_BACKEND)
void hw_breakpoint_heal(void);
#else
static inline void hw_breakpoint_heal(void) { }
#endif

#endif /* _LINUX_HW_BREAKPOINT_H */
