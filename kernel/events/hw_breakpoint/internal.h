/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private to kernel/events/hw_breakpoint/.
 */
#ifndef _KERNEL_EVENTS_HW_BREAKPOINT_INTERNAL_H
#define _KERNEL_EVENTS_HW_BREAKPOINT_INTERNAL_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/hw_breakpoint_debug.h>
#include <linux/kprobes.h>
#include <linux/limits.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/perf_reserve.h>
#include <linux/seq_file.h>

/* No architecture has more slots of one type. */
#define HWBP_MAX_PER_TYPE	16

/**
 * struct hwbp_histogram - how many holders hold how many slots
 * @count: at [n]: the holders that hold n slots each; none are counted at [0]
 * @used: bit n is set while there are holders of n slots
 *
 * A holder is a task context or a CPU. What matters is the largest, which is
 * the highest bit of @used.
 */
struct hwbp_histogram {
	u32	count[HWBP_MAX_PER_TYPE + 1];
	u32	used;
};

static inline unsigned int hwbp_histogram_max(const struct hwbp_histogram *h)
{
	return __fls(READ_ONCE(h->used) | 1);
}

/* The most that one holder in either has: the highest bit of both */
static inline unsigned int hwbp_histograms_max(const struct hwbp_histogram *a,
					       const struct hwbp_histogram *b)
{
	return __fls(READ_ONCE(a->used) | READ_ONCE(b->used) | 1);
}

/*
 * Moves one holder of @old slots to @new; 0 is not recorded. It enters before it
 * leaves: debuggers look at @used at any moment, see claims:A in account.c, and must
 * not find less than is held.
 */
static inline void hwbp_histogram_move(struct hwbp_histogram *h,
				       unsigned int old, unsigned int new)
{
	if (new && !h->count[new]++)
		WRITE_ONCE(h->used, h->used | BIT(new));
	if (old && !--h->count[old])
		WRITE_ONCE(h->used, h->used & ~BIT(old));
}

static inline int hwbp_type(u64 bp_type)
{
	return bp_type & HW_BREAKPOINT_RW ? TYPE_DATA : TYPE_INST;
}

static inline struct perf_event *
hwbp_reservation_event(struct hw_breakpoint_reservation *res)
{
	return container_of(res, struct perf_event, hw.reservation);
}

/* account.c: who may have how many */
int hwbp_account_init(void);
unsigned int hwbp_capacity(int type);
int hwbp_reserve(struct perf_event *bp);
void hwbp_release(struct perf_event *bp);
void hwbp_detach(struct perf_event *bp);
int hwbp_prepare_move(struct perf_event *bp, int type);
void hwbp_finish_move(struct perf_event *bp);
void hwbp_cancel_move(struct perf_event *bp);
int hwbp_reserve_for_cpu(struct hw_breakpoint_reservation *res, int cpu, int type);
void hwbp_release_reservation(struct hw_breakpoint_reservation *res);
void hwbp_inherit(struct hw_breakpoint_reservation *heir,
		  struct hw_breakpoint_reservation *res);
void hwbp_leave_to_next(struct hw_breakpoint_reservation *res);
int hwbp_claim(int cpu, int type, unsigned int flags);
void hwbp_unclaim(int cpu, int type);
bool hwbp_overdrawn(int cpu);
void hwbp_holder(const struct perf_event *bp, struct hw_breakpoint_holder *holder);
unsigned int hwbp_holders(int cpu, int type, struct hw_breakpoint_holder *holders,
			  unsigned int max);
void hwbp_show_holders(struct seq_file *m);
void hwbp_show_cpus(struct seq_file *m);

/* slots.c or legacy.c: what is in the registers of this CPU */
int hwbp_slots_init(void);
int hwbp_add(struct perf_event *bp, int flags);
void hwbp_del(struct perf_event *bp, int flags);
void hwbp_pmu_enable(struct pmu *pmu);
void hwbp_adopt(struct perf_event *bp);
void hwbp_show_slots(struct seq_file *m);

/**
 * hwbp_settle() - an event that is new, and in no slot, has this setting
 * @bp: the event
 * @hw: what hw_breakpoint_arch_parse() made
 *
 * Context: any.
 */
static inline void hwbp_settle(struct perf_event *bp, const struct arch_hw_breakpoint *hw)
{
	bp->hw.info = *hw;
#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
	arch_hwbp_encode(hw, &bp->hw.reservation.image);
#endif
}

/* debug.c: what debuggers watch */
struct hw_breakpoint_debug *hwbp_debugger_at(int cpu, int i);
void hwbp_debuggers(struct hw_breakpoint_debug **list);
bool hwbp_debugger_aim(const struct hw_breakpoint_debug *bp,
		       struct hw_breakpoint_aim *aim);
bool hwbp_debugger_data(unsigned long addr, unsigned long end);
void hwbp_report_taken(const struct perf_event *bp);
void hwbp_look_again(void);
void hwbp_report_missing(void);
void hwbp_report_pause(void);
bool hwbp_missing(void);
void hwbp_retry_missing(void);

/* debugfs.c */
const char *hwbp_type_name(u64 bp_type);
const char *hwbp_state_name(const struct perf_event *bp);
pid_t hwbp_event_pid(const struct perf_event *bp);
void hwbp_show_opener(struct seq_file *m, const struct perf_event *bp);

/* change.c: attributes that change while the breakpoint may fire */
int hwbp_prepare(struct perf_event *bp, const struct perf_event_attr *attr);
void hwbp_apply(struct perf_event *bp, const struct perf_event_attr *attr);
void hwbp_copy_parent(struct perf_event *bp);
int hwbp_change_local(struct perf_event *bp, const struct perf_event_attr *attr);

/* api.c */
int hwbp_parse(struct perf_event *bp, const struct perf_event_attr *attr,
	       struct arch_hw_breakpoint *hw);
int hwbp_parse_aim(struct perf_event *bp, const struct perf_event_attr *attr,
		   struct arch_hw_breakpoint *hw);
int hwbp_parse_debugger(const struct hw_breakpoint_aim *aim,
			struct arch_hw_breakpoint *hw);

/* pmu.c */
extern struct pmu hwbp_pmu;
extern const struct perf_reserve_ops hwbp_reserve_ops;

/* Its callbacks, of account.c and change.c */
int hw_breakpoint_attach(struct perf_event *bp, struct perf_event_context *ctx);
void hw_breakpoint_retire_account(struct perf_reserved *reserved);
void hw_breakpoint_free_account(struct perf_reserved *reserved);
int hw_breakpoint_prepare(struct perf_event *bp, const struct perf_event_attr *attr);
int hw_breakpoint_join(struct perf_event *bp);
bool hw_breakpoint_was_taken(struct perf_event *bp);

#endif /* _KERNEL_EVENTS_HW_BREAKPOINT_INTERNAL_H */
