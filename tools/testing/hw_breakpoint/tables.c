// SPDX-License-Identifier: GPL-2.0
/*
 * The table of holders while events of CPUs and of tasks are opened and closed, move, perf
 * swaps the contexts of clones, and tasks exit: between any two pieces that are read, and then
 * on another CPU at each instruction of the reading. What has been there all the time is shown
 * once, what has gone before is not shown, and nothing is shown twice. The table of CPUs says
 * what some task holds, whatever tasks do meanwhile. What a debugger watches is read as it was
 * set, whenever another CPU changes it.
 */

#include <limits.h>

#include "test.h"
#include "steps.h"

#define TASKS		12
/* Each is a parent and a clone of it: tasks, too, after the others */
#define PAIRS		2
#define PAIR_EVENTS	6
#define ALL_TASKS	(TASKS + 2 * PAIRS)
#define EVENTS		240
#define NO_TASK		ALL_TASKS
#define ROWS		65536

/**
 * struct event - an event, and what the table should say
 * @bp: the event; its address is its number, and nobody else has had it
 * @task: number of its task, or NO_TASK
 * @open: attached
 * @gone: its task has exited, it is left without one
 * @since: the reading that was under way when it was opened
 * @until: and when it was closed, or its task exited; 0: it was not
 * @moved: when it last moved to another CPU
 * @shown: how often it was shown in this reading
 */
struct event {
	struct perf_event	bp;
	int			task;
	bool			open;
	bool			gone;
	unsigned long		since;
	unsigned long		until;
	unsigned long		moved;
	int			shown;
};

static struct event events[EVENTS];
/* What a parent has, and its clone: these are the tasks', wherever perf has their contexts. */
static struct event pairs[PAIRS][PAIR_EVENTS][2];
static struct task_struct tasks[ALL_TASKS];
static struct perf_event_context contexts[ALL_TASKS + 1];
/* Number of the reading, and where in it something was changed last */
static unsigned long reading;
static unsigned long pieces, changes;
/* Each event watches a place of its own. */
static u64 next_place = 1;

/* ---- changes ---- */

static u64 place_of(const struct event *e)
{
	return e->bp.attr.bp_addr / 64 % ROWS;
}

static void open_event_on(struct event *e, int task, int cpu, u32 bp_type)
{
	*e = (struct event) {
		.bp = {
			.pmu = &hwbp_pmu, .cpu = cpu, SHIM_RESERVATION(e->bp),
			.attr.bp_addr = next_place++ % ROWS * 64,
			.attr.bp_type = bp_type, .attr.bp_len = 4,
		},
		.task = task, .since = reading,
	};
	if (task != NO_TASK)
		shim_tasks[tasks[task].pid - 1] = &tasks[task];
	e->open = !perf_reserve_attach(&e->bp, &contexts[task]);
	if (!e->open)
		hwbp_detach(&e->bp);
	else
		e->bp.ctx = &contexts[task];
}

static void open_event(struct event *e, int task)
{
	bool bound = task == NO_TASK || random_below(3) == 0;

	open_event_on(e, task, bound ? (int)random_below(nr_cpu_ids) : -1,
		      random_below(2) ? HW_BREAKPOINT_W : HW_BREAKPOINT_X);
}

static void close_event(struct event *e)
{
	hwbp_detach(&e->bp);
	e->open = false;
	if (!e->gone)
		e->until = reading;
}

/* Its files stay open. There may be no task of its number until the next one is forked. */
static void exit_task(int task)
{
	int i;

	shim_tasks[tasks[task].pid - 1] = random_below(2) ? NULL : &tasks[task];
	perf_reserve_retire(&contexts[task]);
	/* perf frees a context so */
	synchronize_rcu();
	perf_reserve_free(&contexts[task]);
	contexts[task].reserved = NULL;
	for (i = 0; i < EVENTS; i++) {
		if (!events[i].open || events[i].gone || events[i].task != task)
			continue;
		events[i].gone = true;
		events[i].until = reading;
		events[i].bp.ctx = NULL;
	}
}

/* A CPU's event goes to another CPU in the group of another PMU's. */
static void migrate_to(struct event *e, int cpu)
{
	if (e->task != NO_TASK)
		return;
	/* it may be shown on both CPUs, or on neither */
	e->moved = reading;
	e->bp.cpu = cpu;
	EXPECT_EQ(perf_reserve_attach(&e->bp, &contexts[NO_TASK]), 0);
}

/* ---- changes of a parent and its clone ---- */

static int member(int pair, int clone)
{
	return TASKS + 2 * pair + clone;
}

/* The same events are in both contexts, so perf need not schedule them anew. */
static void swap_contexts(int pair)
{
	struct task_struct *parent = &tasks[member(pair, 0)], *clone = &tasks[member(pair, 1)];
	struct perf_event_context *ctx = parent->perf_event_ctxp;

	ctx->task = clone;
	clone->perf_event_ctxp->task = parent;
	WRITE_ONCE(parent->perf_event_ctxp, clone->perf_event_ctxp);
	WRITE_ONCE(clone->perf_event_ctxp, ctx);
}

/* An event of the parent's is inherited, into the clone's own context. */
static void inherit(struct event *e, int pair)
{
	const struct event *original = &e[0];

	e[1] = (struct event) {
		.bp = {
			.pmu = &hwbp_pmu, .cpu = original->bp.cpu, SHIM_RESERVATION(e[1].bp),
			.attr = original->bp.attr, .parent = (struct perf_event *)&original->bp,
		},
		.task = member(pair, 1), .since = reading, .open = true, .shown = e[1].shown,
	};
	EXPECT_EQ(perf_reserve_attach(&e[1].bp, &contexts[member(pair, 1)]) ?:
		  test_join(&e[1].bp), 0);
	e[1].bp.ctx = &contexts[member(pair, 1)];
}

static void open_pair_event(int pair, int i)
{
	struct event *e = pairs[pair][i];

	open_event_on(&e[0], member(pair, 0), random_below(3) ? -1 : (int)random_below(nr_cpu_ids),
		      random_below(2) ? HW_BREAKPOINT_W : HW_BREAKPOINT_X);
	if (e[0].open)
		inherit(e, pair);
}

static void close_pair_event(int pair, int i)
{
	close_event(&pairs[pair][i][0]);
	close_event(&pairs[pair][i][1]);
}

/* In any order: perf's is that of CPUs and groups. */
static void inherit_all(int pair)
{
	unsigned int i, at = random_below(PAIR_EVENTS);

	for (i = 0; i < PAIR_EVENTS; i++, at = (at + 5) % PAIR_EVENTS) {
		if (pairs[pair][at][0].open)
			inherit(pairs[pair][at], pair);
	}
}

/* The clone exits with its own context, and another one comes by its number. */
static void fork_again(int pair)
{
	int i, task = member(pair, 1);

	if (contexts[task].task != &tasks[task])
		swap_contexts(pair);
	WRITE_ONCE(tasks[task].perf_event_ctxp, NULL);
	perf_reserve_retire(&contexts[task]);
	for (i = 0; i < PAIR_EVENTS; i++) {
		if (pairs[pair][i][1].open)
			close_event(&pairs[pair][i][1]);
	}
	synchronize_rcu();
	perf_reserve_free(&contexts[task]);
	contexts[task].reserved = NULL;
	inherit_all(pair);
	WRITE_ONCE(tasks[task].perf_event_ctxp, &contexts[task]);
}

static void change_pair(void)
{
	int pair = random_below(PAIRS), i = random_below(PAIR_EVENTS);

	if (!random_below(4))
		swap_contexts(pair);
	else if (!random_below(16))
		fork_again(pair);
	else if (!pairs[pair][i][0].open)
		open_pair_event(pair, i);
	else
		close_pair_event(pair, i);
}

/* ---- any change ---- */

static void change(void)
{
	struct event *e = &events[random_below(EVENTS)];

	changes++;
	if (!random_below(4))
		change_pair();
	else if (!random_below(64))
		exit_task(random_below(TASKS));
	else if (!e->open)
		open_event(e, random_below(8) ? (int)random_below(TASKS) : NO_TASK);
	else if (random_below(16))
		close_event(e);
	else
		migrate_to(e, random_below(nr_cpu_ids));
}

static void between(void)
{
	int n = random_below(8);

	pieces++;
	while (n--)
		change();
}

/* ---- what is shown ---- */

static struct event *of_pairs(u64 place, int pid)
{
	int pair, i;

	for (pair = 0; pair < PAIRS; pair++) {
		for (i = 0; i < PAIR_EVENTS; i++) {
			struct event *e = pairs[pair][i];

			if (e[0].bp.pmu && place_of(&e[0]) == place)
				return &e[pid == tasks[member(pair, 1)].pid];
		}
	}
	return NULL;
}

static struct event *shown_at(u64 place, int pid)
{
	int i;

	for (i = 0; i < EVENTS; i++) {
		if (events[i].bp.pmu && place_of(&events[i]) == place)
			return &events[i];
	}
	if (of_pairs(place, pid))
		return of_pairs(place, pid);
	/* it was there, and another one is in its memory now */
	return NULL;
}

static void judge_row(const char *row)
{
	unsigned long addr, len;
	struct event *e;
	int pid, cpu;

	EXPECT_EQ(sscanf(row, "%*s %d %d %*s %lx %lu", &pid, &cpu, &addr, &len), 4);
	e = shown_at(addr / 64, pid);
	if (!e)
		return;
	e->shown++;
	EXPECT(!e->until || e->until == reading);
	EXPECT(e->gone || (e->task == NO_TASK ? !pid : pid == tasks[e->task].pid));
	if (e->open && e->moved != reading)
		EXPECT_EQ(cpu, e->bp.cpu);
}

static void judge_event(struct event *e)
{
	bool always = e->open && !e->gone && e->since < reading && e->moved != reading;

	if (e->shown > 1 && e->moved != reading)
		FAIL("an event is shown %d times", e->shown);
	if (always && !e->shown && hwbp_reservation(&e->bp)->held)
		FAIL("an event of %d is not shown", e->task);
}

static void each_event(void (*fn)(struct event *e))
{
	int i;

	for (i = 0; i < EVENTS; i++)
		fn(&events[i]);
	for (i = 0; i < PAIRS * PAIR_EVENTS * 2; i++)
		fn(&pairs[0][0][0] + i);
}

static void not_shown(struct event *e)
{
	e->shown = 0;
}

static void read_holders(void (*changing)(void))
{
	static char buf[EVENTS * 256];
	char *row = buf;

	reading++;
	each_event(not_shown);
	shim_read("holders", buf, sizeof(buf), changing);
	while ((row = strchr(row, '\n')) && *++row)
		judge_row(row);
	each_event(judge_event);
}

/* ---- another CPU, at one instruction of the reading ---- */

/*
 * What it does, on a stack of its own: where it waits until nobody reads any more the
 * reading goes on.
 */
static struct {
	char	stack[STACK_SIZE];
	void	*sp;
	void	*reader_sp;
	void	(*run)(void);
	bool	came;
	bool	waits;
} other;

static void run_other(void)
{
	other.run();
	other.waits = false;
	switch_stack(&other.sp, other.reader_sp);
}

static void go_on_there(void)
{
	shim_cpu = 1;
	switch_stack(&other.reader_sp, other.sp);
	shim_cpu = 0;
}

static void wait_there(void)
{
	EXPECT_EQ(shim_cpu, 1);
	other.waits = true;
	switch_stack(&other.sp, other.reader_sp);
}

/* It begins, or looks again. */
void steps_here(void)
{
	bool off = shim_irqs_off;

	steps_left = LONG_MAX;
	other.came = true;
	if (!other.waits)
		other.sp = new_stack(other.stack, run_other);
	shim_irqs_off = false;
	go_on_there();
	shim_irqs_off = off;
	if (other.waits)
		steps_left = 1;
}

/* What is being changed */
static int which;

static void close_one(void)
{
	close_event(&events[which]);
}

static void open_one(void)
{
	open_event(&events[EVENTS - 1], events[which].task);
}

static void exit_one(void)
{
	if (events[which].task != NO_TASK)
		exit_task(events[which].task);
}

static void migrate_one(void)
{
	migrate_to(&events[which], 1);
}

static void swap_one(void)
{
	swap_contexts(which);
}

static void fork_one(void)
{
	fork_again(which);
}

/* The first two have been closed when the clone is forked: less has been in its context. */
static void open_pair(int pair)
{
	int i;

	for (i = 0; i < PAIR_EVENTS; i++) {
		open_event_on(&pairs[pair][i][0], member(pair, 0), 3, HW_BREAKPOINT_W);
		EXPECT(pairs[pair][i][0].open);
		if (i < 2)
			close_event(&pairs[pair][i][0]);
	}
	fork_again(pair);
}

/* Three events of CPU 0, one of CPU 1, three of CPU 2, and one of each of three tasks */
#define SOME	10

static void open_some(void)
{
	static const int cpu[SOME] = { 0, 0, 0, 1, 2, 2, 2, -1, 1, -1 };
	int i;

	for (i = 0; i < SOME; i++) {
		open_event_on(&events[i], i < 7 ? NO_TASK : i - 7, cpu[i],
			      i % 3 ? HW_BREAKPOINT_W : HW_BREAKPOINT_X);
		EXPECT(events[i].open);
	}
	for (i = 0; i < PAIRS; i++)
		open_pair(i);
}

static void close_pair(int pair)
{
	int i;

	for (i = 0; i < PAIR_EVENTS; i++) {
		if (pairs[pair][i][0].open)
			close_pair_event(pair, i);
	}
	memset(pairs[pair], 0, sizeof(pairs[pair]));
	if (contexts[member(pair, 0)].task != &tasks[member(pair, 0)])
		swap_contexts(pair);
}

static void close_all(void)
{
	int i;

	for (i = 0; i < PAIRS; i++)
		close_pair(i);
	for (i = 0; i < EVENTS; i++) {
		if (events[i].open)
			close_event(&events[i]);
		events[i] = (struct event) { };
	}
	for (i = 0; i < ALL_TASKS; i++)
		exit_task(i);
	for (i = 0; i < PAIRS * 2; i++)
		shim_tasks[tasks[TASKS + i].pid - 1] = &tasks[TASKS + i];
	EXPECT(!hw_breakpoint_is_used());
}

/* Return: false if the reading was over by then. */
static bool read_and(void (*run)(void), long at)
{
	open_some();
	other.run = run;
	other.came = false;
	steps_left = at;
	read_holders(NULL);
	steps_left = LONG_MAX;
	if (other.waits)
		go_on_there();
	EXPECT(!other.waits);
	close_all();
	return other.came;
}

/* ---- tests ---- */

static void set_up(void)
{
	int i;

	for (i = 0; i <= ALL_TASKS; i++)
		contexts[i].lock.owner = -1;
	for (i = 0; i < ALL_TASKS; i++) {
		contexts[i].task = &tasks[i];
		shim_new_task(&tasks[i], &contexts[i]);
	}
}

static void test_reading(void)
{
	unsigned long n;
	int i;

	set_up();
	for (i = 0; i < EVENTS; i++)
		change();
	for (n = 0; n < test_steps / 16; n++) {
		read_holders(between);
		read_holders(NULL);
	}
	printf("# %lu changes between %lu pieces\n", changes, pieces);
	EXPECT(pieces > 4 * test_steps / 16);
	close_all();
}

static void at_each_instruction(void (*run)(void), int n)
{
	long at;

	for (which = 0; which < n; which++) {
		for (at = 1; read_and(run, at); at++)
			;
	}
	printf("# %ld moments\n", at - 1);
}

static void test_instructions(void)
{
	set_up();
	shim_relax = wait_there;
	at_each_instruction(open_one, SOME);
	at_each_instruction(close_one, SOME);
	at_each_instruction(exit_one, SOME);
	at_each_instruction(migrate_one, SOME);
	at_each_instruction(swap_one, PAIRS);
	at_each_instruction(fork_one, PAIRS);
	shim_relax = NULL;
}

/* Reading fails for want of memory, and goes on where it was. */
static void test_no_memory(void)
{
	set_up();
	open_some();
	shim_fail_alloc = 0;
	read_holders(NULL);
	EXPECT_EQ(shim_fail_alloc, -1);
	close_all();
}

/* ---- what tasks hold ---- */

/* Two events of one task, of which one is open at least. */
static void rise(void)
{
	open_event_on(&events[1], 0, -1, HW_BREAKPOINT_W);
	close_event(&events[0]);
}

static void fall_and_rise(void)
{
	close_event(&events[0]);
	open_event_on(&events[0], 0, -1, HW_BREAKPOINT_W);
}

static void rise_and_fall(void)
{
	open_event_on(&events[2], 0, -1, HW_BREAKPOINT_W);
	close_event(&events[2]);
	close_event(&events[1]);
}

/* The most that a task holds on CPU 0: it has @held before and @later after. */
static void judge_cpus(const char *buf, unsigned int held, unsigned int later)
{
	const char *row = strstr(buf, TYPE_MAX > 1 ? "\n0 1 " : "\n0 0 ");
	unsigned int largest, free;

	EXPECT(row && sscanf(row, "%*d %*d %*d %*d %u %*d %u", &largest, &free) == 2);
	EXPECT(largest >= min(held, later) && largest <= max(held, later) + 1);
	EXPECT_EQ(free, hwbp_capacity(TYPE_DATA) - largest);
}

/* Return: false if the reading was over by then. */
static bool read_cpus_and(void (*run)(void), int held, unsigned int later, long at)
{
	static char buf[4096];
	int i;

	for (i = 0; i < held; i++)
		open_event_on(&events[i], 0, -1, HW_BREAKPOINT_W);
	other.run = run;
	other.came = false;
	steps_left = at;
	shim_read("cpus", buf, sizeof(buf), NULL);
	steps_left = LONG_MAX;
	judge_cpus(buf, held, other.came ? later : held);
	close_all();
	return other.came;
}

static void test_cpus(void)
{
	long at;

	set_up();
	shim_relax = wait_there;
	for (at = 1; read_cpus_and(rise, 1, 1, at); at++)
		;
	for (at = 1; read_cpus_and(fall_and_rise, 2, 2, at); at++)
		;
	for (at = 1; read_cpus_and(rise_and_fall, 2, 1, at); at++)
		;
	printf("# %ld moments\n", at - 1);
	shim_relax = NULL;
}

/* ---- what a debugger watches ---- */

static struct hw_breakpoint_debug debugger = { .owner = "test" };

/* A place in the kernel that tells the length */
static unsigned long place_for(unsigned long len)
{
	struct perf_event_attr attr = { };

	regs_kernel_attr(&attr, 0);
	return (attr.bp_addr & ~0x7fffUL) + 4096 * len;
}

static void aim_at(unsigned long len)
{
	EXPECT_EQ(hw_breakpoint_debug_set(&debugger, place_for(len), len, HW_BREAKPOINT_W), 0);
}

/* Both copies are written to. */
static void aim_twice(void)
{
	aim_at(4);
	aim_at(1);
}

/* Return: false if it was read before the other CPU came. */
static bool read_aim_and_change(long at)
{
	struct hw_breakpoint_aim aim;

	aim_at(2);
	other.run = aim_twice;
	other.came = false;
	steps_left = at;
	EXPECT(hwbp_debugger_aim(&debugger, &aim));
	steps_left = LONG_MAX;
	EXPECT_EQ(aim.addr, place_for(aim.len));
	EXPECT_EQ(aim.image.addr, aim.addr);
	return other.came;
}

static void test_aim(void)
{
	long at;

	EXPECT_EQ(hw_breakpoint_debug_reserve(&debugger, HW_BREAKPOINT_ALL_CPUS,
					      HW_BREAKPOINT_W, 0), 0);
	for (at = 1; read_aim_and_change(at); at++)
		;
	printf("# %ld moments\n", at - 1);
	hw_breakpoint_debug_release(&debugger);
}

const struct test tests[] = {
	{ "holders are read in pieces",		test_reading },
	{ "and another CPU comes at any time",	test_instructions },
	{ "and there is no memory",		test_no_memory },
	{ "CPUs are read while a task opens and closes",	test_cpus },
	{ "a debugger's aim is read as a whole",	test_aim },
	{ }
};
