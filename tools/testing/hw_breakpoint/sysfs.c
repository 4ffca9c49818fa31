// SPDX-License-Identifier: GPL-2.0
/*
 * What sysfs says of the machine, and of what is left for the task that reads: as many events as
 * are said to be free can be opened then, and no more.
 */

#include "test.h"
#include "../../../kernel/events/hw_breakpoint/account.h"

#define TASKS		3
#define EVENTS		160
/* More than a task can open */
#define MOST		(2 * HWBP_MAX_PER_TYPE)
#define NO_TASK		TASKS

static struct task_struct tasks[TASKS];
static struct perf_event_context contexts[TASKS + 1];
static struct perf_event events[EVENTS];
static bool is_open[EVENTS];

static const char *read_file(const char *name)
{
	static char buf[4096];

	if (!shim_read_sysfs(hwbp_pmu.attr_groups, name, buf))
		FAIL("there is no %s", name);
	return buf;
}

static unsigned int number(const char *name)
{
	return strtoul(read_file(name), NULL, 0);
}

static void expect_file(const char *name, const char *text)
{
	const char *got = read_file(name);

	if (strcmp(got, text))
		FAIL("%s: %sexpected %s", name, got, text);
}

/* ---- how many are free ---- */

static u32 type_of(int type)
{
	return type == TYPE_DATA ? HW_BREAKPOINT_W : HW_BREAKPOINT_X;
}

static int open_event(struct perf_event *bp, int task, int cpu, u32 bp_type)
{
	int err;

	*bp = (struct perf_event) {
		.pmu = &hwbp_pmu, .cpu = cpu, .oncpu = -1, SHIM_RESERVATION(*bp),
		.attr.bp_type = bp_type,
	};
	err = perf_reserve_attach(bp, &contexts[task]);
	if (err)
		hwbp_detach(bp);
	else
		bp->ctx = &contexts[task];
	return err;
}

static unsigned int room_by_opening(int task, u32 bp_type)
{
	static struct perf_event more[MOST];
	unsigned int n = 0, i;

	while (n < MOST && !open_event(&more[n], task, -1, bp_type))
		n++;
	for (i = 0; i < n; i++)
		hwbp_detach(&more[i]);
	return n;
}

static int references(int task)
{
	struct perf_reserved *reserved = contexts[task].reserved;

	return reserved ? hwbp_account_of(reserved)->refs.n : 0;
}

/* @task's own events count, and those of other tasks do not. Who reads leaves nothing behind. */
static void check_free(int task)
{
	int before = references(task);
	unsigned int code, data;

	shim_current = &tasks[task];
	code = number("free_code");
	data = number("free_data");
	EXPECT_EQ(references(task), before);
	EXPECT_EQ(code, room_by_opening(task, HW_BREAKPOINT_X));
	EXPECT_EQ(data, room_by_opening(task, HW_BREAKPOINT_W));
}

static void change_event(int i)
{
	int task = random_below(4) ? random_below(TASKS) : NO_TASK;
	bool bound = task == NO_TASK || random_below(3) == 0;

	if (is_open[i]) {
		hwbp_detach(&events[i]);
		is_open[i] = false;
		return;
	}
	is_open[i] = !open_event(&events[i], task, bound ? (int)random_below(nr_cpu_ids) : -1,
				 type_of(random_below(TYPE_MAX)));
}

#ifndef SHIM_OLD
#define DEBUGGERS	4

static struct hw_breakpoint_debug debuggers[DEBUGGERS];

static void change_debugger(void)
{
	struct hw_breakpoint_debug *bp = &debuggers[random_below(DEBUGGERS)];
	int cpu = (int)random_below(nr_cpu_ids + 1) - 1;

	if (bp->granted)
		hw_breakpoint_debug_release(bp);
	else
		hw_breakpoint_debug_reserve(bp, cpu, type_of(random_below(TYPE_MAX)), 0);
}

static void release_debuggers(void)
{
	int i;

	for (i = 0; i < DEBUGGERS; i++) {
		if (debuggers[i].granted)
			hw_breakpoint_debug_release(&debuggers[i]);
	}
}
#else
static void change_debugger(void) { }
static void release_debuggers(void) { }
#endif

static void begin(void)
{
	int i;

	for (i = 0; i < TASKS; i++) {
		shim_new_task(&tasks[i], &contexts[i]);
		contexts[i].task = &tasks[i];
	}
	shim_current = &tasks[0];
}

static void end(void)
{
	int i;

	release_debuggers();
	for (i = 0; i < EVENTS; i++) {
		if (is_open[i])
			hwbp_detach(&events[i]);
		is_open[i] = false;
	}
	for (i = 0; i < TASKS; i++) {
		perf_reserve_free(&contexts[i]);
		contexts[i].reserved = NULL;
	}
	EXPECT(!hw_breakpoint_is_used());
}

static void test_free(void)
{
	unsigned long i;
	int used;

	begin();
	for (i = 0; i < test_steps; i++) {
		/* so many that slots run short, or hardly any */
		used = i / 1000 % 2 ? EVENTS : 8;
		if (random_below(16))
			change_event(random_below(used));
		else
			change_debugger();
		if (random_below(4) == 0)
			check_free(random_below(TASKS));
	}
	end();
}

/* A task without events, and one without a context */
static void test_free_of_others(void)
{
	static struct task_struct new = { .pid = TASKS + 1 };

	begin();
	is_open[0] = !open_event(&events[0], 0, -1, HW_BREAKPOINT_W);
	EXPECT_EQ(number("free_data"), hw_breakpoint_slots(TYPE_DATA) - 1);
	shim_current = &tasks[1];
	EXPECT_EQ(number("free_data"), hw_breakpoint_slots(TYPE_DATA));
	shim_current = &new;
	EXPECT_EQ(number("free_data"), hw_breakpoint_slots(TYPE_DATA));
	end();
}

/* ---- what there is ---- */

static void test_slots(void)
{
	bool shared = TYPE_INST == TYPE_DATA;

	EXPECT_EQ(number("caps/code_slots"), hw_breakpoint_slots(TYPE_INST));
	EXPECT_EQ(number("caps/data_slots"), hw_breakpoint_slots(TYPE_DATA));
	EXPECT_EQ(number("caps/shared_slots"), shared ? hw_breakpoint_slots(TYPE_INST) : 0);
}

#ifdef SHIM_ARM64
/* regs-arm64.c: what this CPU has */
int regs_brps(void);
int regs_wrps(void);
int regs_ctx(void);

/* Every other CPU may have more of each; the highest breakpoints are context-aware. */
static unsigned int aware_on_all(void)
{
	int brps[2], ctx[2], first;

	for (shim_cpu = 1; shim_cpu >= 0; shim_cpu--) {
		brps[shim_cpu] = regs_brps();
		ctx[shim_cpu] = regs_ctx();
	}
	shim_cpu = 0;
	first = max(brps[0] - ctx[0], brps[1] - ctx[1]);
	return max(min(brps[0], brps[1]) - first, 0);
}

static bool has_uneven(void)
{
	int brps, wrps;

	shim_cpu = 1;
	brps = regs_brps();
	wrps = regs_wrps();
	shim_cpu = 0;
	return brps > regs_brps() || wrps > regs_wrps();
}

static void test_differences(void)
{
	EXPECT_EQ(number("caps/context_slots"), aware_on_all());
	expect_file("uneven_cpus", has_uneven() ? "1,3\n" : "\n");
	shim_online[3] = false;
	expect_file("uneven_cpus", has_uneven() ? "1\n" : "\n");
	shim_online[3] = true;
}

static void test_lengths(void)
{
	expect_file("caps/code_lengths", "1-8\n");
	expect_file("caps/data_lengths", "1-8\n");
	expect_file("caps/data_range", "0\n");
	expect_file("caps/data_types", "r,w,rw\n");
}
#else
static void test_differences(void)
{
	expect_file("caps/context_slots", "0\n");
	expect_file("uneven_cpus", "\n");
}
#endif

#ifdef SHIM_OLD
static void test_lengths(void)
{
	expect_file("caps/code_lengths", "1-2,4,8\n");
	expect_file("caps/data_lengths", "1-2,4,8\n");
	expect_file("caps/data_range", "0\n");
	expect_file("caps/data_types", "r,w,rw\n");
}
#elif !defined(SHIM_ARM64)
static void test_lengths(void)
{
	expect_file("caps/code_lengths", "8\n");
	expect_file("caps/data_lengths", "1-2,4,8\n");
	expect_file("caps/data_range", "4294967296\n");
	regs_mask_ext = false;
	expect_file("caps/data_range", "4096\n");
	regs_mask_ext = true;
	expect_file("caps/data_types", "w,rw\n");
}
#endif

const struct test tests[] = {
	{ "as many are free as can be opened", test_free },
	{ "a task without events has all", test_free_of_others },
	{ "slots of each type", test_slots },
	{ "what differs between CPUs", test_differences },
	{ "lengths, ranges and types", test_lengths },
	{ }
};
