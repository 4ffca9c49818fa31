// SPDX-License-Identifier: GPL-2.0
/*
 * A debugger in an NMI at every instruction of everything else: an operation is done
 * over and over, with the NMI before its first instruction, its second, and so on.
 * See steps.h for how.
 *
 * What comes out must be what it would be with the NMI before the operation or
 * after it: the results of both sides, who has what, the counts. The registers hold
 * what perf has installed and debuggers have set. At the moment of the NMI nothing
 * may be armed that nobody has asked for. And nothing must be left in the end.
 */

#include <limits.h>

#include "test.h"
#include "steps.h"

#define OWN		4
#define FILL		16
#define LATE		2
#define EVENTS		(OWN + FILL + LATE)
#define DEBUGGERS	(4 + FILL)
#define WATCHES		128

/**
 * struct event - a perf event
 * @bp: the event
 * @wanted: perf wants it on CPU 0
 * @active: and has it there
 * @paused: perf has seen that it had to do without a slot
 */
struct event {
	struct perf_event	bp;
	bool			wanted;
	bool			active;
	bool			paused;
};

/**
 * struct debugger - a breakpoint of a debugger
 * @bp: the breakpoint
 * @set: it watches @attr
 * @attr: what it watches
 */
struct debugger {
	struct hw_breakpoint_debug	bp;
	bool				set;
	struct perf_event_attr		attr;
};

/* Those of the operation, those that fill slots, and those of an interrupt. */
static struct event events[EVENTS];
#define own		events
#define fill		(events + OWN)
#define late		(events + OWN + FILL)

/* One that is there before, one that an NMI sets, and one that is no NMI's. */
static struct debugger debuggers[DEBUGGERS];
#define before		debuggers
#define mine		(debuggers + 1)
#define theirs		(debuggers + 2)
#define others		(debuggers + 4)

/* The events that are attached count hits in user mode alone. */
static bool user_only;

static struct perf_event_context cpu_context, contexts[4];
static struct task_struct tasks[4];
static struct hw_breakpoint_reservation waiting;

/* What the fillers and the debuggers are of: HW_BREAKPOINT_W or _X. */
static u32 type;

/**
 * struct outcome - all that an NMI may make a difference to
 * @ret: results of the operation
 * @nmi: results in the NMI
 * @active: events that perf has on CPU 0
 * @pinned: how many of them are pinned
 * @granted: debuggers that have been granted slots
 * @lost: events that have lost a slot, as far as is told
 * @cpus: the table of what is reserved
 */
struct outcome {
	int	ret[4];
	int	nmi[4];
	u32	active;
	int	pinned;
	u32	granted;
	int	lost;
	char	cpus[1024];
};

static struct outcome now;
static int nr_ret, nr_nmi;

/* What may ever be armed in this run. */
static struct watch legitimate[WATCHES];
static int nr_legitimate;

static void op_result(int ret)
{
	now.ret[nr_ret++ & 3] = ret;
}

static void nmi_result(int ret)
{
	now.nmi[nr_nmi++ & 3] = ret;
}

/* ---- perf ---- */

static void legitimise(const struct perf_event_attr *attr)
{
	EXPECT(nr_legitimate < WATCHES);
	legitimate[nr_legitimate++] = regs_expected(attr);
}

static u64 length(u32 of)
{
	return of == HW_BREAKPOINT_X ? sizeof(long) : 8;
}

/* The n-th place, in user space. */
static void event_attr(struct perf_event_attr *attr, int n, u32 of)
{
	regs_attr(attr, n);
	attr->bp_type = of;
	attr->bp_len = length(of);
}

/* What the next event takes over */
static struct hw_breakpoint_reservation *handed;

static int attach_type(struct event *e, struct perf_event_context *ctx, int cpu,
		       int n, u32 of)
{
	struct hw_breakpoint_reservation *h = handed;
	int ret;

	handed = NULL;
	e->bp = (struct perf_event) {
		SHIM_RESERVATION(e->bp),
		.pmu = &hwbp_pmu, .cpu = cpu, .oncpu = -1,
		.overflow_handler = h ? hwbp_takes_over : NULL,
		.overflow_handler_context = h,
		.attr.type = PERF_TYPE_BREAKPOINT,
		.attr.pinned = n & 1, .attr.exclude_kernel = user_only,
	};
	event_attr(&e->bp.attr, n, of);
	EXPECT_EQ(hwbp_pmu.event_init(&e->bp), 0);
	legitimise(&e->bp.attr);
	ret = perf_reserve_attach(&e->bp, ctx);
	if (ret)
		shim_free_event(&e->bp);
	e->bp.ctx = ctx;
	return ret;
}

/* Of the n-th place; @ctx: of a task, or NULL. */
static int attach(struct event *e, struct perf_event_context *ctx, int cpu, int n)
{
	return attach_type(e, ctx ?: &cpu_context, ctx ? cpu : 0, n, type);
}

static void must_attach(struct event *e, struct perf_event_context *ctx, int n)
{
	EXPECT_EQ(attach(e, ctx, -1, n), 0);
}

static void install(struct event *e)
{
	int ret = hwbp_pmu.add(&e->bp, PERF_EF_START);

	EXPECT(!ret || ret == -ENOSPC);
	e->active = !ret;
	e->paused |= ret;
	e->bp.oncpu = ret ? -1 : 0;
}

static void uninstall(struct event *e)
{
	if (e->active)
		hwbp_pmu.del(&e->bp, 0);
	e->active = false;
	e->bp.oncpu = -1;
}

static void sched_in(struct event *e)
{
	e->wanted = true;
	install(e);
}

static void sched_out(struct event *e)
{
	uninstall(e);
	e->wanted = false;
}

static void run_events(struct event *e, int n)
{
	local_irq_disable();
	while (n--)
		sched_in(e++);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
}

static bool rescheduling;

/* Pinned first, as perf does. */
void perf_pmu_resched(struct pmu *pmu)
{
	int i, pinned;

	if (shim_cpu)
		return;
	rescheduling = true;
	for (i = 0; i < EVENTS; i++)
		uninstall(&events[i]);
	for (pinned = 1; pinned >= 0; pinned--) {
		for (i = 0; i < EVENTS; i++) {
			if (events[i].wanted && events[i].bp.attr.pinned == pinned)
				install(&events[i]);
		}
	}
	hwbp_pmu_enable(NULL);
	rescheduling = false;
}

/* ---- debuggers ---- */

static void debugger_attr(struct perf_event_attr *attr, int n)
{
	regs_kernel_attr(attr, n);
	attr->bp_type = type;
	attr->bp_len = length(type);
}

/* Nobody writes where they watch. */
static void stray_hit(struct hw_breakpoint_debug *bp, struct pt_regs *regs, int slot,
		      unsigned int flags)
{
	FAIL("debugger %td is told of a hit of slot %d",
	     container_of(bp, struct debugger, bp) - debuggers, slot);
}

static int reserve(struct debugger *d, int cpu, unsigned int flags)
{
	d->bp.owner = "test";
	d->bp.hit = stray_hit;
	return hw_breakpoint_debug_reserve(&d->bp, cpu, type, flags);
}

/* The n-th place, in the kernel. */
static void set(struct debugger *d, int n)
{
	struct perf_event_attr attr = { };

	debugger_attr(&attr, n);
	legitimise(&attr);
	d->attr = attr;
	d->set = true;
	EXPECT_EQ(hw_breakpoint_debug_set(&d->bp, attr.bp_addr, attr.bp_len,
					  attr.bp_type), 0);
}

static int reserve_and_set(struct debugger *d, int cpu, int n, unsigned int flags)
{
	int ret = reserve(d, cpu, flags);

	if (!ret)
		set(d, n);
	return ret;
}

static void clear(struct debugger *d)
{
	d->set = false;
	hw_breakpoint_debug_clear(&d->bp);
}

static void release(struct debugger *d)
{
	d->set = false;
	hw_breakpoint_debug_release(&d->bp);
}

/* ---- what an NMI does ---- */

/* When an action comes; each is as good as one instruction to the operation. */
enum when {
	NMI,		/* at any instruction; x86 switches DR7 off meanwhile */
	OTHER_CPU,	/* CPU 1 does it */
	INTERRUPT,	/* or another task, where interrupts are on */
};

/* What there is of @before. */
enum had {
	NOTHING,
	SET,
	TAKEN,		/* perf knows that its slot has been taken */
	UNTOLD,		/* perf does not know yet */
	TASK,		/* not that, but @late has a reservation */
};

/* How the slots of CPU 0 are filled before, beside what the operation has. */
enum state {
	ALL_FREE,
	TWO_FREE,
	ONE_FREE,
	FULL,
	PROMISED,	/* full, but of events that are not installed */
	CROWDED,	/* full, but of debuggers' */
	ELSEWHERE,	/* one is free here, and none on CPU 1 */
	NR_STATES,
};

/**
 * struct action - what happens in the middle of an operation
 * @name: for the report
 * @run: does it
 * @when: where it comes from
 * @had: what there is before
 */
struct action {
	const char	*name;
	void		(*run)(void);
	enum when	when;
	enum had	had;
};

#define ALL	HW_BREAKPOINT_ALL_CPUS

static void nmi_set(void)
{
	nmi_result(reserve_and_set(mine, ALL, 1, 0));
}

static void nmi_set_here(void)
{
	nmi_result(reserve_and_set(mine, 0, 1, 0));
}

static void nmi_release(void)
{
	release(before);
}

static void nmi_clear(void)
{
	clear(before);
}

static void nmi_aim(void)
{
	set(before, 3);
}

static void nmi_brief(void)
{
	nmi_result(reserve_and_set(mine, ALL, 1, 0));
	release(mine);
}

static void nmi_swap(void)
{
	release(before);
	nmi_result(reserve_and_set(mine, ALL, 1, 0));
}

static void nmi_take(void)
{
	nmi_result(reserve_and_set(mine, ALL, 1, HW_BREAKPOINT_TAKE));
}

static void nmi_take_here(void)
{
	nmi_result(reserve_and_set(mine, 0, 1, HW_BREAKPOINT_TAKE));
}

static void nmi_take_briefly(void)
{
	nmi_result(reserve_and_set(mine, ALL, 1, HW_BREAKPOINT_TAKE));
	release(mine);
}

/* Silent itself, and in step with what was set when it ends. */
static void nmi_kgdb(void)
{
	hw_breakpoint_silence();
	nmi_result(reserve_and_set(mine, ALL, 1, 0));
	hw_breakpoint_debug_sync();
	hw_breakpoint_unsilence();
}

static void nmi_sync(void)
{
	hw_breakpoint_debug_sync();
}

/* Only that it gets through. */
static void nmi_holders(void)
{
	struct hw_breakpoint_holder h[EVENTS];

	hw_breakpoint_debug_holders(0, type, h, EVENTS);
	hw_breakpoint_debug_holders(1, type, h, EVENTS);
}

/* On the other CPU alone */
static void set_there(void)
{
	nmi_result(reserve_and_set(mine, 1, 1, 0));
}

/* A task that needs a slot of any CPU, and keeps it. */
static void irq_attach(void)
{
	int ret = attach(&late[0], &contexts[3], -1, 9);

	nmi_result(ret);
}

static void irq_attach_detach(void)
{
	int ret = attach(&late[0], &contexts[3], -1, 9);

	nmi_result(ret);
	if (!ret)
		hwbp_detach(&late[0].bp);
}

/* What the operation's task has on the CPU leaves it, or comes back. */
static void switch_own(bool away)
{
	int i;

	local_irq_disable();
	for (i = 0; i < OWN; i++) {
		if (!own[i].wanted || own[i].bp.ctx == &cpu_context)
			continue;
		if (away)
			uninstall(&own[i]);
		else
			install(&own[i]);
	}
	hwbp_pmu_enable(NULL);
	local_irq_enable();
}

/* Another task comes, and goes. */
static void irq_switch(void)
{
	switch_own(true);
	run_events(&late[0], 1);
	local_irq_disable();
	sched_out(&late[0]);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
	switch_own(false);
}

static const struct action actions[] = {
	{ "set",			nmi_set,	NMI },
	{ "set on this CPU",		nmi_set_here,	NMI },
	{ "set from kgdb",		nmi_kgdb,	NMI },
	{ "set and release",		nmi_brief,	NMI },
	{ "look",			nmi_sync,	NMI,		SET },
	{ "re-aim",			nmi_aim,	NMI,		SET },
	{ "clear",			nmi_clear,	NMI,		SET },
	{ "release",			nmi_release,	NMI,		SET },
	{ "release and set another",	nmi_swap,	NMI,		SET },
	{ "take",			nmi_take,	NMI },
	{ "take on this CPU",		nmi_take_here,	NMI },
	{ "take and release",		nmi_take_briefly, NMI },
	{ "take another",		nmi_take,	NMI,		TAKEN },
	{ "release what was taken",	nmi_release,	NMI,		TAKEN },
	{ "release what was just taken", nmi_release,	NMI,		UNTOLD },
	{ "list holders",		nmi_holders,	NMI,		SET },
	{ "set by CPU 1",		nmi_set,	OTHER_CPU },
	{ "re-aim by CPU 1",		nmi_aim,	OTHER_CPU,	SET },
	{ "release by CPU 1",		nmi_release,	OTHER_CPU,	SET },
	{ "take by CPU 1",		nmi_take,	OTHER_CPU },
	{ "set on CPU 1",		set_there,	OTHER_CPU },
	{ "a task reserves",		irq_attach,	INTERRUPT },
	{ "a task reserves and releases", irq_attach_detach, INTERRUPT },
	{ "a task switch",		irq_switch,	INTERRUPT,	TASK },
	{ }
};

/* ---- instruction by instruction ---- */

static const struct action *action;
/* The moment has not come yet; and it has come, and the action was possible. */
static bool stepping, happened;

/* Armed is only what somebody has asked for. */
static void check_armed(void)
{
	struct watch w[REGS_MAX];
	bool off = shim_irqs_off;
	int n, i;

	/* in the middle of it, with debug exceptions masked */
	if (regs_masked())
		return;
	shim_irqs_off = true;
	n = regs_may_fire(w);
	while (n--) {
		for (i = 0; i < nr_legitimate; i++) {
			if (same_watch(&w[n], &legitimate[i]))
				break;
		}
		if (i == nr_legitimate)
			FAIL("%u:%#llx+%llu is armed and nobody's", w[n].type,
			     w[n].addr, w[n].len);
	}
	shim_irqs_off = off;
}

/*
 * Another task comes on this CPU, and if it has to wait for a lock the operation goes on:
 * both have a stack.
 */
static struct {
	char	stack[STACK_SIZE];
	void	*sp;
	void	*op_sp;
	bool	runs;
	bool	waits;
} preempting;

static void run_preempting(void)
{
	action->run();
	preempting.waits = false;
	preempting.runs = false;
	switch_stack(&preempting.sp, preempting.op_sp);
}

/* Until the other task is through, or waits. */
static void preempt(void)
{
	struct task_struct *task = current;

	if (!preempting.waits)
		preempting.sp = new_stack(preempting.stack, run_preempting);
	preempting.runs = true;
	preempting.waits = false;
	shim_current = &tasks[3];
	switch_stack(&preempting.op_sp, preempting.sp);
	shim_current = task;
}

/* Nobody else runs: what is waited for will never come, unless a task has come between. */
static void wait_here(void)
{
	if (!preempting.runs || in_nmi())
		FAIL("waits for what it has interrupted");
	preempting.runs = false;
	preempting.waits = true;
	switch_stack(&preempting.sp, preempting.op_sp);
}

/* Entry and exit, as the architecture makes them. */
static void take_nmi(void)
{
	bool off = shim_irqs_off;
	unsigned long flags;

	shim_irqs_off = true;
	flags = regs_nmi_enter();
	action->run();
	regs_nmi_leave(flags);
	shim_irqs_off = off;
}

static void act(void)
{
	bool off = shim_irqs_off;

	switch (action->when) {
	case NMI:
		take_nmi();
		break;
	case OTHER_CPU:
		shim_cpu = 1;
		shim_irqs_off = true;
		action->run();
		shim_irqs_off = off;
		shim_cpu = 0;
		break;
	case INTERRUPT:
		preempt();
		break;
	}
	if (!shim_irqs_off)
		shim_run_irq_work();
}

static bool may_happen(void)
{
	if (preempting.waits)
		return !shim_irqs_off;
	if (action->when == OTHER_CPU && num_online_cpus() == 1)
		return false;
	if (shim_cpu || (action->when == NMI && regs_masked()))
		return false;
	return action->when != INTERRUPT || !shim_irqs_off;
}

/* perf was in the middle of that when the NMI came: what is taken then is free. */
static bool was_rescheduling;

/* How many more come in this run, at random moments; and how many came in all. */
static int more;
static long nmis;

void steps_here(void)
{
	steps_left = LONG_MAX;
	stepping = false;
	if (may_happen()) {
		was_rescheduling = rescheduling;
		check_armed();
		act();
		check_armed();
		happened = true;
		nmis++;
	}
	if (preempting.waits)
		steps_left = 1;
	else if (more && more--)
		steps_left = 1 + random_below(100);
}

/* ---- operations ---- */

/**
 * struct op - what an NMI interrupts
 * @name: for the report
 * @prepare: reserves what it needs
 * @start: goes on when all slots are filled that shall be
 * @run: instruction by instruction
 * @irqs_off: all of it
 */
struct op {
	const char	*name;
	void		(*prepare)(void);
	void		(*start)(void);
	void		(*run)(void);
	bool		irqs_off;
};

/* Two tasks with two breakpoints each, in the n-th places; the first one runs. */
static void two_tasks(int n)
{
	must_attach(&own[0], &contexts[0], 0);
	must_attach(&own[1], &contexts[0], 1);
	must_attach(&own[2], &contexts[1], n);
	must_attach(&own[3], &contexts[1], n + 1);
	run_events(own, 2);
}

static void same_places(void)
{
	two_tasks(0);
}

static void other_places(void)
{
	two_tasks(4);
}

static void do_switch(void)
{
	local_irq_disable();
	sched_out(&own[0]);
	sched_out(&own[1]);
	hwbp_pmu_enable(NULL);
	sched_in(&own[2]);
	sched_in(&own[3]);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
}

static void two_idle(void)
{
	must_attach(&own[0], &contexts[0], 0);
	must_attach(&own[1], &contexts[0], 1);
}

static void two_running(void)
{
	two_idle();
	run_events(own, 2);
}

static void do_in(void)
{
	run_events(own, 2);
}

static void do_out(void)
{
	local_irq_disable();
	sched_out(&own[0]);
	sched_out(&own[1]);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
}

/* perf's rotation: nothing is committed in between. */
static void do_rotate(void)
{
	local_irq_disable();
	sched_out(&own[0]);
	sched_out(&own[1]);
	sched_in(&own[1]);
	sched_in(&own[0]);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
}

/* One goes and another of the same place comes, in one commit. */
static void do_replace(void)
{
	local_irq_disable();
	sched_out(&own[0]);
	sched_in(&own[2]);
	sched_out(&own[1]);
	sched_in(&own[3]);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
}

static void one_cpu_event(void)
{
	must_attach(&own[0], NULL, 0);
}

static void one_running(void)
{
	one_cpu_event();
	run_events(own, 1);
}

static void do_install(void)
{
	run_events(own, 1);
}

static void do_uninstall(void)
{
	local_irq_disable();
	sched_out(&own[0]);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
}

static void nothing(void) { }

static void do_attach(void)
{
	op_result(attach(&own[0], &contexts[0], -1, 0));
}

static void do_attach_bound(void)
{
	op_result(attach(&own[0], &contexts[0], 0, 0));
}

static void do_attach_cpu(void)
{
	op_result(attach(&own[0], NULL, 0, 0));
}

static void one_bound(void)
{
	EXPECT_EQ(attach(&own[1], &contexts[0], 0, 1), 0);
}

static void do_detach(void)
{
	shim_free_event(&own[0].bp);
}

static void mixed(void)
{
	must_attach(&own[0], &contexts[0], 0);
	one_bound();
}

/* The same, the bound one first */
static void mixed_bound(void)
{
	EXPECT_EQ(attach(&own[0], &contexts[0], 0, 0), 0);
	must_attach(&own[1], &contexts[0], 1);
}

static void one_free(void)
{
	must_attach(&own[1], &contexts[0], 1);
}

static void two_bound(void)
{
	EXPECT_EQ(attach(&own[0], &contexts[0], 0, 0), 0);
	EXPECT_EQ(attach(&own[1], &contexts[0], 1, 1), 0);
}

static void do_retire(void)
{
	perf_reserve_retire(&contexts[0]);
}

/* A child has as many as its parent. */
static void do_fork(void)
{
	op_result(attach(&own[2], &contexts[1], -1, 0));
	op_result(attach(&own[3], &contexts[1], -1, 1));
}

static void do_fork_mixed(void)
{
	op_result(attach(&own[2], &contexts[1], 0, 0));
	op_result(attach(&own[3], &contexts[1], -1, 1));
}

static void do_fork_bound(void)
{
	op_result(attach(&own[2], &contexts[1], 0, 0));
	op_result(attach(&own[3], &contexts[1], 1, 1));
}

/* More is assumed of contexts than they have. */
static void had_more(void)
{
	mixed();
	hwbp_detach(&own[0].bp);
	hwbp_detach(&own[1].bp);
	memset(own, 0, 2 * sizeof(*own));
}

static void do_lower(void)
{
	hwbp_lower_demand(0, hwbp_type(type));
	hwbp_lower_demand(1, hwbp_type(type));
}

static void one_waits(void)
{
	int pool = hwbp_type(type);

	EXPECT_EQ(hwbp_reserve_for_cpu(&waiting, 0, pool), 0);
}

static void do_take_over(void)
{
	handed = &waiting;
	op_result(attach(&own[0], NULL, 0, 0));
	handed = NULL;
	hwbp_hand_over(&waiting, hwbp_reservation(&own[0].bp));
}

static void change_to(int n, u32 of)
{
	struct perf_event_attr attr = own[0].bp.attr;
	int ret;

	event_attr(&attr, n, of);
	legitimise(&attr);
	ret = hwbp_prepare(&own[0].bp, &attr);
	if (!ret)
		hwbp_apply(&own[0].bp, &attr);
	op_result(ret);
}

static void do_change(void)
{
	change_to(2, type);
}

/* From the type that nobody else has here. */
static void one_of_other_type(void)
{
	u32 of = type == HW_BREAKPOINT_X ? HW_BREAKPOINT_W : HW_BREAKPOINT_X;

	EXPECT_EQ(attach_type(&own[0], &contexts[0], -1, 0, of), 0);
	run_events(own, 1);
}

/* The same of one that is bound, and one of either kind */
static void bound_of_other_type(void)
{
	u32 of = type == HW_BREAKPOINT_X ? HW_BREAKPOINT_W : HW_BREAKPOINT_X;

	EXPECT_EQ(attach_type(&own[0], &contexts[0], 0, 0, of), 0);
	run_events(own, 1);
}

static void mixed_of_other_type(void)
{
	one_of_other_type();
	one_bound();
}

static void do_change_local(void)
{
	struct perf_event_attr attr = own[0].bp.attr;

	event_attr(&attr, 2, type);
	legitimise(&attr);
	local_irq_disable();
	op_result(hwbp_change_local(&own[0].bp, &attr));
	local_irq_enable();
}

/* ---- of a debugger that is in no NMI ---- */

static void do_set_all(void)
{
	op_result(reserve_and_set(theirs, ALL, 0, 0));
}

static void do_set_one(void)
{
	op_result(reserve_and_set(theirs, 0, 0, 0));
}

static void debugger_set(void)
{
	EXPECT_EQ(reserve_and_set(theirs, ALL, 0, 0), 0);
	shim_run_irq_work();
}

static void do_aim(void)
{
	set(theirs, 2);
}

static void do_clear(void)
{
	clear(theirs);
}

static void do_release(void)
{
	release(theirs);
}

static void do_take(void)
{
	op_result(reserve_and_set(theirs, ALL, 0, HW_BREAKPOINT_TAKE));
}

static void set_elsewhere(void)
{
	shim_cpu = 1;
	set(theirs, 2);
	shim_cpu = 0;
}

static void do_sync(void)
{
	hw_breakpoint_debug_sync();
}

static void do_flush(void)
{
	hw_breakpoint_debug_flush();
}

static void do_follow(void)
{
	shim_run_irq_work();
}

/* What was taken is free again, and perf does not know. */
static void take_and_release(void)
{
	EXPECT_EQ(reserve_and_set(theirs, ALL, 0, HW_BREAKPOINT_TAKE), 0);
	shim_run_irq_work();
	local_irq_disable();
	release(theirs);
	local_irq_enable();
}

static void take_one(void)
{
	local_irq_disable();
	EXPECT_EQ(reserve_and_set(theirs, ALL, 0, HW_BREAKPOINT_TAKE), 0);
	local_irq_enable();
}

/* ---- of others who write the registers ---- */

static void run_guest(int breakpoints, bool owns)
{
	struct guest g;

	regs_guest(&g, breakpoints);
	g.owns = owns;
	local_irq_disable();
	stepped_guest(&g);
	local_irq_enable();
}

static void do_lend(void)
{
	run_guest(2, false);
}

static void do_lend_all(void)
{
	run_guest(2, true);
}

static void do_guest(void)
{
	run_guest(0, false);
}

#ifndef SHIM_ARM64
static void do_encrypted(void)
{
	struct guest g = { .encrypted = true };

	local_irq_disable();
	stepped_guest(&g);
	local_irq_enable();
}

static void do_switched(void)
{
	struct guest g = { .switched = true };

	local_irq_disable();
	stepped_guest(&g);
	local_irq_enable();
}
#endif

static void do_restore(void)
{
	local_irq_disable();
	stepped_restore();
	local_irq_enable();
}

static void do_silence(void)
{
	local_irq_disable();
	hw_breakpoint_silence();
	hw_breakpoint_silence();
	hw_breakpoint_unsilence();
	hw_breakpoint_unsilence();
	local_irq_enable();
}

/* A task dies, with the registers lent. */
static void do_die(void)
{
	local_irq_disable();
	hw_breakpoint_silence();
	hw_breakpoint_silence();
	hwbp_lend(NULL, 0);
	regs_lose();
	hw_breakpoint_heal();
	local_irq_enable();
}

/* In the middle of nothing, as most do. */
static void do_exit(void)
{
	local_irq_disable();
	hw_breakpoint_heal();
	local_irq_enable();
}

/* ---- of those who are hit ---- */

/* Writes with interrupts off that an event should have counted. */
static unsigned int missed;

/* A debugger's are in force when the exception has returned, not later. */
static void check_debuggers_armed(void)
{
	struct watch w[REGS_MAX], expected;
	int i, j, n = regs_may_fire(w);

	for (i = 0; i < DEBUGGERS; i++) {
		struct debugger *d = &debuggers[i];

		if (!d->set || (d->bp.cpu != ALL && d->bp.cpu))
			continue;
		expected = regs_expected(&d->attr);
		for (j = 0; j < n && !same_watch(&w[j], &expected); j++)
			;
		EXPECT(j < n);
	}
}

/* What is written while the slot is the event's is counted, and only that. */
static void write_watched(void)
{
	unsigned int n = 4, hits = own[0].bp.hits, missed_here;

	missed_here = stepped_writes(own[0].bp.attr.bp_addr, n);
	missed += missed_here;
	if (action->when == NMI)
		check_debuggers_armed();
	if (regs_reports())
		EXPECT_EQ(own[0].bp.hits - hits, n - missed_here);
}

static void do_write(void)
{
	local_irq_disable();
	write_watched();
	local_irq_enable();
}

/* With its slot taken the event changes, and perf knows of nothing. */
static void do_write_and_change(void)
{
	struct perf_event_attr attr = own[0].bp.attr;

	event_attr(&attr, 2, type);
	legitimise(&attr);
	local_irq_disable();
	write_watched();
	if (own[0].active)
		EXPECT_EQ(hwbp_change_local(&own[0].bp, &attr), 0);
	write_watched();
	local_irq_enable();
}

#ifdef SHIM_ARM64
/* An instruction writes what own[0] watches. No NMI comes in a debug exception. */
static void take_hit(struct pt_regs *regs)
{
	u64 addr = own[0].bp.attr.bp_addr;

	*regs = (struct pt_regs) { .user = !(addr >> 63), .sp = 0x8000, .pc = 0x4000 };
	shim_write_daif(DAIF_MASK);
	do_watchpoint(addr, ESR_ELx_WNR, regs);
	shim_write_daif(0);
}

/* Nothing rests after the step, which nobody else has asked for. */
static void take_step(struct pt_regs *regs)
{
	const struct hwbp_cpu *c = this_cpu_ptr(&hwbp_cpu);

	regs->pc += 4;
	shim_write_daif(DAIF_MASK);
	EXPECT(try_step_suspended_breakpoints(regs));
	shim_write_daif(0);
	EXPECT_EQ(hwbp_live(), c->owned | c->placed);
}

static void do_hit_and_step(void)
{
	struct pt_regs regs;

	local_irq_disable();
	take_hit(&regs);
	take_step(&regs);
	local_irq_enable();
}

/* perf takes the other event away in between, and gives it back. */
static void do_hit_change_and_step(void)
{
	struct pt_regs regs;

	local_irq_disable();
	take_hit(&regs);
	sched_out(&own[1]);
	hwbp_pmu_enable(NULL);
	sched_in(&own[1]);
	hwbp_pmu_enable(NULL);
	take_step(&regs);
	local_irq_enable();
}

/* A guest has the registers in between. */
static void do_hit_guest_and_step(void)
{
	struct pt_regs regs;

	local_irq_disable();
	take_hit(&regs);
	do_lend();
	local_irq_disable();
	take_step(&regs);
	local_irq_enable();
}
#endif

/* ---- of guests, while what counts in user mode alone is off ---- */

static void users_run(void)
{
	user_only = true;
	two_running();
}

static void users_and_others(void)
{
	user_only = true;
	one_running();
	user_only = false;
	must_attach(&own[1], &contexts[0], 4);
}

/* In the kernel, too, a debugger's are in force when its NMI has returned. */
static void next_guest(int breakpoints, bool owns)
{
	run_guest(breakpoints, owns);
	local_irq_disable();
	if (action->when == NMI)
		check_debuggers_armed();
	local_irq_enable();
}

static void do_guests(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		next_guest(0, false);
		next_guest(2, false);
		next_guest(2, true);
	}
	local_irq_disable();
	stepped_put();
	write_watched();
	local_irq_enable();
}

/* Events come and go by an interrupt; the second counts in the kernel. */
static void do_guests_and_switch(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		next_guest(0, false);
		local_irq_disable();
		sched_out(&own[i]);
		hwbp_pmu_enable(NULL);
		sched_in(&own[1 - i]);
		hwbp_pmu_enable(NULL);
		local_irq_enable();
	}
	local_irq_disable();
	if (action->when == NMI)
		check_debuggers_armed();
	stepped_put();
	local_irq_enable();
}

static void do_guest_and_restore(void)
{
	next_guest(0, false);
	do_restore();
	local_irq_disable();
	stepped_put();
	local_irq_enable();
}

/* A task dies that has a vCPU loaded, after a guest. The NMI may end what is off until then. */
static void do_guest_and_die(void)
{
	next_guest(0, false);
	local_irq_disable();
	hw_breakpoint_silence();
	hw_breakpoint_heal();
	stepped_put();
	local_irq_enable();
}

/* All of it has interrupts off. */
#define OFF	true

static const struct op scheduling[] = {
	{ "install",			one_cpu_event,	nothing,	do_install,	OFF },
	{ "uninstall",			one_running,	nothing,	do_uninstall,	OFF },
	{ "task switch",		other_places,	nothing,	do_switch,	OFF },
	{ "task switch, same places",	same_places,	nothing,	do_switch,	OFF },
	{ "task with breakpoints comes", two_idle,	nothing,	do_in,		OFF },
	{ "task with breakpoints goes",	two_running,	nothing,	do_out,		OFF },
	{ "rotation",			two_running,	nothing,	do_rotate,	OFF },
	{ "replacement",		same_places,	nothing,	do_replace,	OFF },
	{ }
};

static const struct op reserving[] = {
	{ "reserve",			nothing,	nothing,	do_attach },
	{ "reserve on a CPU",		nothing,	nothing,	do_attach_bound },
	{ "reserve for a CPU",		nothing,	nothing,	do_attach_cpu },
	{ "reserve beside a bound one",	one_bound,	nothing,	do_attach },
	{ "release",			mixed,		nothing,	do_detach },
	{ "exit",			mixed,		nothing,	do_retire },
	{ "fork",			two_idle,	nothing,	do_fork },
	{ "reserve on a CPU beside one that is free", one_free, nothing,	do_attach_bound },
	{ "reserve two on a CPU",	one_bound,	nothing,	do_attach_bound },
	{ "release a bound one",	mixed_bound,	nothing,	do_detach },
	{ "release one of two",		two_idle,	nothing,	do_detach },
	{ "release one of two that are bound", two_bound, nothing,	do_detach },
	{ "release of a CPU",		one_cpu_event,	nothing,	do_detach },
	{ "exit with what is bound",	two_bound,	nothing,	do_retire },
	{ "exit with what is not",	two_idle,	nothing,	do_retire },
	{ "fork of both kinds",		mixed_bound,	nothing,	do_fork_mixed },
	{ "fork of what is bound",	two_bound,	nothing,	do_fork_bound },
	{ "lower",			had_more,	nothing,	do_lower },
	{ "hand a reservation over",	one_waits,	nothing,	do_take_over },
	{ }
};

static const struct op changing[] = {
	{ "change",			one_running,	nothing,	do_change },
	{ "change of one that waits",	one_cpu_event,	nothing,	do_change },
	{ "change to another type",	one_of_other_type, nothing,	do_change },
	{ "change of a bound one to another type", bound_of_other_type, nothing, do_change },
	{ "change to another type beside a bound one", mixed_of_other_type, nothing, do_change },
	{ "change by the CPU",		one_running,	nothing,	do_change_local, OFF },
	{ }
};

static const struct op debugging[] = {
	{ "debugger sets",		two_running,	nothing,	do_set_all },
	{ "debugger sets on a CPU",	two_running,	nothing,	do_set_one },
	{ "debugger takes",		two_running,	nothing,	do_take },
	{ "debugger re-aims",		debugger_set,	nothing,	do_aim },
	{ "debugger clears",		debugger_set,	nothing,	do_clear },
	{ "debugger releases",		debugger_set,	nothing,	do_release },
	{ "debugger looks",		debugger_set,	set_elsewhere,	do_sync },
	{ "debugger waits for all",	debugger_set,	set_elsewhere,	do_flush },
	{ "follow another CPU",		debugger_set,	set_elsewhere,	do_follow },
	{ "tell perf of the loss",	two_running,	take_one,	do_follow },
	{ "tell perf of the return",	two_running,	take_and_release, do_follow },
	{ }
};

static const struct op writing[] = {
	{ "lend and take back",		two_running,	nothing,	do_lend,	OFF },
	{ "lend and read back",		two_running,	nothing,	do_lend_all,	OFF },
	{ "lend, and no breakpoints",	nothing,	nothing,	do_lend,	OFF },
	{ "guest without breakpoints",	two_running,	nothing,	do_guest,	OFF },
	{ "neither has breakpoints",	nothing,	nothing,	do_guest,	OFF },
#ifndef SHIM_ARM64
	{ "encrypted guest",		two_running,	nothing,	do_encrypted,	OFF },
	{ "it, and no breakpoints",	nothing,	nothing,	do_encrypted,	OFF },
	{ "TDX guest",			two_running,	nothing,	do_switched,	OFF },
	{ "it, and no breakpoints",	nothing,	nothing,	do_switched,	OFF },
#endif
	{ "lose and restore",		two_running,	nothing,	do_restore,	OFF },
	{ "silence",			one_running,	nothing,	do_silence,	OFF },
	{ "a task dies",		two_running,	nothing,	do_die,		OFF },
	{ "a task exits",		one_running,	nothing,	do_exit,	OFF },
	{ "guests, and user space is watched", users_run, nothing,	do_guests,	OFF },
	{ "guests, and events change",	users_and_others, nothing,	do_guests_and_switch, OFF },
	{ "guest, lose and restore",	users_run,	nothing,	do_guest_and_restore, OFF },
	{ "guest, and a task dies",	users_run,	nothing,	do_guest_and_die, OFF },
	{ }
};

static const struct op hitting[] = {
	{ "writes that hit",		one_running,	nothing,	do_write,	OFF },
	{ "writes that hit one of two",	two_running,	nothing,	do_write,	OFF },
	{ "writes around a change",	two_running,	nothing,	do_write_and_change, OFF },
#ifdef SHIM_ARM64
	{ "a hit and its step",		two_running,	nothing,	do_hit_and_step, OFF },
	{ "a hit, a change, its step",	two_running,	nothing,
	  do_hit_change_and_step, OFF },
	{ "a hit, a guest, its step",	two_running,	nothing,
	  do_hit_guest_and_step, OFF },
#endif
	{ }
};

/* Where there is one CPU, and nobody else to be told. */
static const struct op alone[] = {
	{ "install, alone",		one_cpu_event,	nothing,	do_install,	OFF },
	{ "rotation, alone",		two_running,	nothing,	do_rotate,	OFF },
	{ "change, alone",		one_running,	nothing,	do_change },
	{ "debugger takes, alone",	two_running,	nothing,	do_take },
	{ }
};

/* ---- the state before ---- */

static const struct op *op;
static enum state state;
/* The instruction that the NMI comes before, or one of the two below. */
static long at;
/* Number of the operation with the action in that state. */
static unsigned int combination;

static int nr_slots(void)
{
	return hw_breakpoint_slots(hwbp_type(type));
}

/* Slots of @cpu that nobody has reserved, from the table. */
static int nr_free(int cpu)
{
	char buf[1024], *line = buf;
	int row, pool, left;

	shim_read("cpus", buf, sizeof(buf), NULL);
	do {
		line = strchr(line, '\n') + 1;
		EXPECT_EQ(sscanf(line, "%d %d %*d %*d %*d %*d %d", &row, &pool, &left), 3);
	} while (row != cpu || pool != hwbp_type(type));
	return left;
}

/* Until no slot is left, or @n times. */
static void fill_with_debuggers(int cpu, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (reserve_and_set(&others[i], cpu, 8 + i, 0))
			return;
	}
	shim_run_irq_work();
}

/* Return: false if there cannot be as few free slots as this. */
static bool fill_slots(void)
{
	static const int left[NR_STATES] = {
		[TWO_FREE] = 2, [ONE_FREE] = 1, [ELSEWHERE] = 1,
	};
	int i, n = nr_free(0) - left[state];

	if (state == ALL_FREE)
		return true;
	if (n < 0)
		return false;
	if (state == CROWDED) {
		fill_with_debuggers(ALL, n);
		return true;
	}
	for (i = 0; i < n; i++)
		must_attach(&fill[i], NULL, 16 + i);
	if (state != PROMISED)
		run_events(fill, n);
	if (state == ELSEWHERE)
		fill_with_debuggers(1, FILL);
	return true;
}

static bool set_before(void)
{
	if (action->had == TASK)
		return !attach(&late[0], &contexts[3], -1, 9);
	if (action->had == SET && reserve_and_set(before, ALL, 0, 0))
		return false;
	shim_run_irq_work();
	return true;
}

static bool take_before(void)
{
	if (action->had != TAKEN && action->had != UNTOLD)
		return true;
	if (reserve_and_set(before, ALL, 0, HW_BREAKPOINT_TAKE))
		return false;
	if (action->had == TAKEN)
		shim_run_irq_work();
	else if (!op->irqs_off)
		return false;
	return true;
}

/* The registers hold what they did at one time or another. */
static void warm(void)
{
	int i, n = min(nr_slots(), 4);

	local_irq_disable();
	for (i = 0; i < n; i++) {
		struct event *e = &fill[i];

		e->bp = (struct perf_event) {
			SHIM_RESERVATION(e->bp),
			.shim_own.held = true,
		};
		event_attr(&e->bp.attr, i, type);
		EXPECT_EQ(register_perf_hw_breakpoint(&e->bp), 0);
		EXPECT_EQ(hwbp_add(&e->bp, PERF_EF_START), 0);
	}
	hwbp_commit();
	for (i = 0; i < n; i++)
		hwbp_del(&fill[i].bp, 0);
	hwbp_commit();
	local_irq_enable();
	memset(events, 0, sizeof(events));
}

static void power_cycle(void)
{
	shim_cpu_down();
	local_irq_disable();
	regs_power_on();
	local_irq_enable();
	shim_cpu_up();
}

static void begin(void)
{
	int i;

	memset(events, 0, sizeof(events));
	memset(debuggers, 0, sizeof(debuggers));
	memset(&now, 0, sizeof(now));
	missed = 0;
	user_only = false;
	nr_ret = 0;
	nr_nmi = 0;
	nr_legitimate = 0;
	happened = false;
	cpu_context = (struct perf_event_context) { .lock.owner = -1 };
	for (i = 0; i < ARRAY_SIZE(contexts); i++)
		contexts[i] = (struct perf_event_context) {
			.task = &tasks[i], .lock.owner = -1,
		};
	power_cycle();
	warm();
}

static bool make_state(void)
{
	op->prepare();
	return set_before() && fill_slots() && take_before();
}

/* ---- the state after ---- */

static void take_out_attr(struct watch *armed, int *n,
			  const struct perf_event_attr *attr)
{
	struct watch w = regs_expected(attr);

	take_out(armed, n, &w);
}

static void check_registers(int cpu)
{
	struct watch armed[REGS_MAX];
	int i, n;

	local_irq_disable();
	shim_cpu = cpu;
	n = regs_armed(armed);
	for (i = 0; i < DEBUGGERS; i++) {
		struct debugger *d = &debuggers[i];

		if (d->set && (d->bp.cpu == ALL || d->bp.cpu == cpu))
			take_out_attr(armed, &n, &d->attr);
	}
	for (i = 0; cpu == 0 && i < EVENTS; i++) {
		if (events[i].active)
			take_out_attr(armed, &n, &events[i].bp.attr);
	}
	EXPECT_EQ(n, 0);
	shim_cpu = 0;
	local_irq_enable();
}

/* perf has all that it wants, unless debuggers have taken some of it. */
static void check_perf(void)
{
	int i;

	for (i = 0; i < EVENTS; i++) {
		struct event *e = &events[i];

		EXPECT(!e->active || hwbp_reservation(&e->bp)->slot >= 0);
		EXPECT(e->active || !e->wanted || hwbp_overdrawn(0));
	}
	/* never silently */
	EXPECT(!missed || own[0].paused);
}

void shim_taken(const struct hw_breakpoint_holder *holder)
{
	EXPECT(!strcmp(holder->comm, "test") && holder->cpu <= 0);
	now.lost++;
}

static void collect(void)
{
	int i;

	for (i = 0; i < EVENTS; i++)
		now.active |= (u32)events[i].active << i;
	for (i = 0; i < EVENTS; i++)
		now.pinned += events[i].active && events[i].bp.attr.pinned;
	for (i = 0; i < DEBUGGERS; i++)
		now.granted |= (u32)debuggers[i].bp.granted << i;
	shim_read("cpus", now.cpus, sizeof(now.cpus), NULL);
}

static void check_end(void)
{
	int cpu;

	shim_run_irq_work();
	EXPECT(!shim_irqs_off && !shim_cpu);
	for_each_online_cpu(cpu)
		check_registers(cpu);
	check_perf();
	collect();
}

/* perf gets back whatever was taken. */
static void free_debuggers(void)
{
	int i;

	for (i = 0; i < DEBUGGERS; i++)
		release(&debuggers[i]);
	shim_run_irq_work();
	check_perf();
	check_registers(0);
}

static void free_events(void)
{
	int i;

	local_irq_disable();
	for (i = 0; i < EVENTS; i++)
		sched_out(&events[i]);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
	for (i = 0; i < EVENTS; i++) {
		if (events[i].bp.pmu_private)
			hwbp_detach(&events[i].bp);
	}
	hwbp_release_reservation(&waiting);
	for (i = 0; i < ARRAY_SIZE(contexts); i++)
		perf_reserve_free(&contexts[i]);
	shim_run_irq_work();
}

/* In either order: perf's coming back would hide what was left behind. */
static void free_all(void)
{
	if (at / 4 % 2)
		free_debuggers();
	free_events();
	free_debuggers();
}

/* All slots can be had again, and a task is told at once that there are none. */
static void check_free(void)
{
	int i, n = nr_slots();

	EXPECT(!hw_breakpoint_is_used());
	for (i = 0; i < n; i++)
		EXPECT_EQ(reserve_and_set(&debuggers[i], 0, i, 0), 0);
	EXPECT_EQ(reserve(&debuggers[n], 0, 0), -ENOSPC);
	contexts[0].reserved = NULL;
	EXPECT_EQ(attach(&own[0], &contexts[0], -1, 0), -ENOSPC);
	perf_reserve_free(&contexts[0]);
	check_registers(0);
	for (i = 0; i < n; i++)
		release(&debuggers[i]);
	shim_run_irq_work();
	check_registers(0);
}

static void end(void)
{
	free_all();
	memset(events, 0, sizeof(events));
	memset(debuggers, 0, sizeof(debuggers));
	nr_legitimate = 0;
	missed = 0;
	/* which is as much as all the rest; others get it at the moments between */
	if (at < 1 || at % 4 == combination % 4)
		check_free();
}

/* ---- all together ---- */

/* Not at an instruction, but: */
#define BEFORE		0
#define AFTER		-1

static void act_outside(void)
{
	if (op->irqs_off && action->when != INTERRUPT)
		local_irq_disable();
	if (action->when != OTHER_CPU || num_online_cpus() > 1)
		act();
	local_irq_enable();
}

/* Return: false if there cannot be this state. */
static bool run_once(void)
{
	bool possible;

	begin();
	possible = make_state();
	if (possible) {
		op->start();
		if (at == BEFORE)
			act_outside();
		steps_left = at > 0 ? at : LONG_MAX;
		op->run();
		steps_left = LONG_MAX;
		if (at == AFTER)
			act_outside();
		if (preempting.waits)
			act();
		EXPECT(!preempting.waits);
		check_end();
	}
	end();
	return possible;
}

static void where(void)
{
	if (op)
		printf("# operation: %s; NMI: %s, at %ld; state %d\n", op->name,
		       action->name, at, state);
}

static void show(const char *when, const struct outcome *o)
{
	printf("# %s: results %d %d %d %d, in NMI %d %d; ", when, o->ret[0], o->ret[1],
	       o->ret[2], o->ret[3], o->nmi[0], o->nmi[1]);
	printf("active %#x, %d pinned, granted %#x, lost %d\n# %s", o->active, o->pinned,
	       o->granted, o->lost, o->cpus);
}

/* Which of several flexible events goes without a slot is up to perf. */
static bool same_outcome(const struct outcome *a, const struct outcome *b)
{
	return !memcmp(a->ret, b->ret, sizeof(a->ret)) &&
	       !memcmp(a->nmi, b->nmi, sizeof(a->nmi)) &&
	       hweight32(a->active) == hweight32(b->active) &&
	       a->pinned == b->pinned && a->granted == b->granted &&
	       !strcmp(a->cpus, b->cpus);
}

/*
 * Not more is taken from perf than in either order. It may be less: what is released
 * in between. All is reported, though the NMI be in the middle of a report.
 */
static bool right_losses(const struct outcome *a, const struct outcome *b)
{
	/* One that loses its slot while it is changed is told of by the change, too. */
	int twice = op->run == do_change || op->run == do_change_local ||
		    op->run == do_write_and_change;

	if (op->run == do_follow && action->run == nmi_take && !was_rescheduling &&
	    now.lost < min(a->lost, b->lost))
		return false;
	return now.lost <= max(a->lost, b->lost) + twice;
}

static void check_outcome(const struct outcome *first, const struct outcome *last)
{
	if ((same_outcome(&now, first) || same_outcome(&now, last)) &&
	    right_losses(first, last))
		return;
	show("NMI before", first);
	show("NMI after", last);
	show("NMI at this instruction", &now);
	FAIL("the outcome is that of no order");
}

/* Return: the number of NMIs. */
static long run_at_each(long *moments)
{
	struct outcome first, last;
	long n = 0;

	combination++;
	at = BEFORE;
	if (!run_once())
		return 0;
	first = now;
	at = AFTER;
	run_once();
	last = now;
	for (at = 1; ; at++) {
		stepping = true;
		run_once();
		if (stepping)
			break;
		n += happened;
		if (happened)
			check_outcome(&first, &last);
	}
	*moments = max(*moments, at - 1);
	return n;
}

static long total;

static void run_op(const struct op *o)
{
	long n = 0, moments = 0;
	int i;

	op = o;
	for (action = actions; action->name; action++) {
		for (i = 0; i < NR_STATES; i++) {
			state = i;
			n += run_at_each(&moments);
		}
	}
	printf("# %s: %ld NMIs, at %ld moments\n", o->name, n, moments);
	total += n;
	op = NULL;
}

static void begin_ops(void)
{
	test_where = where;
	shim_relax = wait_here;
	regs_allow_same(true);
	type = HW_BREAKPOINT_W;
}

static void end_ops(void)
{
	regs_allow_same(false);
	shim_relax = NULL;
	test_where = NULL;
}

static void run_ops(const struct op *o)
{
	begin_ops();
	for (; o->name; o++)
		run_op(o);
	end_ops();
}

/* ---- many NMIs ---- */

static void storm(void)
{
	struct debugger *d = random_below(2) ? mine : before;

	if (!d->bp.granted)
		reserve_and_set(d, random_below(2) ? 0 : ALL, random_below(4),
				random_below(2) ? HW_BREAKPOINT_TAKE : 0);
	else if (random_below(2))
		release(d);
	else if (random_below(2))
		clear(d);
	else
		set(d, random_below(4));
}

static const struct action storms = { "many", storm, NMI, SET };

static void storm_op(void)
{
	state = random_below(NR_STATES);
	at = 1 + random_below(200);
	more = random_below(16);
	run_once();
	more = 0;
}

static void storm_ops(const struct op *o)
{
	unsigned long n;

	action = &storms;
	for (op = o; op->name; op++) {
		for (n = 0; n < test_steps / 128; n++)
			storm_op();
	}
	op = NULL;
}

static void test_storms(void)
{
	begin_ops();
	nmis = 0;
	storm_ops(scheduling);
	storm_ops(reserving);
	storm_ops(changing);
	storm_ops(debugging);
	storm_ops(writing);
	storm_ops(hitting);
	printf("# %ld NMIs\n", nmis);
	end_ops();
}

/* ---- */

static void test_scheduling(void)
{
	run_ops(scheduling);
}

static void test_reserving(void)
{
	run_ops(reserving);
}

static void test_changing(void)
{
	run_ops(changing);
}

static void test_debugging(void)
{
	run_ops(debugging);
}

static void test_writing(void)
{
	run_ops(writing);
}

static void test_hitting(void)
{
	run_ops(hitting);
}

static void test_alone(void)
{
	shim_cpu = 1;
	shim_cpu_down();
	shim_cpu = 0;
	run_ops(alone);
	printf("# %ld NMIs in all\n", total);
	regs_allow_same(true);
	shim_cpu = 1;
	power_cycle();
	shim_cpu = 0;
	regs_allow_same(false);
}

const struct test tests[] = {
	{ "in the middle of perf's scheduling",		test_scheduling },
	{ "in the middle of reservations",		test_reserving },
	{ "in the middle of changes",			test_changing },
	{ "in the middle of another debugger",		test_debugging },
	{ "while others write the registers",		test_writing },
	{ "between a write and the report of its hit",	test_hitting },
	{ "where there is no other CPU",		test_alone },
	{ "many at random",				test_storms },
	{ }
};
