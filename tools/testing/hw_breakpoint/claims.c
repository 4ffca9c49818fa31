// SPDX-License-Identifier: GPL-2.0
/*
 * perf and debuggers at random, against the rule itself: for every CPU and type
 *
 *	what perf may want there + what debuggers hold <= slots
 *
 * where the former counts as in account.c here. Contexts are scheduled on CPUs, what
 * they have is installed, and after each step the registers of every CPU hold that
 * and what debuggers have set, and nothing else.
 */

#include "test.h"

#define CONTEXTS	4
#define CPU_CONTEXT	CONTEXTS
#define EVENTS		192
#define DEBUGGERS	34

/**
 * struct holder - an event, and what the model knows of it
 * @bp: the event
 * @ctx: its context; CPU_CONTEXT for an event of a CPU
 * @cpu: its CPU, or -1
 * @type: the pool it holds a slot of
 * @open: attached; otherwise nothing else is valid
 * @held: holds a slot
 * @active: installed on the CPU that its context is on
 */
struct holder {
	struct perf_event	bp;
	int			ctx;
	int			cpu;
	int			type;
	bool			open;
	bool			held;
	bool			active;
};

/**
 * struct debugger - a breakpoint of a debugger, and what the model knows of it
 * @bp: the breakpoint
 * @cpu: its CPU, or HW_BREAKPOINT_ALL_CPUS
 * @granted: has been granted slots
 * @set: watches @attr
 * @attr: what it watches
 */
struct debugger {
	struct hw_breakpoint_debug	bp;
	int				cpu;
	int				type;
	bool				granted;
	bool				set;
	struct perf_event_attr		attr;
};

static struct holder holders[EVENTS];
static struct debugger debuggers[DEBUGGERS];
static struct task_struct tasks[CONTEXTS];
static struct perf_event_context contexts[CONTEXTS + 1];
/* The context that each CPU runs, or -1. */
static int running[SHIM_CPUS];
/* Nothing has left the CPU since perf was last asked to schedule anew. */
static bool settled[SHIM_CPUS];
static int nr_contexts, nr_events, nr_debuggers;
/* Debuggers take slots from perf, too. */
static bool take;
static unsigned int granted, refused, claimed, denied, failed;

/* ---- the rule ---- */

static int held_on(int ctx, int cpu, int type)
{
	int i, n = 0;

	for (i = 0; i < nr_events; i++) {
		const struct holder *h = &holders[i];

		n += h->open && h->held && h->ctx == ctx && h->type == type &&
		     (h->cpu < 0 || h->cpu == cpu);
	}
	return n;
}

static int demand(int cpu, int type)
{
	int ctx, most = 0;

	for (ctx = 0; ctx < nr_contexts; ctx++)
		most = max(most, held_on(ctx, cpu, type));
	return most + held_on(CPU_CONTEXT, cpu, type);
}

static bool covers(const struct debugger *d, int cpu)
{
	return d->cpu == HW_BREAKPOINT_ALL_CPUS || d->cpu == cpu;
}

static int claims(int cpu, int type)
{
	int i, n = 0;

	for (i = 0; i < nr_debuggers; i++)
		n += debuggers[i].granted && debuggers[i].type == type &&
		     covers(&debuggers[i], cpu);
	return n;
}

static bool overdrawn(int cpu)
{
	int type;

	for (type = 0; type < TYPE_MAX; type++) {
		if (demand(cpu, type) + claims(cpu, type) >
		    (int)hw_breakpoint_slots(type))
			return true;
	}
	return false;
}

/* Where debuggers have taken slots, perf may have what it had, and no more. */
static bool fits_now(const int before[SHIM_CPUS], int type)
{
	int slots = hw_breakpoint_slots(type), cpu;

	for_each_possible_cpu(cpu) {
		int now = demand(cpu, type);

		if (now > slots ||
		    (now > before[cpu] && now + claims(cpu, type) > slots))
			return false;
	}
	return true;
}

/* May @h hold a slot of @type, beside what all others hold? */
static bool would_fit(struct holder *h, int type)
{
	struct holder old = *h;
	int before[SHIM_CPUS], cpu;
	bool fits;

	for_each_possible_cpu(cpu)
		before[cpu] = demand(cpu, type);
	h->open = true;
	h->held = true;
	h->type = type;
	fits = fits_now(before, type);
	h->open = old.open;
	h->held = old.held;
	h->type = old.type;
	return fits;
}

static bool would_be_granted(const struct debugger *d, int type, bool taking)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		int others = claims(cpu, type) + (taking ? 0 : demand(cpu, type));

		if (covers(d, cpu) && others >= (int)hw_breakpoint_slots(type))
			return false;
	}
	return true;
}

/* ---- perf ---- */

static bool eligible(const struct holder *h, int cpu)
{
	int ctx = h->ctx == CPU_CONTEXT ? h->cpu : cpu;

	return h->open && h->held && (h->cpu < 0 || h->cpu == cpu) && ctx == cpu &&
	       cpu_online(cpu) &&
	       (h->ctx == CPU_CONTEXT || h->ctx == running[cpu]);
}

/* None is refused but for debuggers, or once for what it has missed. */
static void install(struct holder *h)
{
	bool must_pause = hwbp_reservation(&h->bp)->must_pause;
	int ret = hwbp_add(&h->bp, PERF_EF_START);

	h->active = !ret;
	h->bp.oncpu = ret ? -1 : shim_cpu;
	if (!ret)
		return;
	EXPECT_EQ(ret, -ENOSPC);
	EXPECT((must_pause || overdrawn(shim_cpu)) && perf_reserve_waits(&h->bp));
	failed++;
}

static void uninstall(struct holder *h)
{
	if (h->active)
		hwbp_del(&h->bp, 0);
	h->active = false;
	h->bp.oncpu = -1;
}

/* A CPU that goes down: perf has removed its events, and installs none any more. */
static int leaving = -1;

/* Those of @ctx, or all, that can be on this CPU; pinned first. */
static void install_all(int ctx)
{
	int i, pinned;

	if (shim_cpu == leaving)
		return;
	for (pinned = 1; pinned >= 0; pinned--) {
		for (i = 0; i < nr_events; i++) {
			struct holder *h = &holders[i];

			if (h->bp.attr.pinned == pinned && !h->active &&
			    eligible(h, shim_cpu) && (ctx < 0 || h->ctx == ctx))
				install(h);
		}
	}
}

static void uninstall_all(int ctx)
{
	int i;

	for (i = 0; i < nr_events; i++) {
		struct holder *h = &holders[i];

		if (h->active && h->bp.oncpu == shim_cpu &&
		    (ctx < 0 || h->ctx == ctx))
			uninstall(h);
	}
}

void perf_pmu_resched(struct pmu *pmu)
{
	EXPECT(!pmu && take);
	uninstall_all(-1);
	install_all(-1);
	hwbp_pmu_enable(NULL);
	settled[shim_cpu] = true;
}

static bool runs(int ctx)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		if (running[cpu] == ctx)
			return true;
	}
	return false;
}

static void switch_context(void)
{
	int next = random_below(nr_contexts + 1);

	if (next == nr_contexts || runs(next))
		next = -1;
	local_irq_disable();
	if (running[shim_cpu] >= 0)
		uninstall_all(running[shim_cpu]);
	settled[shim_cpu] = false;
	hwbp_pmu_enable(NULL);
	running[shim_cpu] = next;
	if (next >= 0)
		install_all(next);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
}

static int cpu_of(const struct holder *h)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		if (eligible(h, cpu))
			return cpu;
	}
	return -1;
}

static void check_result(struct holder *h, int type, int ret)
{
	EXPECT_EQ(ret, would_fit(h, type) ? 0 : -ENOSPC);
	refused += !!ret;
	granted += !ret;
	if (ret)
		return;
	h->held = true;
	h->type = type;
}

static void open_event(struct holder *h)
{
	h->ctx = random_below(4) ? random_below(nr_contexts) : CPU_CONTEXT;
	h->cpu = h->ctx == CPU_CONTEXT || random_below(3) == 0 ?
		 (int)random_below(nr_cpu_ids) : -1;
	h->bp = (struct perf_event) {
		SHIM_RESERVATION(h->bp),
		.pmu = &hwbp_pmu, .cpu = h->cpu, .oncpu = -1,
		.attr.pinned = random_below(2),
	};
	regs_random_attr(&h->bp.attr);
	EXPECT_EQ(register_perf_hw_breakpoint(&h->bp), 0);
	h->held = false;
	check_result(h, hwbp_type(h->bp.attr.bp_type),
		     perf_reserve_attach(&h->bp, &contexts[h->ctx]));
	h->open = h->held;
	if (!h->open)
		hwbp_detach(&h->bp);
	else
		h->bp.ctx = &contexts[h->ctx];
}

/* On the CPU that its context runs on. */
static void schedule_in(struct holder *h)
{
	int self = shim_cpu, cpu = cpu_of(h);

	if (cpu < 0)
		return;
	shim_cpu = cpu;
	local_irq_disable();
	install(h);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
	shim_cpu = self;
}

static void schedule_out(struct holder *h)
{
	int self = shim_cpu;

	if (!h->active)
		return;
	shim_cpu = h->bp.oncpu;
	local_irq_disable();
	uninstall(h);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
	shim_cpu = self;
}

static void close_event(struct holder *h)
{
	schedule_out(h);
	hwbp_detach(&h->bp);
	h->open = false;
	h->held = false;
}

static void change_event(struct holder *h)
{
	struct perf_event_attr attr = h->bp.attr;
	int ret, type;

	regs_random_attr(&attr);
	type = hwbp_type(attr.bp_type);
	ret = hwbp_prepare(&h->bp, &attr);
	if (type == h->type)
		EXPECT_EQ(ret, 0);
	else
		check_result(h, type, ret);
	if (!ret)
		hwbp_apply(&h->bp, &attr);
}

static void step_event(void)
{
	struct holder *h = &holders[random_below(nr_events)];

	if (!h->open) {
		open_event(h);
		if (h->open)
			schedule_in(h);
	} else if (random_below(4) == 0) {
		change_event(h);
	} else {
		close_event(h);
	}
}

/* ---- debuggers ---- */

static void reserve(struct debugger *d)
{
	struct perf_event_attr attr;
	bool taking = take && random_below(2);
	int ret;

	regs_random_attr(&attr);
	d->type = hwbp_type(attr.bp_type);
	d->cpu = random_below(2) ? (int)random_below(nr_cpu_ids) :
				   HW_BREAKPOINT_ALL_CPUS;
	ret = hw_breakpoint_debug_reserve(&d->bp, d->cpu, attr.bp_type,
					  taking ? HW_BREAKPOINT_TAKE : 0);
	EXPECT_EQ(ret, would_be_granted(d, d->type, taking) ? 0 : -ENOSPC);
	d->granted = !ret;
	d->set = false;
	claimed += !ret;
	denied += !!ret;
}

static void aim(struct debugger *d)
{
	struct perf_event_attr attr = { };
	bool right;
	int ret;

	regs_random_kernel_attr(&attr);
	right = hwbp_type(attr.bp_type) == d->type;
	ret = hw_breakpoint_debug_set(&d->bp, attr.bp_addr, attr.bp_len,
				      attr.bp_type);
	EXPECT_EQ(ret, right ? 0 : -EINVAL);
	if (!right)
		return;
	d->attr = attr;
	d->set = true;
}

static void step_debugger(void)
{
	struct debugger *d = &debuggers[random_below(nr_debuggers)];

	if (!d->granted) {
		reserve(d);
		return;
	}
	switch (random_below(8)) {
	case 0:
		hw_breakpoint_debug_clear(&d->bp);
		d->set = false;
		break;
	case 1:
	case 2:
		hw_breakpoint_debug_release(&d->bp);
		d->granted = false;
		d->set = false;
		break;
	default:
		aim(d);
	}
}

/* ---- CPUs ---- */

static void cpu_up(void)
{
	local_irq_disable();
	regs_power_on();
	local_irq_enable();
	regs_allow_same(true);
	shim_cpu_up();
	regs_allow_same(false);
	local_irq_disable();
	install_all(-1);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
}

static void cpu_down(void)
{
	local_irq_disable();
	uninstall_all(-1);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
	running[shim_cpu] = -1;
	leaving = shim_cpu;
	shim_cpu_down();
	leaving = -1;
}

/* CPU 0 stays. */
static void step_hotplug(void)
{
	int self = shim_cpu;

	shim_cpu = 1 + random_below(nr_cpu_ids - 1);
	if (cpu_online(shim_cpu))
		cpu_down();
	else
		cpu_up();
	shim_cpu = cpu_online(self) ? self : 0;
}

static void go_elsewhere(void)
{
	do {
		shim_cpu = random_below(nr_cpu_ids);
	} while (!cpu_online(shim_cpu));
}

/* ---- checks ---- */

static void take_out_debuggers(struct watch *armed, int *n)
{
	int i;

	for (i = 0; i < nr_debuggers; i++) {
		struct debugger *d = &debuggers[i];
		struct watch w;

		if (!d->set || !covers(d, shim_cpu))
			continue;
		w = regs_expected(&d->attr);
		take_out(armed, n, &w);
	}
}

static void take_out_events(struct watch *armed, int *n)
{
	int i;

	for (i = 0; i < nr_events; i++) {
		struct watch w;

		if (!holders[i].active || holders[i].bp.oncpu != shim_cpu)
			continue;
		w = regs_expected(&holders[i].bp.attr);
		take_out(armed, n, &w);
	}
}

static int set_on(int cpu, int type)
{
	int i, n = 0;

	for (i = 0; i < nr_debuggers; i++)
		n += debuggers[i].set && debuggers[i].type == type &&
		     covers(&debuggers[i], cpu);
	return n;
}

/*
 * perf has all that debuggers have left of what it wants. While they have taken slots
 * it is asked again when they or perf give one up, but not at a task switch.
 */
static void check_perf(int type)
{
	int i, wanted = 0, active = 0, left;

	for (i = 0; i < nr_events; i++) {
		struct holder *h = &holders[i];

		if (!eligible(h, shim_cpu) || h->type != type)
			continue;
		wanted++;
		active += h->active;
	}
	left = hw_breakpoint_slots(type) - set_on(shim_cpu, type);
	if (overdrawn(shim_cpu) && !settled[shim_cpu])
		EXPECT(active <= min(wanted, left));
	else
		EXPECT_EQ(active, min(wanted, left));
}

static void check_cpu(void)
{
	struct watch armed[REGS_MAX];
	int n, type;

	local_irq_disable();
	n = regs_armed(armed);
	take_out_debuggers(armed, &n);
	take_out_events(armed, &n);
	if (n)
		FAIL("%u:%#llx is watched and nobody's", armed[0].type,
		     armed[0].addr);
	for (type = 0; type < TYPE_MAX; type++)
		check_perf(type);
	EXPECT_EQ(hwbp_overdrawn(shim_cpu), overdrawn(shim_cpu));
	local_irq_enable();
}

static void check_cpus(void)
{
	int self = shim_cpu;

	shim_run_irq_work();
	for_each_online_cpu(shim_cpu)
		check_cpu();
	shim_cpu = self;
}

static void check_table(void)
{
	char buf[4096], *line = buf;
	int cpu, type, row, pool, slots, own, tasks, claim, left;

	shim_read("cpus", buf, sizeof(buf), NULL);
	for_each_possible_cpu(cpu) {
		for (type = 0; type < TYPE_MAX; type++) {
			line = strchr(line, '\n') + 1;
			EXPECT_EQ(sscanf(line, "%d %d %d %d %d %d %d", &row, &pool,
					 &slots, &own, &tasks, &claim, &left), 7);
			EXPECT(row == cpu && pool == type);
			EXPECT_EQ(own, held_on(CPU_CONTEXT, cpu, type));
			EXPECT_EQ(own + tasks, demand(cpu, type));
			EXPECT_EQ(claim, claims(cpu, type));
			EXPECT_EQ(left, max(0, slots - own - tasks - claim));
		}
	}
}

/* ---- tests ---- */

static void step(void)
{
	switch (random_below(64)) {
	case 0:
		step_hotplug();
		break;
	case 1 ... 12:
		switch_context();
		break;
	case 13 ... 20:
		go_elsewhere();
		break;
	case 21 ... 40:
		step_debugger();
		break;
	case 41 ... 42:
		hw_breakpoint_debug_sync();
		break;
	default:
		step_event();
	}
}

static void set_up(void)
{
	int i;

	/* Where there are many slots no context would ever be full otherwise. */
	nr_contexts = hw_breakpoint_slots(TYPE_DATA) > 8 ? 2 : CONTEXTS;
	nr_events = min(EVENTS, 10 * hw_breakpoint_slots(TYPE_DATA));
	nr_debuggers = min(DEBUGGERS, 2 * hw_breakpoint_slots(TYPE_DATA));
	granted = 0;
	refused = 0;
	claimed = 0;
	denied = 0;
	failed = 0;
	for (i = 0; i < CONTEXTS; i++)
		contexts[i].task = &tasks[i];
	for (i = 0; i <= CONTEXTS; i++)
		contexts[i].lock.owner = -1;
	for (i = 0; i < SHIM_CPUS; i++)
		running[i] = -1;
	for (i = 0; i < DEBUGGERS; i++)
		debuggers[i].bp.owner = "test";
}

static void tear_down(void)
{
	int i;

	for_each_possible_cpu(shim_cpu) {
		if (!cpu_online(shim_cpu))
			cpu_up();
	}
	shim_cpu = 0;
	for (i = 0; i < nr_debuggers; i++) {
		hw_breakpoint_debug_release(&debuggers[i].bp);
		debuggers[i].granted = false;
		debuggers[i].set = false;
	}
	check_cpus();
	for (i = 0; i < nr_events; i++) {
		if (holders[i].open)
			close_event(&holders[i]);
	}
	for (i = 0; i < CONTEXTS; i++) {
		perf_reserve_free(&contexts[i]);
		contexts[i].reserved = NULL;
	}
	check_cpus();
	check_table();
	EXPECT(!hw_breakpoint_is_used());
}

static void run(bool taking)
{
	unsigned long n;

	take = taking;
	set_up();
	for (n = 0; n < test_steps; n++) {
		step();
		if (random_below(2))
			check_cpus();
		if (n % 16 == 0)
			check_table();
	}
	printf("# events: %u granted, %u refused; debuggers: %u and %u; %u not installed\n",
	       granted, refused, claimed, denied, failed);
	EXPECT(granted > test_steps / 20 && refused > test_steps / 40);
	EXPECT(claimed > test_steps / 40 && denied > test_steps / 100);
	EXPECT(taking || !failed);
	/* of few slots some are missed */
	if (taking && hwbp_capacity(TYPE_DATA) <= 6)
		EXPECT(failed);
	tear_down();
}

static void test_random(void)
{
	run(false);
}

static void test_random_take(void)
{
	run(true);
}

const struct test tests[] = {
	{ "random steps of perf and debuggers",		test_random },
	{ "the same with debuggers that take slots",	test_random_take },
	{ }
};
