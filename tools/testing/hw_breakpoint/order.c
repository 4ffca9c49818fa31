// SPDX-License-Identifier: GPL-2.0
/*
 * Two CPUs change what is reserved: the first is stopped at each instruction, the second
 * goes on from there for some instructions or to its end, then the first, and the second
 * again. What comes out, results and tables, must be what it would be one after the other.
 *
 * The state before is chosen at random; much of what levels assume is held by nobody then.
 */

#include <limits.h>

#include "test.h"
#include "steps.h"

#define ALL		HW_BREAKPOINT_ALL_CPUS
#define EVENTS		5
#define IDLE		2
#define CONTEXTS	5

/* Of the CPUs' tasks, of one that runs nowhere, and of the CPUs' children; of the CPUs */
static struct perf_event_context contexts[CONTEXTS], cpu_context;
static struct task_struct tasks[CONTEXTS];

/**
 * struct event - an event
 * @bp: the event
 * @cpu: the CPU that it is bound to, or -1
 * @held: attached
 */
struct event {
	struct perf_event	bp;
	int			cpu;
	bool			held;
};

static struct event events[CONTEXTS][EVENTS], own[2][EVENTS];
/* One that is there before, and one that comes. */
static struct hw_breakpoint_debug before[2], debugger[2];

/* ---- what a CPU does ---- */

static u32 watched(void)
{
	return HW_BREAKPOINT_W;
}

static int open_as(struct event *e, struct perf_event_context *ctx, int cpu,
		   struct perf_event *original)
{
	int ret;

	e->bp = (struct perf_event) {
		.pmu = &hwbp_pmu, .cpu = cpu, .oncpu = -1, .parent = original,
		SHIM_RESERVATION(e->bp),
	};
	regs_attr(&e->bp.attr, 1);
	EXPECT_EQ(register_perf_hw_breakpoint(&e->bp), 0);
	ret = perf_reserve_attach(&e->bp, ctx) ?: test_join(&e->bp);
	e->bp.parent = NULL;
	e->bp.ctx = ctx;
	e->cpu = cpu;
	e->held = !ret;
	if (ret)
		hwbp_detach(&e->bp);
	return ret;
}

static struct event *unused(struct event *e)
{
	while (e->held)
		e++;
	return e;
}

static int open_in(int task, int cpu)
{
	return open_as(unused(events[task]), &contexts[task], cpu, NULL);
}

static void close_event(struct event *e)
{
	if (e->held)
		hwbp_detach(&e->bp);
	e->held = false;
}

static int do_lower(void)
{
	hwbp_lower_demand(shim_cpu, TYPE_DATA);
	return 0;
}

static int do_open(void)
{
	return open_in(shim_cpu, -1);
}

static int do_open_bound(void)
{
	return open_in(shim_cpu, shim_cpu);
}

static int do_open_there(void)
{
	return open_in(shim_cpu, !shim_cpu);
}

static int do_open_own(void)
{
	return open_as(unused(own[shim_cpu]), &cpu_context, shim_cpu, NULL);
}

static int do_close(void)
{
	close_event(&events[shim_cpu][0]);
	return 0;
}

static int do_close_own(void)
{
	close_event(&own[shim_cpu][0]);
	return 0;
}

static int do_exit(void)
{
	perf_reserve_retire(&contexts[shim_cpu]);
	return 0;
}

/* All that the task has its child can have, too, backwards. */
static int do_fork(void)
{
	int self = shim_cpu, child = IDLE + 1 + self, i;

	for (i = EVENTS - 1; i >= 0; i--) {
		struct event *e = &events[self][i];

		if (e->held)
			EXPECT_EQ(open_as(&events[child][i], &contexts[child], e->cpu, &e->bp), 0);
	}
	return 0;
}

static int do_debug(void)
{
	return hw_breakpoint_debug_reserve(&debugger[shim_cpu], shim_cpu, watched(), 0);
}

static int do_debug_all(void)
{
	return hw_breakpoint_debug_reserve(&debugger[shim_cpu], ALL, watched(), 0);
}

static int do_take(void)
{
	return hw_breakpoint_debug_reserve(&debugger[shim_cpu], ALL, watched(),
					   HW_BREAKPOINT_TAKE);
}

static int do_release(void)
{
	hw_breakpoint_debug_release(&before[shim_cpu]);
	return 0;
}

static const struct op {
	const char	*name;
	int		(*run)(void);
} ops[] = {
	{ "lower",		do_lower },
	{ "open",		do_open },
	{ "open bound",		do_open_bound },
	{ "open bound there",	do_open_there },
	{ "open own",		do_open_own },
	{ "close",		do_close },
	{ "close own",		do_close_own },
	{ "exit",		do_exit },
	{ "fork",		do_fork },
	{ "debug",		do_debug },
	{ "debug all",		do_debug_all },
	{ "take",		do_take },
	{ "release",		do_release },
};

/* ---- the state before ---- */

/**
 * struct scene - what there is before, and what is done
 * @had: how many the idle task had, that are assumed and not held: anywhere, and on CPUs
 * @has: how many each task has: anywhere, and on CPUs
 * @own: how many each CPU has
 * @debugger: one is there already: 1: of each CPU; 2: of all
 * @op: what each CPU does
 */
struct scene {
	int	had[3];
	int	has[2][3];
	int	own[2];
	int	debugger;
	int	op[2];
};

static struct scene scene;

static void random_scene(void)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i, j;

	for (i = 0; i < 3; i++)
		scene.had[i] = random_below(slots + 1);
	for (i = 0; i < 2; i++) {
		for (j = 0; j < 3; j++)
			scene.has[i][j] = random_below(2) ? 0 : random_below(3);
		scene.own[i] = random_below(3);
		scene.op[i] = random_below(ARRAY_SIZE(ops));
	}
	scene.debugger = random_below(4);
}

/* As far as there is room */
static void open_some(int task, const int *n)
{
	int i, cpu;

	for (cpu = -1; cpu < 2; cpu++) {
		for (i = 0; i < n[cpu + 1] && unused(events[task]) < events[task] + EVENTS - 1; i++)
			open_in(task, cpu);
	}
}

static void close_task(int task)
{
	int i;

	for (i = 0; i < EVENTS; i++)
		close_event(&events[task][i]);
	perf_reserve_free(&contexts[task]);
	contexts[task].reserved = NULL;
}

static void debuggers_before(void)
{
	int cpu;

	if (scene.debugger == 2)
		hw_breakpoint_debug_reserve(&before[0], ALL, watched(), 0);
	for (cpu = 0; scene.debugger == 1 && cpu < 2; cpu++)
		hw_breakpoint_debug_reserve(&before[cpu], cpu, watched(), 0);
}

static void set_scene(void)
{
	int i, cpu;

	for (i = 0; i < CONTEXTS; i++)
		contexts[i] = (struct perf_event_context) {
			.task = &tasks[i], .lock.owner = -1,
		};
	for (i = 0; i < 3; i++) {
		int n[3] = { };

		n[i] = scene.had[i];
		open_some(IDLE, n);
		close_task(IDLE);
	}
	for (cpu = 0; cpu < 2; cpu++) {
		before[cpu].owner = "test";
		debugger[cpu].owner = "test";
		for (i = 0; i < scene.own[cpu]; i++)
			open_as(unused(own[cpu]), &cpu_context, cpu, NULL);
		open_some(cpu, scene.has[cpu]);
	}
	debuggers_before();
}

static void clear_scene(void)
{
	int i, cpu;

	for (cpu = 0; cpu < 2; cpu++) {
		hw_breakpoint_debug_release(&before[cpu]);
		hw_breakpoint_debug_release(&debugger[cpu]);
		for (i = 0; i < EVENTS; i++)
			close_event(&own[cpu][i]);
	}
	for (i = 0; i < CONTEXTS; i++)
		close_task(i);
	shim_run_irq_work();
	EXPECT(!hw_breakpoint_is_used());
	/* for the next scene nothing is assumed but what is in it */
	hwbp_lower_demand(0, TYPE_DATA);
	hwbp_lower_demand(1, TYPE_DATA);
}

/* ---- two CPUs ---- */

/**
 * struct outcome - all that may differ
 * @ret: results
 * @more: how many more there is room for: in the idle task's context, and of each CPU
 * @cpus: the table of what is reserved
 */
struct outcome {
	int	ret[2];
	int	more[3];
	char	cpus[512];
};

static struct outcome now;

/**
 * first - what interrupts the first CPU
 * @nmi: an NMI does, before the second CPU comes
 * @until_second: for how many instructions
 * @off: its interrupts were off
 */
static struct {
	bool	nmi;
	long	until_second;
	bool	off;
} first;

static struct {
	char	stack[STACK_SIZE];
	void	*sp[2];
	bool	begun;
	bool	done[2];
	long	steps;
} second;

static void go_to_other(void);

static void run_second(void)
{
	now.ret[1] = ops[scene.op[1]].run();
	steps_left = LONG_MAX;
	second.done[1] = true;
	go_to_other();
}

static void go_to_other(void)
{
	static bool off[2], in_nmi[2];
	int self = shim_cpu;

	off[self] = shim_irqs_off;
	in_nmi[self] = shim_in_nmi;
	if (!second.begun) {
		second.begun = true;
		second.sp[1] = new_stack(second.stack, run_second);
		off[1] = false;
		in_nmi[1] = false;
	}
	shim_cpu = !self;
	shim_irqs_off = off[!self];
	shim_in_nmi = in_nmi[!self];
	switch_stack(&second.sp[self], second.sp[!self]);
	shim_irqs_off = off[self];
	shim_in_nmi = in_nmi[self];
}

/* A debugger in it is about to be refused. The second comes in the middle of that. */
static void take_nmi(void)
{
	unsigned long flags;

	first.off = shim_irqs_off;
	shim_irqs_off = true;
	flags = regs_nmi_enter();
	first.nmi = false;
	steps_left = first.until_second;
	do_lower();
	regs_nmi_leave(flags);
	shim_irqs_off = first.off;
}

/* The first is there: the second begins. Or the second has gone far enough. */
void steps_here(void)
{
	if (!shim_cpu && first.nmi && !regs_masked()) {
		take_nmi();
		return;
	}
	steps_left = shim_cpu ? LONG_MAX : second.steps;
	go_to_other();
}

static void wait_here(void)
{
	static int in_vain;

	in_vain = second.done[!shim_cpu] ? in_vain + 1 : 0;
	if (in_vain > 100)
		FAIL("CPU %d waits, and nobody is there", shim_cpu);
	steps_left = LONG_MAX;
	if (!second.done[!shim_cpu])
		go_to_other();
}

static void run_one(int cpu)
{
	shim_cpu = cpu;
	now.ret[cpu] = ops[scene.op[cpu]].run();
	shim_cpu = 0;
}

/* Return: false if the first was through before it was to be stopped. */
static bool run_both(long at, long steps)
{
	second.begun = false;
	second.done[0] = false;
	second.done[1] = false;
	second.steps = steps;
	steps_left = at;
	now.ret[0] = ops[scene.op[0]].run();
	steps_left = LONG_MAX;
	second.done[0] = true;
	if (!second.begun)
		return false;
	while (!second.done[1])
		go_to_other();
	return true;
}

/* What is assumed and was not to be had shall not be let to the next one. */
static void open_more(void)
{
	struct event *e = events[IDLE];
	int cpu;

	while (e < events[IDLE] + EVENTS && !open_as(e, &contexts[IDLE], -1, NULL))
		e++;
	now.more[0] = e - events[IDLE];
	close_task(IDLE);
	for (cpu = 0; cpu < 2; cpu++) {
		for (e = own[cpu]; e < own[cpu] + EVENTS; e++) {
			if (!e->held && !open_as(e, &cpu_context, cpu, NULL))
				now.more[cpu + 1]++;
		}
	}
}

static void judge(void)
{
	bool taken = ops[scene.op[0]].run == do_take || ops[scene.op[1]].run == do_take;
	int slots, own_events, of_tasks, claims;
	char *line = now.cpus;

	shim_run_irq_work();
	EXPECT(taken || (!hwbp_overdrawn(0) && !hwbp_overdrawn(1)));
	shim_read("cpus", now.cpus, sizeof(now.cpus), NULL);
	while ((line = strchr(line, '\n')) && *++line) {
		EXPECT_EQ(sscanf(line, "%*d %*d %d %d %d %d", &slots, &own_events, &of_tasks,
				 &claims), 4);
		EXPECT(own_events + of_tasks <= slots && claims <= slots);
		EXPECT(own_events + of_tasks + claims <= slots || taken);
	}
}

static bool run_in(int order, long at, long steps)
{
	bool stopped = false;

	memset(&now, 0, sizeof(now));
	set_scene();
	if (order < 0) {
		stopped = run_both(at, steps);
	} else {
		run_one(order);
		run_one(!order);
	}
	judge();
	open_more();
	clear_scene();
	return stopped;
}

static void show(const char *when, const struct outcome *o)
{
	printf("# %s: results %d %d, room for %d, %d, %d\n# %s", when, o->ret[0], o->ret[1],
	       o->more[0], o->more[1], o->more[2], o->cpus);
}

static void where(void)
{
	printf("# CPU 0: %s; CPU 1: %s\n", ops[scene.op[0]].name, ops[scene.op[1]].name);
	printf("# idle had %d %d %d, tasks have %d %d %d and %d %d %d, CPUs %d %d, debuggers %d\n",
	       scene.had[0], scene.had[1], scene.had[2],
	       scene.has[0][0], scene.has[0][1], scene.has[0][2], scene.has[1][0],
	       scene.has[1][1], scene.has[1][2], scene.own[0], scene.own[1], scene.debugger);
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	return !memcmp(a->ret, b->ret, sizeof(a->ret)) &&
	       !memcmp(a->more, b->more, sizeof(a->more)) && !strcmp(a->cpus, b->cpus);
}

static unsigned long runs;

static void test_scene(void)
{
	struct outcome in_order, reversed;
	long at, steps;
	bool nmi;

	run_in(0, 0, 0);
	in_order = now;
	run_in(1, 0, 0);
	reversed = now;
	for (at = 1; ; at++) {
		first.nmi = !random_below(3);
		first.until_second = 1 + random_below(60);
		steps = random_below(4) ? 1 + random_below(200) : LONG_MAX;
		nmi = first.nmi;
		if (!run_in(-1, at, steps)) {
			if (nmi && !first.nmi)
				continue;
			break;
		}
		runs++;
		if (same(&now, &in_order) || same(&now, &reversed))
			continue;
		show("CPU 0 first", &in_order);
		show("CPU 1 first", &reversed);
		show("at once", &now);
		FAIL("the outcome is that of no order; CPU 1 came at %ld for %ld", at, steps);
	}
}

static void test_order(void)
{
	unsigned long n;

	test_where = where;
	shim_relax = wait_here;
	regs_allow_same(true);
	for (n = 0; n < test_steps / 8; n++) {
		random_scene();
		test_scene();
	}
	printf("# %lu interleavings\n", runs);
	EXPECT(runs > test_steps);
}

static int op_named(const char *name)
{
	unsigned int i = 0;

	while (strcmp(ops[i].name, name))
		i++;
	return i;
}

/*
 * Found at random, and seldom: an event of any CPU beside a bound one has raised the first of two
 * levels when a debugger takes the slot that it needs in the second.
 */
static void test_raised_in_vain(void)
{
	unsigned long n;

	test_where = where;
	shim_relax = wait_here;
	regs_allow_same(true);
	scene = (struct scene) {
		.had = { 2, 0, 0 }, .has = { { 2, 0, hw_breakpoint_slots(TYPE_DATA) - 3 } },
		.own = { hw_breakpoint_slots(TYPE_DATA) - 3, 0 },
		.op = { op_named("open"), op_named("take") },
	};
	for (n = 0; n < 10; n++)
		test_scene();
}

const struct test tests[] = {
	{ "two CPUs at once are one after the other",	test_order },
	{ "and what is raised in vain is lowered",	test_raised_in_vain },
	{ }
};
