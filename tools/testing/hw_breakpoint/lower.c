// SPDX-License-Identifier: GPL-2.0
/*
 * A level that changes while a CPU lowers it: another CPU's task comes to hold a slot, and
 * ceases to, whenever it has been said that whoever comes now asks. The lowering ends all the
 * same; it may be an NMI's.
 */

#include <limits.h>

#include "test.h"
#include "steps.h"

/* More than any number of countings that is still a bound */
#define ENDLESS		1000

/* Of the other CPU's task: one that may run anywhere, and one bound to that CPU. */
static struct perf_event anywhere, bound;
/* Of another task */
static struct perf_event steady;
static struct task_struct tasks[2];
static struct perf_event_context contexts[2];
static int times;

static void open_event(struct perf_event *bp, int task, int cpu)
{
	*bp = (struct perf_event) {
		.pmu = &hwbp_pmu, .cpu = cpu, .oncpu = -1, SHIM_RESERVATION(*bp),
	};
	regs_attr(&bp->attr, 1);
	EXPECT_EQ(register_perf_hw_breakpoint(bp), 0);
	EXPECT_EQ(perf_reserve_attach(bp, &contexts[task]), 0);
	bp->ctx = &contexts[task];
}

static void come_and_go(void)
{
	open_event(&anywhere, 0, -1);
	hwbp_detach(&anywhere);
}

static u64 level(void)
{
	return atomic64_read(&hwbp_totals[TYPE_DATA].anywhere.word);
}

/* What contexts may hold is the second byte, what is assumed the first one. */
void steps_here(void)
{
	u64 word = level();

	steps_left = LONG_MAX;
	if ((u8)(word >> 8) < (u8)word) {
		if (++times == ENDLESS)
			FAIL("it does not end");
		shim_cpu = 1;
		come_and_go();
		shim_cpu = 0;
	}
	steps_left = 1;
}

static void set_up(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		contexts[i].lock.owner = -1;
		contexts[i].task = &tasks[i];
	}
}

static void lower(void)
{
	times = 0;
	steps_left = 1;
	hwbp_level_lower(HWBP_ANYWHERE, TYPE_DATA);
	steps_left = LONG_MAX;
	printf("# the other task came in between %d times\n", times);
}

/* Each time it has to ask, since what it may hold has just been lowered. */
static void test_asks(void)
{
	come_and_go();
	lower();
	EXPECT(times > 1);
	/* who comes next may, and what nobody holds is lowered when nobody hinders it */
	come_and_go();
	hwbp_level_lower(HWBP_ANYWHERE, TYPE_DATA);
	EXPECT(!hw_breakpoint_is_used());
	EXPECT_EQ(hwbp_level_assumed(HWBP_ANYWHERE, TYPE_DATA), 0);
}

/* A context with events of both kinds asks, for no more than contexts may hold. */
static void test_both_kinds(void)
{
	u64 before;

	open_event(&steady, 1, -1);
	open_event(&bound, 0, 1);
	come_and_go();
	before = level();
	come_and_go();
	EXPECT_EQ(level(), before);
	lower();
	EXPECT_EQ(level(), before);
	hwbp_detach(&bound);
	hwbp_detach(&steady);
}

const struct test tests[] = {
	{ "set up",					set_up },
	{ "somebody asks while a level is lowered",	test_asks },
	{ "somebody comes without asking for more",	test_both_kinds },
	{ }
};
