// SPDX-License-Identifier: GPL-2.0
/*
 * Two CPUs that reserve, set and release at the same time, and NMIs on both.
 *
 * Each CPU has a stack of its own, and after a random number of instructions the
 * other one goes on, see steps.h. Whoever waits lets the other go on at once. That
 * is an order of all instructions, so nothing is said of the memory's; for that
 * there are the models in model/.
 */

#include <limits.h>

#include "test.h"
#include "steps.h"

#define CPUS		2
#define EVENTS		4
#define OPS		3
#define ALL		HW_BREAKPOINT_ALL_CPUS

/* What a task has asked for. */
enum kind {
	ANYWHERE,	/* one that may run on any CPU */
	BOUND,		/* one bound to the CPU, of the same task */
	OF_CPU,		/* one of the CPU itself, which is installed there */
	NR_KINDS,
};

/**
 * struct event - a perf event
 * @bp: the event
 * @kind: its kind
 * @held: holds a slot
 * @refused: got none
 * @active: is installed
 */
struct event {
	struct perf_event	bp;
	enum kind		kind;
	bool			held;
	bool			refused;
	bool			active;
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

/**
 * struct side - what one CPU does
 * @sp: its stack pointer while the other one runs
 * @stack: its stack
 * @done: it is through
 * @irqs_off: its interrupts are
 * @event: its events; those that run anywhere and the bound ones are of one task
 * @nr_events: those it has asked for
 * @debugger: a debugger on it, and one in an NMI
 * @ctx: of the task
 */
struct side {
	void				*sp;
	char				*stack;
	bool				done;
	bool				irqs_off;
	struct event			event[EVENTS];
	int				nr_events;
	struct debugger			debugger[2];
	struct perf_event_context	ctx;
};

static struct side sides[CPUS];
static struct task_struct tasks[CPUS];
static struct perf_event_context cpu_context;
/* Those that have slots already, of each CPU. */
static struct hw_breakpoint_debug fillers[CPUS][16];
static int filled[CPUS];
/* Nobody gives anything back, so that what was refused stays refused. */
static bool keeping;
static unsigned long granted, refused, spurious, switches;

/* ---- from one CPU to the other ---- */

static void *main_sp;

static void run_more(void)
{
	steps_left = 1 + random_below(random_below(4) ? 8 : 128);
}

/* The other one goes on, if it is not through. */
static void go_on_there(void)
{
	struct side *from = &sides[shim_cpu], *to = &sides[!shim_cpu];

	if (to->done)
		return;
	switches++;
	from->irqs_off = shim_irqs_off;
	shim_cpu = !shim_cpu;
	shim_current = &tasks[shim_cpu];
	shim_irqs_off = to->irqs_off;
	switch_stack(&from->sp, to->sp);
}

/* What it has seen of the other one may be over by now; but it must look again. */
static void wait_there(void)
{
	static int in_vain;

	in_vain = sides[!shim_cpu].done ? in_vain + 1 : 0;
	if (in_vain > 100)
		FAIL("CPU %d goes on waiting, and nobody is there", shim_cpu);
	steps_left = LONG_MAX;
	go_on_there();
	run_more();
}

/* ---- what they do ---- */

static void install(struct event *e)
{
	local_irq_disable();
	EXPECT_EQ(hwbp_add(&e->bp, PERF_EF_START), 0);
	hwbp_pmu_enable(NULL);
	e->active = true;
	local_irq_enable();
}

static void uninstall(struct event *e)
{
	local_irq_disable();
	hwbp_del(&e->bp, 0);
	hwbp_pmu_enable(NULL);
	e->active = false;
	local_irq_enable();
}

static int attach(struct event *e, struct side *s)
{
	bool of_cpu = e->kind == OF_CPU;
	int ret;

	e->bp = (struct perf_event) {
		SHIM_RESERVATION(e->bp),
		.pmu = &hwbp_pmu, .cpu = e->kind == ANYWHERE ? -1 : (int)(s - sides),
		.oncpu = -1,
	};
	regs_attr(&e->bp.attr, e - s->event);
	EXPECT_EQ(register_perf_hw_breakpoint(&e->bp), 0);
	ret = perf_reserve_attach(&e->bp, of_cpu ? &cpu_context : &s->ctx);
	e->held = !ret;
	e->refused = ret;
	if (ret)
		hwbp_detach(&e->bp);
	granted += !ret;
	refused += !!ret;
	return ret;
}

static void open_event(struct side *s)
{
	struct event *e = &s->event[s->nr_events];

	if (s->nr_events == EVENTS)
		return;
	s->nr_events++;
	e->kind = random_below(NR_KINDS);
	if (!attach(e, s) && e->kind == OF_CPU)
		install(e);
}

static void close_event(struct side *s)
{
	struct event *e = &s->event[random_below(EVENTS)];

	if (!e->held)
		return;
	if (e->active)
		uninstall(e);
	hwbp_detach(&e->bp);
	e->held = false;
}

static void reserve(struct debugger *d)
{
	int cpu = random_below(2) ? ALL : shim_cpu;
	int ret;

	d->bp.owner = "test";
	ret = hw_breakpoint_debug_reserve(&d->bp, cpu, HW_BREAKPOINT_W, 0);
	EXPECT(!ret || ret == -ENOSPC);
	granted += !ret;
	refused += !!ret;
}

static void step_debugger(struct debugger *d)
{
	if (!d->bp.granted)
		reserve(d);
	if (d->bp.granted && random_below(2)) {
		regs_kernel_attr(&d->attr, random_below(4));
		d->set = true;
		EXPECT_EQ(hw_breakpoint_debug_set(&d->bp, d->attr.bp_addr,
						  d->attr.bp_len, d->attr.bp_type), 0);
	} else if (!keeping && random_below(2)) {
		d->set = false;
		hw_breakpoint_debug_release(&d->bp);
	}
}

static void nmi(void)
{
	bool off = shim_irqs_off;
	unsigned long flags;

	shim_irqs_off = true;
	flags = regs_nmi_enter();
	step_debugger(&sides[shim_cpu].debugger[1]);
	regs_nmi_leave(flags);
	shim_irqs_off = off;
}

void steps_here(void)
{
	steps_left = LONG_MAX;
	if (!random_below(16) && !regs_masked())
		nmi();
	go_on_there();
	run_more();
}

static void step(struct side *s)
{
	switch (random_below(keeping ? 2 : 3)) {
	case 0:
		open_event(s);
		break;
	case 1:
		step_debugger(&s->debugger[0]);
		break;
	default:
		close_event(s);
	}
}

/* The first thing on a new stack. */
static void run_side(void)
{
	struct side *s = &sides[shim_cpu];
	int n = 1 + random_below(OPS);
	void *unused;

	run_more();
	while (n--)
		step(s);
	steps_left = LONG_MAX;
	s->done = true;
	if (!sides[!shim_cpu].done) {
		run_more();
		go_on_there();
	}
	switch_stack(&unused, main_sp);
}

static void make_stack(struct side *s)
{
	if (!s->stack)
		s->stack = malloc(STACK_SIZE);
	s->sp = new_stack(s->stack, run_side);
	s->done = false;
	s->irqs_off = false;
}

/* ---- before and after ---- */

static int slots(void)
{
	return hw_breakpoint_slots(TYPE_DATA);
}

/* Few are left. */
static void begin(void)
{
	int cpu, i;

	for (cpu = 0; cpu < CPUS; cpu++) {
		char *stack = sides[cpu].stack;

		sides[cpu] = (struct side) {
			.stack = stack,
			.ctx = { .task = &tasks[cpu], .lock.owner = -1 },
		};
		make_stack(&sides[cpu]);
		filled[cpu] = slots() - random_below(3);
		for (i = 0; i < filled[cpu]; i++)
			EXPECT_EQ(hw_breakpoint_debug_reserve(&fillers[cpu][i], cpu,
							      HW_BREAKPOINT_W, 0), 0);
	}
	cpu_context.lock.owner = -1;
}

static int held_on(const struct side *s, int cpu, bool of_cpu)
{
	int i, n = 0;

	for (i = 0; i < EVENTS; i++) {
		const struct event *e = &s->event[i];

		n += e->held && (e->kind == OF_CPU) == of_cpu &&
		     (e->kind == ANYWHERE || s == &sides[cpu]);
	}
	return n;
}

static int demand(int cpu)
{
	return max(held_on(&sides[0], cpu, false), held_on(&sides[1], cpu, false)) +
	       held_on(&sides[cpu], cpu, true);
}

static int claims(int cpu)
{
	int i, n = filled[cpu];

	for (i = 0; i < CPUS * 2; i++) {
		const struct hw_breakpoint_debug *bp = &sides[i / 2].debugger[i % 2].bp;

		n += bp->granted && (bp->cpu == ALL || bp->cpu == cpu);
	}
	return n;
}

static void check_table(void)
{
	char buf[4096], *line = buf;
	int cpu, pool, own, tasks, claimed;

	shim_read("cpus", buf, sizeof(buf), NULL);
	while ((line = strchr(line, '\n')) && *++line) {
		EXPECT_EQ(sscanf(line, "%d %d %*d %d %d %d", &cpu, &pool, &own, &tasks,
				 &claimed), 5);
		if (pool != TYPE_DATA)
			continue;
		EXPECT_EQ(own + tasks, demand(cpu));
		EXPECT_EQ(claimed, claims(cpu));
		EXPECT(own + tasks + claimed <= slots());
	}
}

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
	for (i = 0; i < EVENTS; i++) {
		if (sides[cpu].event[i].active)
			take_out_attr(armed, &n, &sides[cpu].event[i].bp.attr);
	}
	for (i = 0; i < CPUS * 2; i++) {
		struct debugger *d = &sides[i / 2].debugger[i % 2];

		if (d->set && (d->bp.cpu == ALL || d->bp.cpu == cpu))
			take_out_attr(armed, &n, &d->attr);
	}
	EXPECT_EQ(n, 0);
	shim_cpu = 0;
	local_irq_enable();
}

/*
 * A task is refused for what lasts, and so it is again. A debugger may have been
 * refused for what somebody has taken back.
 */
static void check_refusals(void)
{
	int i;

	for (i = 0; i < CPUS * EVENTS; i++) {
		struct side *s = &sides[i / EVENTS];
		struct event *e = &s->event[i % EVENTS];

		shim_cpu = s - sides;
		if (e->refused && !attach(e, s))
			FAIL("a task was refused for a claim that did not last");
	}
	shim_cpu = 0;
	for (i = 0; i < CPUS * 2; i++) {
		struct hw_breakpoint_debug *bp = &sides[i / 2].debugger[i % 2].bp;

		if (!bp->granted && bp->owner)
			spurious += !hw_breakpoint_debug_reserve(bp, bp->cpu,
								 HW_BREAKPOINT_W, 0);
	}
}

static void free_side(struct side *s)
{
	int i;

	shim_cpu = s - sides;
	for (i = 0; i < 2; i++) {
		s->debugger[i].set = false;
		hw_breakpoint_debug_release(&s->debugger[i].bp);
	}
	for (i = 0; i < filled[shim_cpu]; i++)
		hw_breakpoint_debug_release(&fillers[shim_cpu][i]);
	filled[shim_cpu] = 0;
	for (i = 0; i < EVENTS; i++) {
		if (s->event[i].active)
			uninstall(&s->event[i]);
		if (s->event[i].held)
			hwbp_detach(&s->event[i].bp);
		s->event[i].held = false;
	}
	perf_reserve_free(&s->ctx);
	shim_cpu = 0;
}

static void race(void)
{
	begin();
	shim_current = &tasks[0];
	switch_stack(&main_sp, sides[0].sp);
	steps_left = LONG_MAX;
	shim_cpu = 0;
	shim_current = &tasks[0];
	shim_run_irq_work();
	check_table();
	check_registers(0);
	check_registers(1);
	if (keeping)
		check_refusals();
	free_side(&sides[0]);
	free_side(&sides[1]);
	shim_run_irq_work();
	check_table();
	check_registers(0);
	check_registers(1);
	EXPECT(!hw_breakpoint_is_used());
}

/* ---- tests ---- */

static void run(bool keep)
{
	unsigned long n;

	keeping = keep;
	granted = 0;
	refused = 0;
	spurious = 0;
	switches = 0;
	shim_relax = wait_there;
	regs_allow_same(true);
	for (n = 0; n < test_steps; n++)
		race();
	regs_allow_same(false);
	shim_relax = NULL;
	printf("# %lu granted, %lu refused, %lu of them for no lasting reason; %lu switches\n",
	       granted, refused, spurious, switches);
}

static void test_keeping(void)
{
	run(true);
}

static void test_releasing(void)
{
	run(false);
}

const struct test tests[] = {
	{ "who reserves keeps it",		test_keeping },
	{ "reserved and released",		test_releasing },
	{ }
};
