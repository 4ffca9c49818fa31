// SPDX-License-Identifier: GPL-2.0
/*
 * What has been counted: refusals by reason and CPU, slots that debuggers have taken, and loans.
 * Each request that is refused is counted once, and nothing else is.
 */

#include "test.h"

#define REASONS		6
#define EVENTS		64
/* More than a CPU has */
#define MOST		(2 * HWBP_MAX_PER_TYPE)

static struct task_struct task;
static struct perf_event_context task_context = { .task = &task }, cpu_context;
static struct perf_event events[EVENTS];

static int open_event(struct perf_event *bp, struct perf_event_context *ctx, int cpu)
{
	int err;

	*bp = (struct perf_event) {
		.pmu = &hwbp_pmu, .cpu = cpu, .oncpu = -1, SHIM_RESERVATION(*bp),
		.attr.bp_type = HW_BREAKPOINT_W,
	};
	err = perf_reserve_attach(bp, ctx);
	if (err)
		hwbp_detach(bp);
	else
		bp->ctx = ctx;
	return err;
}

/* ---- the table ---- */

/**
 * struct counts - a line of the table, or all lines
 * @loans: how often registers have been lent
 * @taken: how often a debugger has taken a slot
 * @refused: by reason
 */
struct counts {
	unsigned long	loans;
	unsigned long	taken;
	unsigned long	refused[REASONS];
};

static struct counts counts_of(int cpu)
{
	char buf[4096], loans[24], taken[24], *line = buf;
	struct counts c = { };
	unsigned long *r = c.refused;
	int at;

	shim_read("counts", buf, sizeof(buf), NULL);
	for (at = 0; at <= cpu; at++)
		line = strchr(line, '\n') + 1;
	EXPECT_EQ(sscanf(line, "%d %23s %23s %lu %lu %lu %lu %lu %lu", &at, loans, taken, &r[0],
			 &r[1], &r[2], &r[3], &r[4], &r[5]), 9);
	EXPECT_EQ(at, cpu);
	c.loans = strtoul(loans, NULL, 10);
	c.taken = strtoul(taken, NULL, 10);
	return c;
}

/* One more is refused on this CPU for @reason, and nothing else is counted there or elsewhere. */
static void expect_refused(int reason, void (*request)(void))
{
	struct counts before[2], after[2];
	int i;

	for (i = 0; i < 2; i++)
		before[i] = counts_of(i);
	request();
	for (i = 0; i < 2; i++)
		after[i] = counts_of(i);
	before[shim_cpu].refused[reason]++;
	for (i = 0; i < 2; i++) {
		if (memcmp(&before[i], &after[i], sizeof(before[i])))
			FAIL("reason %d, on CPU %d: CPU %d", reason, shim_cpu, i);
	}
}

/* What perf does when an event is opened, with the PMU's own reservation */
static int init_event(const struct perf_event_attr *attr)
{
	struct perf_event bp = { .attr = *attr, .pmu = &hwbp_pmu, .cpu = -1 };
	int err;

	bp.attr.type = PERF_TYPE_BREAKPOINT;
	err = hwbp_pmu.event_init(&bp);
	if (bp.destroy)
		bp.destroy(&bp);
	kfree(bp.pmu_private);
	return err;
}

static void open_too_many(void)
{
	int n = 0;

	while (n < EVENTS && !open_event(&events[n], &task_context, -1))
		n++;
	while (n--)
		hwbp_detach(&events[n]);
}

static void open_without_memory(void)
{
	struct perf_event_attr attr = { };

	regs_attr(&attr, 1);
	shim_fail_alloc = 0;
	EXPECT_EQ(init_event(&attr), -ENOMEM);
	shim_fail_alloc = -1;
}

static void open_invalid(void)
{
	struct perf_event_attr attr = { };

	regs_attr(&attr, 1);
	attr.bp_len = 3 * 1024;
	EXPECT_EQ(init_event(&attr), -EINVAL);
}

static void open_of_no_cpu(void)
{
	EXPECT_EQ(open_event(&events[0], &cpu_context, SHIM_CPUS + 1), -EINVAL);
}

static void open_branches(void)
{
	struct perf_event_attr attr = { .sample_type = PERF_SAMPLE_BRANCH_STACK };

	regs_attr(&attr, 1);
	EXPECT_EQ(init_event(&attr), -EOPNOTSUPP);
}

static void change_to_invalid(void)
{
	struct perf_event bp;
	struct perf_event_attr attr;

	test_open(&bp, &task_context, -1, NULL);
	attr = bp.attr;
	attr.bp_len = 3 * 1024;
	EXPECT_EQ(modify_user_hw_breakpoint_check(&bp, &attr, true), -EINVAL);
	hwbp_detach(&bp);
}

static void change_what_cannot(void)
{
	struct perf_event bp;
	struct perf_event_attr attr;

	test_open(&bp, &task_context, -1, NULL);
	attr = bp.attr;
	attr.freq = !attr.freq;
	mutex_lock(&bp.child_mutex);
	EXPECT_EQ(hw_breakpoint_prepare(&bp, &attr), -EINVAL);
	mutex_unlock(&bp.child_mutex);
	hwbp_detach(&bp);
}

static void hold_for_cpu(void)
{
	struct hw_breakpoint_reservation res[MOST] = { };
	int n = 0;

	while (n < MOST && !hwbp_reserve_for_cpu(&res[n], 2, TYPE_DATA))
		n++;
	while (n--)
		hwbp_release_reservation(&res[n]);
}

static void hold_twice(void)
{
	struct hw_breakpoint_reservation res = { };

	EXPECT_EQ(hwbp_reserve_for_cpu(&res, 2, TYPE_DATA), 0);
	EXPECT_EQ(hwbp_reserve_for_cpu(&res, 2, TYPE_DATA), -EBUSY);
	hwbp_release_reservation(&res);
}

/* Here everybody may everything. */
static void denied(void)
{
	EXPECT_EQ(hwbp_refused(-EPERM), -EPERM);
}

static void test_refusals(void)
{
	static const struct {
		int	reason;
		void	(*request)(void);
	} cases[] = {
		{ HWBP_NO_SLOT, open_too_many },
		{ HWBP_NO_SLOT, hold_for_cpu },
		{ HWBP_NO_MEMORY, open_without_memory },
		{ HWBP_INVALID, open_invalid },
		{ HWBP_INVALID, open_of_no_cpu },
		{ HWBP_INVALID, change_to_invalid },
		{ HWBP_INVALID, change_what_cannot },
		{ HWBP_DENIED, denied },
		{ HWBP_UNSUPPORTED, open_branches },
		{ HWBP_OTHERWISE, hold_twice },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		shim_cpu = i % 2;
		expect_refused(cases[i].reason, cases[i].request);
	}
	shim_cpu = 0;
}

#ifndef SHIM_OLD
static void test_loans(void)
{
	struct guest g = { };
	struct counts before = counts_of(0);

	local_irq_disable();
	regs_guest(&g, 1);
	stepped_guest(&g);
	stepped_guest(&g);
	local_irq_enable();
	EXPECT_EQ(counts_of(0).loans, before.loans + 2);
	EXPECT_EQ(counts_of(0).taken, before.taken);
	EXPECT_EQ(counts_of(1).loans, counts_of(1).taken);
}

static void watch(struct hw_breakpoint_debug *bp)
{
	struct perf_event_attr attr = { };

	regs_kernel_attr(&attr, 1);
	EXPECT_EQ(hw_breakpoint_debug_reserve(bp, 0, attr.bp_type, HW_BREAKPOINT_TAKE), 0);
	EXPECT_EQ(hw_breakpoint_debug_set(bp, attr.bp_addr, attr.bp_len, attr.bp_type), 0);
}

static void install(unsigned int n)
{
	unsigned int i;

	local_irq_disable();
	for (i = 0; i < n; i++)
		EXPECT_EQ(hwbp_pmu.add(&events[i], PERF_EF_START), 0);
	hwbp_pmu.pmu_enable(&hwbp_pmu);
	local_irq_enable();
}

static void uninstall(unsigned int n)
{
	local_irq_disable();
	while (n--)
		hwbp_pmu.del(&events[n], 0);
	hwbp_pmu.pmu_enable(&hwbp_pmu);
	local_irq_enable();
}

/* With all slots in use the one for the debugger is taken; it counts when the slot is. */
static void test_taken(void)
{
	unsigned int n = hw_breakpoint_slots(TYPE_DATA), i;
	struct hw_breakpoint_debug bp = { .owner = "test" };
	struct counts before = counts_of(0);

	for (i = 0; i < n; i++)
		test_open(&events[i], &cpu_context, 0, NULL);
	install(n - 1);
	watch(&bp);
	EXPECT_EQ(counts_of(0).taken, before.taken);
	hw_breakpoint_debug_release(&bp);
	uninstall(n - 1);

	install(n);
	watch(&bp);
	EXPECT_EQ(counts_of(0).taken, before.taken + 1);
	EXPECT_EQ(counts_of(0).loans, before.loans);
	hw_breakpoint_debug_release(&bp);
	uninstall(n);
	shim_run_irq_work();
	for (i = 0; i < n; i++)
		hwbp_detach(&events[i]);
}

/* ---- registers ---- */

struct writes {
	unsigned long	commits;
	unsigned long	written;
	unsigned long	spared;
};

static struct writes writes(void)
{
	char buf[4096];
	struct writes w;

	shim_read("writes", buf, sizeof(buf), NULL);
	EXPECT_EQ(sscanf(strchr(buf, '\n'), "\n0 %lu %lu %lu\n1 ", &w.commits, &w.written,
			 &w.spared), 3);
	return w;
}

static void expect_more(struct writes before, unsigned long commits, unsigned long written,
			unsigned long spared)
{
	struct writes w = writes();

	EXPECT_EQ(w.commits, before.commits + commits);
	EXPECT_EQ(w.written, before.written + written);
	EXPECT_EQ(w.spared, before.spared + spared);
}

/* As a switch to another task with events that watch the same */
static void exchange(void)
{
	local_irq_disable();
	hwbp_pmu.del(&events[0], 0);
	EXPECT_EQ(hwbp_pmu.add(&events[0], PERF_EF_START), 0);
	hwbp_pmu.pmu_enable(&hwbp_pmu);
	local_irq_enable();
}

static void test_writes(void)
{
	struct writes before;

	test_open(&events[0], &cpu_context, 0, NULL);
	install(1);
	uninstall(1);
	expect_more((struct writes) { }, 0, 0, 0);

	EXPECT_EQ(shim_set("count_writes", 1), 0);
	EXPECT_EQ(shim_set("count_writes", 1), 0);
	EXPECT_EQ(shim_get("count_writes"), 1);
	test_open(&events[1], &cpu_context, 0, NULL);
	regs_attr(&events[1].attr, 2);
	EXPECT_EQ(register_perf_hw_breakpoint(&events[1]), 0);
	before = writes();
	install(2);
	expect_more(before, 1, 1, 1);
	exchange();
	expect_more(before, 2, 1, 3);
	uninstall(2);

	EXPECT_EQ(shim_set("count_writes", 0), 0);
	EXPECT_EQ(shim_set("count_writes", 0), 0);
	EXPECT_EQ(shim_get("count_writes"), 0);
	before = writes();
	install(1);
	uninstall(1);
	expect_more(before, 0, 0, 0);
	hwbp_detach(&events[0]);
	hwbp_detach(&events[1]);
}

/* Where not all of what counts can be hung up nothing is, and it can be tried again. */
static void test_no_count(void)
{
	const int all = shim_probes.left;

	EXPECT_EQ(shim_set("count_writes", 2), -EINVAL);
	for (shim_probes.left = 0; shim_probes.left < all; shim_probes.left++) {
		int left = shim_probes.left;

		EXPECT_EQ(shim_set("count_writes", 1), -ENOMEM);
		EXPECT_EQ(shim_get("count_writes"), 0);
		EXPECT_EQ(shim_probes.left, left);
		EXPECT(!shim_probes.install && !shim_probes.uninstall && !shim_probes.commit);
	}
	EXPECT_EQ(shim_set("count_writes", 1), 0);
	EXPECT_EQ(shim_set("count_writes", 0), 0);
	EXPECT_EQ(shim_probes.left, all);
}
#else
/* Nobody lends, takes or writes there. */
static void test_loans(void)
{
	char buf[4096];

	shim_read("counts", buf, sizeof(buf), NULL);
	EXPECT(!strncmp(strchr(buf, '\n') + 1, "0 - - ", 6));
}

static void test_taken(void) { }
static void test_writes(void) { }
static void test_no_count(void) { }
#endif

const struct test tests[] = {
	{ "refusals are counted by reason and CPU", test_refusals },
	{ "loans are counted", test_loans },
	{ "slots that debuggers take are counted", test_taken },
	{ "writes are counted while it is wanted", test_writes },
	{ "a count that cannot begin", test_no_count },
	{ }
};
