// SPDX-License-Identifier: GPL-2.0
/*
 * Events of whole processes: what the CPUs watch while they switch between threads, what that
 * costs, and who shares what the process holds. The registers are the oracle.
 */

#include "test.h"

#define EVENTS		6
#define OWN		4
#define THREADS		3
#define PROCESSES	3

/**
 * struct event - an event of a process
 * @bp: the original
 * @open: it is attached
 * @on: it is enabled
 */
struct event {
	struct perf_event	bp;
	bool			open;
	bool			on;
};

static struct task_struct tasks[PROCESSES][THREADS];
static struct perf_event_context contexts[PROCESSES][THREADS];
/* Of the threads; and of the processes */
static struct perf_event own[PROCESSES][THREADS][OWN];
static bool own_open[PROCESSES][THREADS][OWN];
static struct event events[PROCESSES][EVENTS];

/* ---- perf ---- */

static void set_up(void)
{
	int p, t;

	for (p = 0; p < PROCESSES; p++) {
		for (t = 0; t < THREADS; t++) {
			shim_new_task(&tasks[p][t], &contexts[p][t]);
			contexts[p][t].task = &tasks[p][t];
			if (t)
				shim_same_process(&tasks[p][t], &tasks[p][0]);
		}
	}
	for (p = 0; p < (int)nr_cpu_ids; p++)
		EXPECT_EQ(shim_sched_cb[p], 0);
	shim_current = &tasks[0][0];
	EXPECT(!hw_breakpoint_is_used());
}

static void share_process(int p, int by)
{
	struct perf_process *process = tasks[p][by].signal->perf_process;
	int t;

	for (t = 0; t < THREADS; t++)
		tasks[p][t].signal->perf_process = process;
}

/* The processes are over, and so are those who hold events of theirs. */
static void end_processes(void)
{
	int p, t;

	for (p = 0; p < PROCESSES; p++) {
		struct perf_process *process = tasks[p][0].signal->perf_process;

		for (t = 0; t < THREADS; t++) {
			perf_reserve_free(&contexts[p][t]);
			contexts[p][t].reserved = NULL;
			EXPECT_EQ(contexts[p][t].pin_count, 0);
			tasks[p][t].signal->perf_process = NULL;
		}
		if (process)
			process->ops->free_process(process);
	}
}

static void add(struct perf_event *bp)
{
	EXPECT_EQ(hwbp_pmu.add(bp, PERF_EF_START), 0);
	bp->oncpu = shim_cpu;
	bp->state = PERF_EVENT_STATE_ACTIVE;
}

static void del(struct perf_event *bp)
{
	hwbp_pmu.del(bp, 0);
	bp->oncpu = -1;
	bp->state = PERF_EVENT_STATE_OFF;
}

/* On all CPUs, each of which goes on with what it runs */
static struct task_struct *running[SHIM_CPUS];

static void on_cpu(int cpu)
{
	shim_cpu = cpu;
	shim_current = running[cpu];
}

static void set_on(struct event *e, bool on)
{
	int cpu, here = shim_cpu;

	for_each_possible_cpu(cpu) {
		on_cpu(cpu);
		local_irq_disable();
		(on ? add : del)(shim_copy(&e->bp, cpu));
		hwbp_pmu_enable(NULL);
		local_irq_enable();
	}
	on_cpu(here);
	e->on = on;
}

static struct perf_event_attr process_attr(int n)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT, .config = HWBP_CONFIG_PROCESS,
		.inherit = 1, .inherit_thread = 1, .remove_on_exec = 1,
	};

	regs_attr(&attr, n);
	attr.type = PERF_TYPE_BREAKPOINT;
	return attr;
}

static void make(struct perf_event *bp, int p, int t, int n)
{
	*bp = (struct perf_event) {
		.pmu = &hwbp_pmu, .cpu = -1, .oncpu = -1, .attr = process_attr(n),
		.hw.target = &tasks[p][t],
	};
	bp->group_leader = bp;
	INIT_LIST_HEAD(&bp->child_list);
}

static int open_event(struct event *e, int p, int t, int n)
{
	int err;

	make(&e->bp, p, t, n);
	EXPECT_EQ(hwbp_pmu.event_init(&e->bp), 0);
	err = perf_reserve_attach(&e->bp, &contexts[p][t]);
	share_process(p, t);
	e->open = !err;
	e->on = false;
	if (err) {
		shim_free_event(&e->bp);
		return err;
	}
	e->bp.ctx = &contexts[p][t];
	set_on(e, true);
	return 0;
}

static void close_event(struct event *e)
{
	if (e->open && e->on)
		set_on(e, false);
	if (e->open)
		shim_free_event(&e->bp);
	e->open = false;
}

static int open_own(int p, int t, int i, int n)
{
	struct perf_event *bp = &own[p][t][i];
	int err;

	*bp = (struct perf_event) {
		.pmu = &hwbp_pmu, .cpu = -1, .oncpu = -1, .hw.target = &tasks[p][t],
	};
	regs_attr(&bp->attr, n);
	bp->attr.type = PERF_TYPE_BREAKPOINT;
	bp->group_leader = bp;
	EXPECT_EQ(hwbp_pmu.event_init(bp), 0);
	err = perf_reserve_attach(bp, &contexts[p][t]);
	bp->ctx = &contexts[p][t];
	own_open[p][t][i] = !err;
	if (err)
		shim_free_event(bp);
	return err;
}

static void close_own(int p, int t, int i)
{
	if (own_open[p][t][i])
		shim_free_event(&own[p][t][i]);
	own_open[p][t][i] = false;
}

static void where_is(const struct task_struct *task, int *p, int *t)
{
	int i = task - &tasks[0][0];

	*p = i / THREADS;
	*t = i % THREADS;
}

static void own_events(struct task_struct *task, void (*fn)(struct perf_event *bp))
{
	int p, t, i;

	where_is(task, &p, &t);
	for (i = 0; i < OWN; i++) {
		if (own_open[p][t][i])
			fn(&own[p][t][i]);
	}
}

/* As __perf_event_task_sched_out() and __perf_event_task_sched_in() */
static void switch_to(struct task_struct *next)
{
	local_irq_disable();
	if (shim_sched_cb[shim_cpu])
		hwbp_pmu.sched_task(NULL, shim_current, false);
	hwbp_pmu_enable(NULL);
	own_events(shim_current, del);
	hwbp_pmu_enable(NULL);
	shim_current = next;
	running[shim_cpu] = next;
	own_events(next, add);
	hwbp_pmu_enable(NULL);
	if (shim_sched_cb[shim_cpu])
		hwbp_pmu.sched_task(NULL, next, true);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
}

/* ---- what shall be watched ---- */

static int nr_live(void)
{
	int n;

	local_irq_disable();
	n = hweight32(hwbp_live());
	local_irq_enable();
	return n;
}

static void take(struct watch *armed, int *n, const struct perf_event *bp)
{
	struct watch w = regs_expected(&bp->attr);

	take_out(armed, n, &w);
}

static void check_cpu(void)
{
	struct watch armed[REGS_MAX];
	int n, p, t, i;

	local_irq_disable();
	n = regs_armed(armed);
	where_is(shim_current, &p, &t);
	for (i = 0; i < EVENTS; i++) {
		struct perf_event *copy;

		if (!events[p][i].open || !events[p][i].on)
			continue;
		copy = shim_copy(&events[p][i].bp, shim_cpu);
		take(armed, &n, copy);
		EXPECT(hwbp_slot_owner(hwbp_reservation(copy)->slot) == copy);
	}
	for (i = 0; i < OWN; i++) {
		if (own_open[p][t][i])
			take(armed, &n, &own[p][t][i]);
	}
	EXPECT_EQ(n, 0);
	local_irq_enable();
}

static void close_all(void)
{
	int p, t, i;

	for (p = 0; p < PROCESSES; p++) {
		for (i = 0; i < EVENTS; i++)
			close_event(&events[p][i]);
	}
	for_each_possible_cpu(i) {
		on_cpu(i);
		local_irq_disable();
		own_events(shim_current, del);
		hwbp_pmu_enable(NULL);
		local_irq_enable();
	}
	for (p = 0; p < PROCESSES; p++) {
		for (t = 0; t < THREADS; t++) {
			for (i = 0; i < OWN; i++)
				close_own(p, t, i);
			if (contexts[p][t].reserved)
				perf_reserve_retire(&contexts[p][t]);
		}
	}
	for_each_possible_cpu(i) {
		on_cpu(i);
		EXPECT_EQ(shim_sched_cb[i], 0);
		EXPECT_EQ(nr_live(), 0);
	}
	on_cpu(0);
	EXPECT(!hw_breakpoint_is_used());
	end_processes();
}

static void begin(void)
{
	int cpu;

	set_up();
	for_each_possible_cpu(cpu)
		running[cpu] = &tasks[0][0];
	on_cpu(0);
}

/* ---- on a CPU ---- */

static void expect_writes(unsigned int master, unsigned int addr)
{
	local_irq_disable();
	EXPECT_EQ(regs_count().master, master);
	EXPECT_EQ(regs_count().addr, addr);
	regs_count_reset();
	local_irq_enable();
	check_cpu();
}

/* Nothing is written between threads, and only the master register to another process. */
static void test_switch(void)
{
	begin();
	switch_to(&tasks[1][0]);
	EXPECT_EQ(open_event(&events[0][0], 0, 0, 0), 0);
	EXPECT_EQ(open_event(&events[0][1], 0, 1, 1), 0);
	check_cpu();
	expect_writes(0, 0);
	switch_to(&tasks[0][1]);
	expect_writes(1, 2);
	switch_to(&tasks[0][2]);
	expect_writes(0, 0);
	switch_to(&tasks[0][1]);
	expect_writes(0, 0);
	switch_to(&tasks[1][0]);
	expect_writes(1, 0);
	switch_to(&tasks[2][0]);
	expect_writes(0, 0);
	switch_to(&tasks[0][2]);
	expect_writes(1, 0);
	close_all();
}

/* All CPUs that run a thread watch from the return on; the others do when they switch. */
static void test_from_return(void)
{
	int cpu;

	begin();
	for_each_possible_cpu(cpu) {
		on_cpu(cpu);
		switch_to(&tasks[cpu & 1][cpu & 1]);
	}
	EXPECT_EQ(open_event(&events[1][0], 1, 2, 0), 0);
	for_each_possible_cpu(cpu) {
		on_cpu(cpu);
		check_cpu();
		EXPECT_EQ(nr_live(), cpu & 1);
		switch_to(&tasks[1][0]);
		check_cpu();
	}
	set_on(&events[1][0], false);
	for_each_possible_cpu(cpu) {
		on_cpu(cpu);
		check_cpu();
		EXPECT_EQ(nr_live(), 0);
	}
	set_on(&events[1][0], true);
	close_all();
}

/* A task's own events are added before the process of the task before makes room for them. */
static void test_step_aside(void)
{
	int slots = min(hw_breakpoint_slots(TYPE_DATA), OWN), i;

	begin();
	for (i = 0; i < slots; i++) {
		EXPECT_EQ(open_event(&events[0][i], 0, 0, i), 0);
		EXPECT_EQ(open_own(1, 0, i, slots + i), 0);
	}
	if (slots == hw_breakpoint_slots(TYPE_DATA))
		EXPECT_EQ(open_own(0, 1, 0, 0), -ENOSPC);
	check_cpu();
	switch_to(&tasks[1][0]);
	check_cpu();
	switch_to(&tasks[0][2]);
	check_cpu();
	switch_to(&tasks[1][0]);
	/* perf schedules anew in the middle, as for cgroups: the next task is not current yet */
	set_on(&events[0][0], false);
	set_on(&events[0][0], true);
	check_cpu();
	close_all();
}

static void change(struct event *e, int n)
{
	struct perf_event_attr attr = process_attr(n);
	struct perf_event *copy;

	mutex_lock(&e->bp.child_mutex);
	EXPECT_EQ(perf_reserve_prepare(&e->bp, &attr), 0);
	EXPECT_EQ(modify_user_hw_breakpoint_check(&e->bp, &attr, true), 0);
	list_for_each_entry(copy, &e->bp.child_list, child_list)
		EXPECT_EQ(modify_user_hw_breakpoint_check(copy, &attr, true), 0);
	mutex_unlock(&e->bp.child_mutex);
}

/* Where a thread runs the change is in the registers at once, elsewhere when one comes. */
static void test_change(void)
{
	int cpu;

	begin();
	on_cpu(1);
	switch_to(&tasks[1][0]);
	on_cpu(0);
	EXPECT_EQ(open_event(&events[0][0], 0, 0, 0), 0);
	EXPECT_EQ(open_event(&events[0][1], 0, 0, 1), 0);
	change(&events[0][0], 5);
	for_each_possible_cpu(cpu) {
		on_cpu(cpu);
		check_cpu();
		switch_to(&tasks[0][1]);
		check_cpu();
	}
	close_all();
}

/* What has gone leaves nothing that a new process at the same place would be taken for. */
static void test_come_again(void)
{
	int i;

	begin();
	for (i = 0; i < 3; i++) {
		switch_to(&tasks[0][0]);
		EXPECT_EQ(open_event(&events[0][0], 0, 0, i), 0);
		check_cpu();
		close_event(&events[0][0]);
		check_cpu();
		end_processes();
	}
	close_all();
}

/* ---- who shares ---- */

/* What a thread and its process hold together is what counts, whoever came first. */
static void test_together(void)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i;

	if (slots > OWN)
		return;
	begin();
	EXPECT_EQ(open_own(0, 1, 0, 0), 0);
	for (i = 0; i < slots - 1; i++)
		EXPECT_EQ(open_event(&events[0][i], 0, 0, 1 + i), 0);
	EXPECT_EQ(open_event(&events[0][i], 0, 0, 9), -ENOSPC);
	EXPECT_EQ(open_own(0, 1, 1, 9), -ENOSPC);
	/* by another thread one can be had, and by another process all */
	EXPECT_EQ(open_own(0, 2, 0, 8), 0);
	EXPECT_EQ(open_own(0, 2, 1, 9), -ENOSPC);
	for (i = 0; i < slots; i++)
		EXPECT_EQ(open_own(1, 0, i, i), 0);
	/* the thread is gone: but the other holds as much */
	perf_reserve_retire(&contexts[0][1]);
	perf_reserve_free(&contexts[0][1]);
	contexts[0][1].reserved = NULL;
	EXPECT_EQ(open_event(&events[0][slots - 1], 0, 0, 9), -ENOSPC);
	close_own(0, 2, 0);
	EXPECT_EQ(open_event(&events[0][slots - 1], 0, 0, 9), 0);
	EXPECT_EQ(open_own(0, 2, 0, 8), -ENOSPC);
	close_own(0, 1, 0);
	close_all();
}

/* While it shares, a context is pinned: perf would give it to a clone in another process. */
static void test_pinned(void)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i;

	begin();
	EXPECT_EQ(open_own(0, 1, 0, 0), 0);
	EXPECT_EQ(contexts[0][1].pin_count, 0);
	EXPECT_EQ(open_event(&events[0][0], 0, 0, 1), 0);
	EXPECT_EQ(contexts[0][1].pin_count, 1);
	EXPECT_EQ(contexts[0][2].pin_count, 0);
	EXPECT_EQ(contexts[1][0].pin_count, 0);
	EXPECT_EQ(open_own(0, 2, 0, 2), 0);
	EXPECT_EQ(contexts[0][2].pin_count, 1);
	close_event(&events[0][0]);
	EXPECT_EQ(contexts[0][1].pin_count, 0);
	EXPECT_EQ(contexts[0][2].pin_count, 0);
	/* nor does one share with a process that has been refused */
	for (i = 1; i < slots && slots <= OWN; i++)
		EXPECT_EQ(open_own(0, 1, i, i), 0);
	if (slots <= OWN)
		EXPECT_EQ(open_event(&events[0][0], 0, 0, 5), -ENOSPC);
	EXPECT_EQ(contexts[0][1].pin_count, 0);
	close_all();
}

static void fork_own(int p, int t, int to_p, int to_t)
{
	struct perf_event *bp = &own[to_p][to_t][0];

	*bp = (struct perf_event) {
		.pmu = &hwbp_pmu, .cpu = -1, .oncpu = -1, .parent = &own[p][t][0],
		.attr = own[p][t][0].attr,
	};
	EXPECT_EQ(hwbp_pmu.event_init(bp), 0);
	EXPECT_EQ(perf_reserve_attach(bp, &contexts[to_p][to_t]), 0);
	EXPECT_EQ(test_join(bp), 0);
	bp->ctx = &contexts[to_p][to_t];
	own_open[to_p][to_t][0] = true;
	perf_reserve_fork(&tasks[to_p][to_t]);
}

/* A new thread shares, a new process does not, and which of them it is the fork's end tells. */
static void test_fork(void)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i;

	if (slots > OWN)
		return;
	begin();
	EXPECT_EQ(open_own(0, 0, 0, 0), 0);
	EXPECT_EQ(open_event(&events[0][0], 0, 0, 1), 0);
	fork_own(0, 0, 0, 1);
	fork_own(0, 0, 1, 0);
	EXPECT_EQ(contexts[0][1].pin_count, 1);
	EXPECT_EQ(contexts[1][0].pin_count, 0);
	for (i = 1; i < slots; i++) {
		EXPECT_EQ(open_own(0, 1, i, 1 + i), i < slots - 1 ? 0 : -ENOSPC);
		EXPECT_EQ(open_own(1, 0, i, 1 + i), 0);
	}
	own[1][0][0].parent = NULL;
	own[0][1][0].parent = NULL;
	close_all();
}

/* A CPU's own events and a debugger find what a process holds. */
static void test_others(void)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i;
	struct hw_breakpoint_debug debugger = { };

	if (slots > EVENTS)
		return;
	begin();
	for (i = 0; i < slots; i++)
		EXPECT_EQ(open_event(&events[0][i], 0, 0, i), 0);
	EXPECT_EQ(hw_breakpoint_debug_reserve(&debugger, 1, HW_BREAKPOINT_W, 0), -ENOSPC);
	close_event(&events[0][0]);
	EXPECT_EQ(hw_breakpoint_debug_reserve(&debugger, 1, HW_BREAKPOINT_W, 0), 0);
	EXPECT_EQ(open_event(&events[0][0], 0, 0, 0), -ENOSPC);
	EXPECT_EQ(open_event(&events[1][0], 1, 0, 0), 0);
	hw_breakpoint_debug_release(&debugger);
	EXPECT_EQ(open_event(&events[0][0], 0, 0, 0), 0);
	close_all();
}

/* What the process holds is held when the thread has gone that held more when it came. */
static void test_alone(void)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i;
	struct hw_breakpoint_debug debuggers[2] = { };

	if (slots > EVENTS)
		return;
	begin();
	EXPECT_EQ(open_own(0, 1, 0, 0), 0);
	for (i = 0; i < slots - 1; i++)
		EXPECT_EQ(open_event(&events[0][i], 0, 0, 1 + i), 0);
	perf_reserve_retire(&contexts[0][1]);
	close_own(0, 1, 0);
	perf_reserve_free(&contexts[0][1]);
	contexts[0][1].reserved = NULL;
	EXPECT_EQ(hw_breakpoint_debug_reserve(&debuggers[0], 1, HW_BREAKPOINT_W, 0), 0);
	EXPECT_EQ(hw_breakpoint_debug_reserve(&debuggers[1], 1, HW_BREAKPOINT_W, 0), -ENOSPC);
	hw_breakpoint_debug_release(&debuggers[0]);
	close_all();
}

/* ---- what there cannot be ---- */

static void refused(struct perf_event *bp, int err)
{
	EXPECT_EQ(hwbp_pmu.event_init(bp), err);
	shim_free_event(bp);
	make(bp, 0, 0, 0);
}

static void test_refused(void)
{
	struct perf_event bp, leader;

	begin();
	make(&bp, 0, 0, 0);
	bp.hw.target = NULL;
	refused(&bp, -EINVAL);
	bp.cpu = 0;
	refused(&bp, -EINVAL);
	bp.group_leader = &leader;
	refused(&bp, -EINVAL);
	bp.attr.inherit = 0;
	refused(&bp, -EINVAL);
	bp.attr.inherit_thread = 0;
	refused(&bp, -EINVAL);
	bp.attr.remove_on_exec = 0;
	refused(&bp, -EINVAL);
	bp.attr.sigtrap = 1;
	refused(&bp, -EOPNOTSUPP);
	bp.attr.exclusive = 1;
	refused(&bp, -EOPNOTSUPP);
	bp.attr.comm = 1;
	refused(&bp, -EOPNOTSUPP);
	EXPECT_EQ(hwbp_pmu.check_period(&bp, 1), -EOPNOTSUPP);
	bp.attr.config = 0;
	EXPECT_EQ(hwbp_pmu.check_period(&bp, 1), 0);
	close_all();
}

/* Each allocation fails in turn, and then nothing is left. */
static void test_no_memory(void)
{
	int i, err = -ENOMEM;

	for (i = 0; err == -ENOMEM; i++) {
		begin();
		make(&events[0][0].bp, 0, 0, 0);
		shim_fail_alloc = i;
		err = hwbp_pmu.event_init(&events[0][0].bp);
		if (!err)
			err = perf_reserve_attach(&events[0][0].bp, &contexts[0][0]);
		shim_fail_alloc = -1;
		shim_free_event(&events[0][0].bp);
		EXPECT(!err || err == -ENOMEM);
		share_process(0, 0);
		close_all();
	}
	EXPECT(i > 4);
}

/* ---- at random ---- */

static void step(void)
{
	int p = random_below(PROCESSES), t = random_below(THREADS), i = random_below(EVENTS);
	struct event *e = &events[p][i];

	switch (random_below(8)) {
	case 0:
		if (!e->open)
			open_event(e, p, t, random_below(16));
		else
			close_event(e);
		break;
	case 1:
		if (e->open)
			set_on(e, !e->on);
		break;
	case 2:
		if (e->open)
			change(e, random_below(16));
		break;
	case 3:
		/* of a thread that runs nowhere */
		for_each_possible_cpu(i) {
			if (running[i] == &tasks[p][t])
				return;
		}
		i = random_below(OWN);
		if (own_open[p][t][i])
			close_own(p, t, i);
		else
			open_own(p, t, i, random_below(16));
		break;
	default:
		on_cpu(random_below(nr_cpu_ids));
		/* it may run elsewhere, unless it has events of its own */
		for_each_possible_cpu(i) {
			if (i != shim_cpu && running[i] == &tasks[p][t])
				return;
		}
		switch_to(&tasks[p][t]);
		break;
	}
}

static void test_random(void)
{
	unsigned long n;
	int cpu;

	begin();
	for_each_possible_cpu(cpu)
		running[cpu] = &tasks[cpu % PROCESSES][cpu / PROCESSES];
	on_cpu(0);
	for (n = 0; n < test_steps; n++) {
		step();
		check_cpu();
	}
	for_each_possible_cpu(cpu) {
		on_cpu(cpu);
		check_cpu();
	}
	close_all();
}

const struct test tests[] = {
	{ "writes of a switch",				test_switch },
	{ "from the return on, on all CPUs",		test_from_return },
	{ "room for the next task's own",		test_step_aside },
	{ "a change, here and elsewhere",		test_change },
	{ "processes that come again",			test_come_again },
	{ "a thread and its process together",		test_together },
	{ "contexts that share are pinned",		test_pinned },
	{ "forks of threads and processes",		test_fork },
	{ "CPUs and debuggers",				test_others },
	{ "a process that is left alone",		test_alone },
	{ "what is refused",				test_refused },
	{ "no memory",					test_no_memory },
	{ "random switches against the registers",	test_random },
	{ }
};
