/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private to kernel/events/hw_breakpoint/.
 */
#ifndef _KERNEL_EVENTS_HW_BREAKPOINT_INTERNAL_H
#define _KERNEL_EVENTS_HW_BREAKPOINT_INTERNAL_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/hw_breakpoint_debug.h>
#include <linux/hw_breakpoint_types.h>
#include <linux/kprobes.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/perf_reserve.h>
#include <linux/seq_file.h>

/* No CPU has more slots of one type. */
#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
#define HWBP_MAX_PER_TYPE	(HWBP_NR_SLOTS / TYPE_MAX)
#else
#define HWBP_MAX_PER_TYPE	16
#endif

/* Any CPU, where a CPU that a context has events bound to could be meant */
#define HWBP_ANYWHERE		(-1)

/**
 * struct hwbp_level - the most that one task context holds, see level.c
 * @word: what a context may hold without asking, what others have to assume, and how
 *	often that has changed
 */
struct hwbp_level {
	atomic64_t word;
};

/**
 * struct hwbp_total - slots of a type, and the reservations that concern all CPUs
 * @slots: how many each CPU has; constant after init
 * @anywhere: of contexts' events that may run on any CPU
 *
 * All CPUs read it, and it is seldom written.
 */
struct hwbp_total {
	unsigned int		slots;
	struct hwbp_level	anywhere;
};

/**
 * struct hwbp_cpu_account - the reservations of a type that concern one CPU
 * @pinned: those of events of the CPU itself; written under hwbp_raise_lock
 * @bound: of contexts with events bound to this CPU, by all that they hold on it
 * @claims: those of debuggers, in one word that is not under the lock:
 *
 *	bits 0 to 15	the places in @list of those that have been granted
 *	bits 16 to 31	how many there are, granted or not yet
 *	bits 32 to 63	how many have been granted, ever; see list:A in claims.c
 *
 * @list: the breakpoints of those that have been granted, in no order; who has the
 *	place writes there, on any CPU
 */
struct hwbp_cpu_account {
	u32				pinned;
	struct hwbp_level		bound;
	atomic64_t			claims;
	struct hw_breakpoint_debug	*list[HWBP_MAX_PER_TYPE];
};

#define HWBP_CLAIM		BIT_ULL(16)
#define HWBP_GRANTED_ONCE	BIT_ULL(32)

static_assert(HWBP_MAX_PER_TYPE <= 16);

extern struct hwbp_total hwbp_totals[TYPE_MAX];
DECLARE_PER_CPU(struct hwbp_cpu_account, hwbp_cpu_accounts[TYPE_MAX]);

static inline struct hwbp_cpu_account *hwbp_cpu_account(int cpu, int type)
{
	return per_cpu_ptr(&hwbp_cpu_accounts[type], cpu);
}

/* Also before init, for a debugger that the boot waits for. */
static inline unsigned int hwbp_slots(int type)
{
	return hwbp_totals[type].slots ?: hw_breakpoint_slots(type);
}

static inline unsigned int hwbp_nr_claims(u64 claims)
{
	return (u16)(claims / HWBP_CLAIM);
}

static inline unsigned int hwbp_nr_granted(u64 claims)
{
	return hweight16(claims);
}

/* What others have to leave to any one context */
static inline unsigned int hwbp_assumed(const struct hwbp_level *level)
{
	return (u8)atomic64_read(&level->word);
}

/* The most that any one context may want on the CPU of @ca */
static inline unsigned int hwbp_demand_of_tasks(const struct hwbp_total *total,
						const struct hwbp_cpu_account *ca)
{
	return max(hwbp_assumed(&total->anywhere), hwbp_assumed(&ca->bound));
}

/* The most that perf may want there at one time */
static inline unsigned int hwbp_demand(const struct hwbp_total *total,
				       const struct hwbp_cpu_account *ca)
{
	return READ_ONCE(ca->pinned) + hwbp_demand_of_tasks(total, ca);
}

static inline int hwbp_type(u64 bp_type)
{
	return bp_type & HW_BREAKPOINT_RW ? TYPE_DATA : TYPE_INST;
}

/* level.c: the most that one task context holds */
struct hwbp_tally;

struct hwbp_tally *hwbp_level_prepare(void);
unsigned int hwbp_level_assumed(int cpu, int type);
bool hwbp_level_enter(int cpu, int type, unsigned int n, struct hwbp_tally *spare,
		      bool *counted);
void hwbp_level_count(int cpu, int type, unsigned int n, struct hwbp_tally *spare);
void hwbp_level_leave(int cpu, int type, unsigned int n, struct hwbp_tally *spare);
void hwbp_level_fall(int cpu, int type, unsigned int old, unsigned int new,
		     struct hwbp_tally *spare);
unsigned int hwbp_level_assume(int cpu, int type, unsigned int n);
void hwbp_level_allow(int cpu, int type);
void hwbp_level_forgo(int cpu, int type, unsigned int before);
void hwbp_level_lower(int cpu, int type);
unsigned int hwbp_level_held(int cpu, int type);
bool hwbp_level_is_empty(int cpu, int type);

/* account.c: who may have how many */
int hwbp_account_init(void);
unsigned int hwbp_capacity(int type);
void hwbp_lower_demand(int cpu, int type);
bool hwbp_overdrawn(int cpu);
int hwbp_reserve(struct perf_event *bp);
void hwbp_release(struct perf_event *bp);
void hwbp_detach(struct perf_event *bp);
int hwbp_prepare_move(struct perf_event *bp, int type);
void hwbp_finish_move(struct perf_event *bp);
void hwbp_cancel_move(struct perf_event *bp);
int hwbp_reserve_for_cpu(struct hw_breakpoint_reservation *res, int cpu, int type);
void hwbp_release_reservation(struct hw_breakpoint_reservation *res);
void hwbp_hand_over(struct hw_breakpoint_reservation *to,
		    struct hw_breakpoint_reservation *from);
void hwbp_takes_over(struct perf_event *bp, struct perf_sample_data *data,
		     struct pt_regs *regs);
struct hw_breakpoint_reservation *hwbp_next_of_cpu(int cpu, u64 last);
typedef bool (*hwbp_visit_fn)(const struct hw_breakpoint_reservation *res, void *data);
bool hwbp_visit_cpu(int cpu, hwbp_visit_fn visit, void *data);

#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
/* claims.c: debuggers' claims, beside what perf wants */
extern atomic_t hwbp_nr_debuggers;

static inline bool hwbp_debuggers_present(void)
{
	return unlikely(atomic_read(&hwbp_nr_debuggers));
}

int hwbp_beside_debuggers(int cpu, int type, unsigned int n);
int hwbp_cpu_beside_debuggers(int cpu, int type, unsigned int own);
void hwbp_unclaim(const struct hw_breakpoint_debug *bp);
struct hw_breakpoint_debug *hwbp_debugger_at(int cpu, int type, int i);
unsigned int hwbp_debuggers(int type, struct hw_breakpoint_debug **list);
#else
/* Only a back end lets debuggers claim slots. */
static inline bool hwbp_debuggers_present(void)
{
	return false;
}

static inline int hwbp_beside_debuggers(int cpu, int type, unsigned int n)
{
	return 0;
}

static inline int hwbp_cpu_beside_debuggers(int cpu, int type, unsigned int own)
{
	return 0;
}
#endif

/* columns.c: what the tables have in common */
const char *hwbp_type_name(u64 bp_type);
const char *hwbp_state_name(int state);
void hwbp_show_name(struct seq_file *m, const char *comm);

/* holders.c: who holds slots */

/**
 * struct hwbp_viewer - a reader who may not know everything
 * @cred: whose rights count
 * @ns: PID namespace in whose numbers tasks are shown
 * @all: may watch any CPU, and so know whatever it accesses
 * @kernel: may know addresses of the kernel
 *
 * The reader knows events of the tasks that @cred may ptrace, and events of CPUs that the same
 * user has opened; of all others how many there are.
 */
struct hwbp_viewer {
	const struct cred	*cred;
	struct pid_namespace	*ns;
	bool			all;
	bool			kernel;
};

/**
 * struct hwbp_row - an event that holds a slot
 * @holder: who has it, and what it watches
 * @id: perf's
 * @len: in bytes, as it was asked for
 * @state: perf's
 * @on_cpu: CPU that runs it, or -1
 * @slot: slot of that CPU that it is in, or -1
 * @opener: who has opened it
 */
struct hwbp_row {
	struct hw_breakpoint_holder	holder;
	u64				id;
	u64				len;
	int				state;
	int				on_cpu;
	int				slot;
	struct hwbp_opener		opener;
};

/**
 * struct hwbp_cursor - where a reader is who goes through all that hold slots
 * @cpu: the CPU whose own events are looked at; those of tasks if there is none such
 * @last: number of the last of these that was shown, or U64_MAX
 * @own: the one that is to be shown
 * @number: of @own
 * @pid: the least number of a task that has not been looked at
 * @of_process: it has been, and its process, whose number that is, has not
 * @target: the number that the task had which was the last to be, for the reader
 * @rows: what the task had when it was, the last that was
 * @room: for so many
 * @n: how many they are
 * @shown: how many of them have been shown
 * @viewer: the reader, or NULL if that is somebody who may know everything
 * @hidden: how many slots others hold, by type; complete after the last row
 */
struct hwbp_cursor {
	int		cpu;
	u64		last;
	struct hwbp_row	own;
	u64		number;
	int		pid;
	bool		of_process;
	int		target;
	struct hwbp_row	*rows;
	unsigned int	room;
	unsigned int	n;
	unsigned int	shown;
	const struct hwbp_viewer *viewer;
	unsigned int	hidden[TYPE_MAX];
};

pid_t hwbp_opener_pid(const struct hwbp_opener *opener, const struct hwbp_viewer *viewer);
bool hwbp_knows_opener(const struct hwbp_opener *opener, const struct hwbp_viewer *viewer);

void hwbp_cursor_begin(struct hwbp_cursor *c);
const struct hwbp_row *hwbp_cursor_row(struct hwbp_cursor *c);
void hwbp_cursor_advance(struct hwbp_cursor *c);
void hwbp_cursor_end(struct hwbp_cursor *c);
void hwbp_holder(const struct perf_event *bp, struct hw_breakpoint_holder *holder);
unsigned int hwbp_holders(int cpu, int type, struct hw_breakpoint_holder *holders,
			  unsigned int max);

/* counts.c: how often requests are refused */
enum hwbp_reason {
	HWBP_NO_SLOT,
	HWBP_NO_MEMORY,
	HWBP_INVALID,
	HWBP_DENIED,
	HWBP_UNSUPPORTED,
	HWBP_OTHERWISE,
	HWBP_REASONS
};

/**
 * struct hwbp_refusals - the requests that have been refused on a CPU
 * @n: how many, by reason; others read it
 */
struct hwbp_refusals {
	unsigned long n[HWBP_REASONS];
};

DECLARE_PER_CPU(struct hwbp_refusals, hwbp_refusals);

int hwbp_refused(int err);

/* writes.c: how often registers are written */

/**
 * struct hwbp_writes - what commits have done on a CPU while it was counted
 * @asked: slots that were taken or given back since the last of them
 * @commits: how many there have been
 * @written: slots that they have written or switched off
 * @spared: slots that were taken or given back, and not written
 */
struct hwbp_writes {
	unsigned long	asked;
	unsigned long	commits;
	unsigned long	written;
	unsigned long	spared;
};

DECLARE_PER_CPU(struct hwbp_writes, hwbp_writes);

int hwbp_count_writes(bool on);
bool hwbp_counts_writes(void);

/* A bit of attr.config: the event is of all threads of the target's process. */
#define HWBP_CONFIG_PROCESS	BIT_ULL(0)

/* Or a copy of such an event */
static inline bool hwbp_is_of_process(const struct perf_event *bp)
{
	return bp->attr.config & HWBP_CONFIG_PROCESS;
}

/* process.c: events of a whole process */
#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
int hwbp_process_check(struct perf_event *bp);
int hwbp_process_add(struct perf_event *bp);
void hwbp_process_del(struct perf_event *bp);
bool hwbp_step_aside(void);
bool hwbp_process_runs(const struct perf_event *bp);
void hwbp_sched_task(struct perf_event_pmu_context *pmu_ctx, struct task_struct *task,
		     bool sched_in);
struct perf_process *hwbp_process_events(const struct perf_event *bp);
void hw_breakpoint_fork(struct task_struct *task, struct perf_event_context *ctx);
void hw_breakpoint_free_process(struct perf_process *process);
#else
static inline int hwbp_process_check(struct perf_event *bp)
{
	return -EOPNOTSUPP;
}

#define hwbp_sched_task			NULL
#define hwbp_process_events		NULL
#define hw_breakpoint_fork		NULL
#define hw_breakpoint_free_process	NULL
#endif

/* context.c: what is left */
unsigned int hwbp_free_for_current(int type);

/* slots.c, or legacy.c: what the CPUs have */
unsigned int hwbp_context_slots(void);
bool hwbp_has_more_slots(int cpu);

/* slots.c and commit.c, or legacy.c: what is in the registers of this CPU */
int hwbp_slots_init(void);
int hwbp_add(struct perf_event *bp, int flags);
void hwbp_del(struct perf_event *bp, int flags);
void hwbp_pmu_enable(struct pmu *pmu);
int hwbp_install(struct perf_event *bp);
void hwbp_uninstall(struct perf_event *bp);
void hwbp_adopt(struct perf_event *bp, const struct arch_hw_breakpoint *next);

#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
/**
 * hwbp_is_changing() - has this call interrupted a change of this CPU's slots?
 *
 * The choice of a slot and the change of an image read and write events and reservations, which
 * anybody with the right may watch, and call functions that can be probed. On arm64 no handler
 * of a hit or of a kprobe is in_nmi(), so in_nmi() does not tell. A commit and a loan (@busy)
 * need no such look: who changes a slot in the middle of either leaves it to their end.
 *
 * Context: interrupts off.
 * Return: true if the slots must be left alone.
 */
static inline bool hwbp_is_changing(void)
{
	return __this_cpu_read(hwbp_cpu.choosing);
}
#else
bool hwbp_is_changing(void);
#endif

/**
 * hwbp_set_info() - an event, in no slot that is owned, has this setting from now on
 * @bp: the event
 * @hw: what hw_breakpoint_arch_parse() made
 *
 * Context: any.
 */
static inline void hwbp_set_info(struct perf_event *bp, const struct arch_hw_breakpoint *hw)
{
	bp->hw.info = *hw;
#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
	arch_hwbp_encode(hw, &hwbp_reservation(bp)->image);
#endif
}

/**
 * hwbp_parsed_space() - whose memory does a breakpoint watch that can be encoded?
 * @bp: the event, or NULL for a debugger's
 * @attr: attributes
 * @hw: what hw_breakpoint_arch_parse() made of them
 *
 * Architectures without a back end know the kernel's, and take the address modulo
 * their word.
 *
 * Context: any.
 * Return: as arch_hwbp_space().
 */
static inline enum hwbp_space hwbp_parsed_space(const struct perf_event *bp,
						const struct perf_event_attr *attr,
						struct arch_hw_breakpoint *hw)
{
#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
	return hwbp_space(bp, attr);
#else
	if (attr->bp_addr != (unsigned long)attr->bp_addr)
		return HWBP_OF_NOBODY;
	return arch_check_bp_in_kernelspace(hw) ? HWBP_OF_KERNEL : HWBP_OF_USER;
#endif
}

#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND
/* What nobody may watch of slots.c, debug.c, level.c and account.c */
extern const struct hwbp_entry_data hwbp_slots_entry_data[];
extern const struct hwbp_entry_data hwbp_debug_entry_data[];
extern const struct hwbp_entry_data hwbp_level_entry_data[];
extern const struct hwbp_entry_data hwbp_account_entry_data[];
#endif

/* debug.c: what debuggers watch */
bool hwbp_debugger_aim(const struct hw_breakpoint_debug *bp,
		       struct hw_breakpoint_aim *aim);
void hwbp_report_taken(const struct perf_event *bp);
void hwbp_look_again(void);
void hwbp_report_missing(void);
void hwbp_report_pause(void);
bool hwbp_missing(void);
void hwbp_retry_missing(void);

/* change.c: attributes that change while the breakpoint may fire */
int hwbp_prepare(struct perf_event *bp, const struct perf_event_attr *attr);
void hwbp_apply(struct perf_event *bp, const struct perf_event_attr *attr);
int hwbp_change_local(struct perf_event *bp, const struct perf_event_attr *attr);

/* api.c */
int hwbp_parse(struct perf_event *bp, const struct perf_event_attr *attr,
	       struct arch_hw_breakpoint *hw);
int hwbp_parse_aim(struct perf_event *bp, const struct perf_event_attr *attr,
		   struct arch_hw_breakpoint *hw);
int hwbp_parse_debugger(const struct hw_breakpoint_aim *aim,
			struct arch_hw_breakpoint *hw);

/* sysfs.c */
extern const struct attribute_group *hwbp_groups[];

/* pmu.c */
extern struct pmu hwbp_pmu;
extern const struct perf_reserve_ops hwbp_reserve_ops;

/* Its callbacks, of attach.c, change.c and account.c */
int hw_breakpoint_attach(struct perf_event *bp, struct perf_event_context *ctx);
void hw_breakpoint_leave(struct perf_event *bp);
void hw_breakpoint_retire_account(struct perf_reserved *reserved);
void hw_breakpoint_free_account(struct perf_reserved *reserved);
int hw_breakpoint_prepare(struct perf_event *bp, const struct perf_event_attr *attr);
int hw_breakpoint_join(struct perf_event *bp);
bool hw_breakpoint_waits(struct perf_event *bp);

#endif /* _KERNEL_EVENTS_HW_BREAKPOINT_INTERNAL_H */
