// SPDX-License-Identifier: GPL-2.0
/*
 * A thread for each of eight CPUs: tasks open, change, fork and exit on all of them at
 * once, CPUs have events of their own, and debuggers come and go.
 *
 * A task runs on one CPU at a time, and what it has is installed there: whoever was granted
 * a slot that there is not finds none. Now and then all stop, and what everybody holds is
 * counted anew. While nobody gives anything back, whoever was refused is refused again.
 */

#include <pthread.h>
#include <sched.h>

#include "test.h"

#define TASKS		12
#define EVENTS		20
#define OWN		4
#define DEBUGGERS	2
#define REFUSALS	64
#define ROUNDS		32

/**
 * struct event - an event
 * @bp: the event
 * @cpu: the CPU that it is bound to, or -1
 * @type: of its slot
 * @open: attached, and holds a slot
 * @active: installed on the CPU that has its task
 */
struct event {
	struct perf_event	bp;
	int			cpu;
	int			type;
	bool			open;
	bool			active;
};

/**
 * struct task - a task and its context
 * @busy: a CPU has it, and nobody else touches what follows
 * @task: the task
 * @ctx: its context
 * @event: its events
 */
struct task {
	int				busy;
	struct task_struct		task;
	struct perf_event_context	ctx;
	struct event			event[EVENTS];
};

/**
 * struct debugger - a breakpoint of a debugger
 * @bp: the breakpoint
 * @type: of its slots
 */
struct debugger {
	struct hw_breakpoint_debug	bp;
	int				type;
};

/**
 * struct refusal - what was refused
 * @task: to whom; NULL: to the CPU
 * @cpu: the event's, or -1
 * @bp_type: what it would have watched
 */
struct refusal {
	struct task	*task;
	int		cpu;
	u32		bp_type;
};

/**
 * struct cpu - what one CPU does
 * @own: its events
 * @debugger: debuggers on it
 * @refused: what was refused since all last stopped
 * @nr_refused: how many these are
 * @granted: how often somebody was granted something
 */
struct cpu {
	struct event	own[OWN];
	struct debugger	debugger[DEBUGGERS];
	struct refusal	refused[REFUSALS];
	unsigned int	nr_refused;
	unsigned long	granted;
};

static struct task tasks[TASKS];
static struct cpu cpus[SHIM_CPUS];
static struct perf_event_context cpu_context = { .lock.owner = -1 };
static struct task_struct nobody;
static pthread_barrier_t all_stop;
/* Nobody gives anything back. */
static bool keeping;
static unsigned long refused_again, forks;

static void relax(void)
{
	sched_yield();
}

static struct cpu *here(void)
{
	return &cpus[shim_cpu];
}

/* ---- events ---- */

static void install(struct event *e)
{
	EXPECT_EQ(hwbp_add(&e->bp, PERF_EF_START), 0);
	WRITE_ONCE(e->bp.oncpu, shim_cpu);
	e->active = true;
}

static void uninstall(struct event *e)
{
	if (e->active)
		hwbp_del(&e->bp, 0);
	WRITE_ONCE(e->bp.oncpu, -1);
	e->active = false;
}

static void schedule(struct event *e, int n, bool in)
{
	local_irq_disable();
	for (; n--; e++) {
		if (!in)
			uninstall(e);
		else if (e->open && !e->active && (e->cpu < 0 || e->cpu == shim_cpu))
			install(e);
	}
	hwbp_pmu_enable(NULL);
	local_irq_enable();
}

static int attach(struct event *e, struct perf_event_context *ctx, int cpu,
		  const struct perf_event_attr *attr, struct perf_event *original)
{
	int ret;

	e->bp = (struct perf_event) {
		.attr = *attr, .pmu = &hwbp_pmu, .cpu = cpu, .oncpu = -1, .parent = original,
		SHIM_RESERVATION(e->bp),
	};
	EXPECT_EQ(register_perf_hw_breakpoint(&e->bp), 0);
	ret = perf_reserve_attach(&e->bp, ctx) ?: test_join(&e->bp);
	EXPECT(!ret || ret == -ENOSPC);
	e->bp.parent = NULL;
	e->bp.ctx = ctx;
	e->cpu = cpu;
	e->type = hwbp_type(attr->bp_type);
	e->open = !ret;
	here()->granted += e->open;
	if (ret)
		hwbp_detach(&e->bp);
	return ret;
}

static void note_refusal(struct task *t, int cpu, u32 bp_type)
{
	struct cpu *c = here();

	if (c->nr_refused < REFUSALS)
		c->refused[c->nr_refused++] = (struct refusal) { t, cpu, bp_type };
}

static struct event *unused(struct event *e, int n)
{
	for (; n--; e++) {
		if (!e->open)
			return e;
	}
	return NULL;
}

/* In the context of a task, or of the CPU. */
static void open_event(struct task *t)
{
	struct event *e = t ? unused(t->event, EVENTS) : unused(here()->own, OWN);
	int cpu = t && random_below(2) ? -1 : t ? (int)random_below(SHIM_CPUS) : shim_cpu;
	struct perf_event_attr attr = { };

	if (!e)
		return;
	regs_random_attr(&attr);
	if (attach(e, t ? &t->ctx : &cpu_context, cpu, &attr, NULL))
		note_refusal(t, cpu, attr.bp_type);
	else
		schedule(e, 1, true);
}

static void close_event(struct event *e)
{
	if (!e->open)
		return;
	schedule(e, 1, false);
	hwbp_detach(&e->bp);
	e->open = false;
}

static void change_event(struct event *e)
{
	struct perf_event_attr attr = e->bp.attr;
	int ret;

	if (!e->open)
		return;
	regs_random_attr(&attr);
	ret = hwbp_prepare(&e->bp, &attr);
	EXPECT(!ret || (ret == -ENOSPC && hwbp_type(attr.bp_type) != e->type));
	if (ret)
		return;
	hwbp_apply(&e->bp, &attr);
	e->type = hwbp_type(attr.bp_type);
}

/* ---- tasks ---- */

static struct task *take_task(void)
{
	struct task *t = &tasks[random_below(TASKS)];

	return __atomic_exchange_n(&t->busy, 1, __ATOMIC_ACQUIRE) ? NULL : t;
}

static void leave_task(struct task *t)
{
	__atomic_store_n(&t->busy, 0, __ATOMIC_RELEASE);
}

static void exit_task(struct task *t)
{
	bool first = random_below(2);
	int i;

	schedule(t->event, EVENTS, false);
	perf_reserve_retire(&t->ctx);
	if (first)
		perf_reserve_free(&t->ctx);
	for (i = 0; i < EVENTS; i++)
		close_event(&t->event[i]);
	if (!first)
		perf_reserve_free(&t->ctx);
	t->ctx.reserved = NULL;
}

/* Whatever a task has its child can have, in any order. */
static void fork_task(struct task *t)
{
	struct task *child = take_task();
	int i, from = random_below(EVENTS);

	if (!child)
		return;
	exit_task(child);
	for (i = 0; i < EVENTS; i++) {
		struct event *e = &t->event[(from + i) % EVENTS];

		if (e->open)
			EXPECT_EQ(attach(&child->event[i], &child->ctx, e->cpu, &e->bp.attr,
					 &e->bp), 0);
	}
	__atomic_add_fetch(&forks, 1, __ATOMIC_RELAXED);
	leave_task(child);
}

static void step_task(struct task *t)
{
	switch (random_below(keeping ? 8 : 16)) {
	case 0 ... 7:
		open_event(t);
		break;
	case 8 ... 11:
		close_event(&t->event[random_below(EVENTS)]);
		break;
	case 12 ... 13:
		change_event(&t->event[random_below(EVENTS)]);
		break;
	case 14:
		fork_task(t);
		break;
	default:
		exit_task(t);
	}
}

static void run_task(void)
{
	struct task *t = take_task();
	int n = 1 + random_below(8);

	if (!t)
		return;
	shim_current = &t->task;
	schedule(t->event, EVENTS, true);
	while (n--)
		step_task(t);
	schedule(t->event, EVENTS, false);
	shim_current = &nobody;
	leave_task(t);
}

/* ---- debuggers ---- */

static void come(struct debugger *d)
{
	int cpu = random_below(2) ? shim_cpu : HW_BREAKPOINT_ALL_CPUS;
	struct perf_event_attr attr = { };
	int ret;

	regs_random_kernel_attr(&attr);
	d->bp.owner = "test";
	ret = hw_breakpoint_debug_reserve(&d->bp, cpu, attr.bp_type, 0);
	EXPECT(!ret || ret == -ENOSPC);
	if (ret)
		return;
	here()->granted++;
	d->type = hwbp_type(attr.bp_type);
	EXPECT_EQ(hw_breakpoint_debug_set(&d->bp, attr.bp_addr, attr.bp_len, attr.bp_type), 0);
}

static void step_debugger(void)
{
	struct debugger *d = &here()->debugger[random_below(DEBUGGERS)];

	if (!d->bp.granted)
		come(d);
	else if (!keeping)
		hw_breakpoint_debug_release(&d->bp);
}

/* ---- the judge, while all others stand still ---- */

static int held_by(const struct event *e, int n, int cpu, int type)
{
	int held = 0;

	for (; n--; e++)
		held += e->open && e->type == type && (e->cpu < 0 || e->cpu == cpu);
	return held;
}

static int demand_of_tasks(int cpu, int type)
{
	int i, most = 0;

	for (i = 0; i < TASKS; i++)
		most = max(most, held_by(tasks[i].event, EVENTS, cpu, type));
	return most;
}

static int claims_on(int cpu, int type)
{
	int i, n = 0;

	for (i = 0; i < SHIM_CPUS * DEBUGGERS; i++) {
		const struct debugger *d = &cpus[i / DEBUGGERS].debugger[i % DEBUGGERS];

		n += d->bp.granted && d->type == type &&
		     (d->bp.cpu == cpu || d->bp.cpu == HW_BREAKPOINT_ALL_CPUS);
	}
	return n;
}

static void judge_table(void)
{
	char buf[4096], *line = buf;
	int cpu, type, slots, own, of_tasks, claims;

	shim_read("cpus", buf, sizeof(buf), NULL);
	while ((line = strchr(line, '\n')) && *++line) {
		EXPECT_EQ(sscanf(line, "%d %d %d %d %d %d", &cpu, &type, &slots, &own, &of_tasks,
				 &claims), 6);
		EXPECT_EQ(own, held_by(cpus[cpu].own, OWN, cpu, type));
		EXPECT_EQ(of_tasks, demand_of_tasks(cpu, type));
		EXPECT_EQ(claims, claims_on(cpu, type));
		EXPECT(own + of_tasks + claims <= slots);
	}
}

static void judge_refusal(const struct refusal *r)
{
	struct event *e = r->task ? unused(r->task->event, EVENTS) : unused(here()->own, OWN);
	struct perf_event_attr attr = { };

	if (!e)
		return;
	do {
		regs_random_attr(&attr);
	} while (hwbp_type(attr.bp_type) != hwbp_type(r->bp_type));
	if (!attach(e, r->task ? &r->task->ctx : &cpu_context, r->cpu, &attr, NULL))
		FAIL("a slot was refused that is there");
	refused_again++;
}

static void judge_refusals(void)
{
	unsigned int i;

	for_each_possible_cpu(shim_cpu) {
		for (i = 0; i < here()->nr_refused; i++)
			judge_refusal(&here()->refused[i]);
	}
	shim_cpu = 0;
}

/* CPU 0 judges. */
static void judge(unsigned int round)
{
	shim_run_irq_work_of(shim_cpu);
	pthread_barrier_wait(&all_stop);
	if (!shim_cpu) {
		judge_table();
		if (keeping)
			judge_refusals();
		keeping = round % 2;
	}
	pthread_barrier_wait(&all_stop);
	here()->nr_refused = 0;
}

/* ---- all together ---- */

static void step(void)
{
	switch (random_below(16)) {
	case 0 ... 1:
		open_event(NULL);
		break;
	case 2 ... 3:
		if (!keeping)
			close_event(&here()->own[random_below(OWN)]);
		break;
	case 4 ... 5:
		step_debugger();
		break;
	default:
		run_task();
	}
	shim_run_irq_work_of(shim_cpu);
}

/* Before all is full: where nobody gives anything back, little is done. */
static unsigned long steps_of_round(void)
{
	return keeping ? 32 : max(test_steps / ROUNDS / 16, 16UL);
}

static void *run_cpu(void *data)
{
	unsigned long n;
	unsigned int round;
	int i;

	shim_cpu = (struct cpu *)data - cpus;
	shim_current = &nobody;
	random_state = (test_seed + 1) * 2654435761UL + shim_cpu;
	for (round = 0; round < ROUNDS; round++) {
		for (n = steps_of_round(); n--;)
			step();
		judge(round);
	}
	for (i = 0; i < OWN; i++)
		close_event(&here()->own[i]);
	for (i = 0; i < DEBUGGERS; i++)
		hw_breakpoint_debug_release(&here()->debugger[i].bp);
	return NULL;
}

static void expect_nothing_left(void)
{
	struct watch armed[REGS_MAX];
	int i;

	for (i = 0; i < TASKS; i++)
		exit_task(&tasks[i]);
	EXPECT(!hw_breakpoint_is_used());
	judge_table();
	/* who has released a breakpoint has all others follow, the first CPU, too */
	shim_run_irq_work();
	for_each_possible_cpu(shim_cpu) {
		local_irq_disable();
		hwbp_pmu_enable(NULL);
		EXPECT_EQ(regs_armed(armed), 0);
		local_irq_enable();
	}
	shim_cpu = 0;
}

static void test_levels(void)
{
	pthread_t threads[SHIM_CPUS];
	unsigned long granted = 0;
	int i;

	for (i = 0; i < TASKS; i++)
		tasks[i].ctx = (struct perf_event_context) {
			.task = &tasks[i].task, .lock.owner = -1,
		};
	shim_relax = relax;
	regs_allow_same(true);
	pthread_barrier_init(&all_stop, NULL, SHIM_CPUS);
	for (i = 0; i < SHIM_CPUS; i++)
		pthread_create(&threads[i], NULL, run_cpu, &cpus[i]);
	for (i = 0; i < SHIM_CPUS; i++) {
		pthread_join(threads[i], NULL);
		granted += cpus[i].granted;
	}
	expect_nothing_left();
	printf("# %lu granted, %lu refused for good, %lu forks\n", granted, refused_again, forks);
	EXPECT(granted > test_steps / 10 && forks);
	/* of many slots few are missed */
	EXPECT(refused_again || hwbp_capacity(TYPE_DATA) > 6);
}

const struct test tests[] = {
	{ "tasks, CPUs and debuggers on eight CPUs at once",	test_levels },
	{ }
};
