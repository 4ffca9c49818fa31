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

#if defined(SHIM_OLD)
#include "arch-old.h"
#elif defined(SHIM_ARM64)
#include "arch-arm64.h"
#else
#include "arch-x86.h"
#endif

struct uprobe_task {
	const void	*active_uprobe;
	unsigned long	xol_vaddr;
	struct {
		unsigned int	saved_tf;
	} autask;
};

/*
 * Each task has its own, so it is a process of one thread. The threads of a process are those that
 * a test lets have the same @perf_process, see shim_same_process().
 */
struct signal_struct {
	struct perf_process	*perf_process;
};

struct task_struct {
	struct signal_struct	signal[1];
	struct task_struct	*leader;
	pid_t			tgid;
	struct thread_struct	thread;
	struct uprobe_task	*utask;
	unsigned long		flags;
	pid_t			pid;
	struct perf_event_context *perf_event_ctxp;
	char			comm[TASK_COMM_LEN];
	kuid_t			uid;
	/* and the task's number there; NULL: the initial one */
	struct pid_namespace	*ns;
	pid_t			own_pid;
};

extern __thread struct task_struct *shim_current;
#define current			shim_current

/* The tasks that there are, by number; a test fills them in. */
#define SHIM_TASKS	16
extern struct task_struct *shim_tasks[SHIM_TASKS];
void shim_new_task(struct task_struct *task, struct perf_event_context *ctx);
/* @task is a thread of @leader's process from now on; nobody has had an event of either's. */
void shim_same_process(struct task_struct *task, struct task_struct *leader);
#define thread_group_leader(t)	(!(t)->leader)
#define for_each_thread(p, t)							\
	for (int _i = 0; _i < SHIM_TASKS && ((t) = shim_tasks[_i], true); _i++)	\
		if ((t) && shim_leader(t) == shim_leader(p))

static inline struct task_struct *shim_leader(struct task_struct *task)
{
	return task->leader ?: task;
}

/* The number of a task is all that there is of it. */
struct pid {
	struct task_struct *task;
};

extern struct pid_namespace init_pid_ns;
struct pid *find_ge_pid(int nr, const struct pid_namespace *ns);
#define pid_nr(p)		((p)->task->pid)
#define pid_nr_ns(p, n) \
	((n) == &init_pid_ns ? (p)->task->pid : (n) == (p)->task->ns ? (p)->task->own_pid : 0)
#define task_active_pid_ns(t)	((t)->ns ?: &init_pid_ns)
#define task_tgid_nr(t)		((t)->pid)
#define task_tgid_vnr(t)	((t)->ns ? (t)->own_pid : (t)->pid)
#define pid_task(p, type)	((p)->task)
#define rcu_dereference(p)	READ_ONCE(p)
#define for_each_process_thread(p, t)						\
	for (int _i = 0; (void)(p), _i < SHIM_TASKS && ((t) = shim_tasks[_i], true); _i++) \
		if (t)

/* Who may look at whom: the same user, and user 0 */
#define PTRACE_MODE_READ_FSCREDS	1
#define PTRACE_MODE_NOAUDIT		2
extern __thread const struct cred *shim_cred;
#define override_creds(new)	({ const struct cred *_old = shim_cred; shim_cred = (new); _old; })
#define revert_creds(old)	((void)(shim_cred = (old)))
#define ptrace_may_access(task, mode) \
	((void)(mode), !shim_cred->fsuid.val || uid_eq(shim_cred->fsuid, (task)->uid))
#define current_euid()		(current->uid)

#include <asm/hw_breakpoint.h>
#include <linux/hw_breakpoint_types.h>
#include <linux/perf_reserve.h>

enum {
	perf_invalid_context	= -1,
	perf_hw_context		= 0,
	perf_sw_context,
};

struct perf_event_pmu_context;

struct pmu {
	const struct perf_reserve_ops *reserve;
	const struct attribute_group **attr_groups;
	int	task_ctx_nr;
	void	(*pmu_enable)(struct pmu *pmu);
	void	(*pmu_disable)(struct pmu *pmu);
	int	(*event_init)(struct perf_event *bp);
	int	(*add)(struct perf_event *bp, int flags);
	void	(*del)(struct perf_event *bp, int flags);
	void	(*start)(struct perf_event *bp, int flags);
	void	(*stop)(struct perf_event *bp, int flags);
	void	(*read)(struct perf_event *bp);
	void	(*start_txn)(struct pmu *pmu, unsigned int flags);
	int	(*commit_txn)(struct pmu *pmu);
	void	(*cancel_txn)(struct pmu *pmu);
	void	(*sched_task)(struct perf_event_pmu_context *pmu_ctx, struct task_struct *task,
			      bool sched_in);
	int	(*check_period)(struct perf_event *bp, u64 value);
};

/* What has been registered; a test may let it fail. */
extern struct pmu *shim_pmu;
extern struct notifier_block *shim_die_notifier;
extern int shim_pmu_error, shim_notifier_error;
int perf_pmu_register(struct pmu *pmu, const char *name, int type);
int register_die_notifier(struct notifier_block *nb);

struct perf_event_context {
	struct task_struct		*task;
	struct perf_reserved		*reserved;
	raw_spinlock_t			lock;
	int				is_active;
	unsigned int			pin_count;
};

/* Of the CPUs; the copies of events of processes are in these. */
extern struct perf_event_context shim_cpu_contexts[];
/* The copy on a CPU */
struct perf_event *shim_copy(struct perf_event *event, int cpu);
/* For how many events perf calls a PMU at each switch of tasks on this CPU */
extern int shim_sched_cb[];
#define perf_sched_cb_inc(pmu)	((void)(pmu), (void)shim_sched_cb[shim_this_cpu()]++)
#define perf_sched_cb_dec(pmu)	((void)(pmu), (void)shim_sched_cb[shim_this_cpu()]--)

#define PERF_EF_START		0x01
#define PERF_EF_UPDATE		0x04
#define PERF_HES_STOPPED	0x01

struct hw_perf_event {
	int					state;
	u64					sample_period;
	u64					last_period;
	struct arch_hw_breakpoint		info;
	int					flags;
	struct task_struct			*target;
};

enum perf_event_state {
	PERF_EVENT_STATE_EXIT		= -3,
	PERF_EVENT_STATE_OFF		= -1,
	PERF_EVENT_STATE_INACTIVE	= 0,
	PERF_EVENT_STATE_ACTIVE		= 1,
};

struct perf_event {
	struct perf_event_attr	attr;
	enum perf_event_state	state;
	struct hw_perf_event	hw;
	struct pmu		*pmu;
	void			*pmu_private;
	unsigned int		attach_state;
	struct perf_event_context *ctx;
	struct perf_event	*parent;
	struct perf_event	*group_leader;
	struct list_head	sibling_list;
	struct list_head	child_list;
	struct mutex		child_mutex;	/* child_list */
	perf_overflow_handler_t	overflow_handler;
	void			*overflow_handler_context;
	void			(*destroy)(struct perf_event *bp);
	int			cpu;
	int			oncpu;
	u64			id;
	/* of this harness only */
	struct hw_breakpoint_reservation shim_own;
	unsigned int		hits;
	unsigned int		periods;
	void			(*on_hit)(struct perf_event *bp);
};

/* For those that are not made by the PMU. */
#define SHIM_RESERVATION(bp)	\
	.pmu_private = &(bp).shim_own, .shim_own = { .event = &(bp), .slot = -1 }

/* As perf frees an event that is of no PMU any more. */
void shim_free_event(struct perf_event *bp);

#define for_each_sibling_event(sibling, event)			\
	if ((event)->group_leader == (event))			\
		list_for_each_entry((sibling), &(event)->sibling_list, sibling_list)

/* What perf calls where nobody else wants to know */
void perf_event_output_forward(struct perf_event *bp, struct perf_sample_data *data,
			       struct pt_regs *regs);
void perf_event_output_backward(struct perf_event *bp, struct perf_sample_data *data,
				struct pt_regs *regs);

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

static inline bool has_branch_stack(struct perf_event *bp)
{
	return bp->attr.sample_type & PERF_SAMPLE_BRANCH_STACK;
}

static inline u64 perf_swevent_set_period(struct perf_event *bp)
{
	bp->periods++;
	return bp->hw.last_period;
}

static inline void perf_bp_event(struct perf_event *bp, void *regs)
{
	bp->hits++;
	if (bp->on_hit)
		bp->on_hit(bp);
}

#endif
