// SPDX-License-Identifier: GPL-2.0
/*
 * A level that changes while a CPU lowers it: another CPU's task comes to hold a slot, and
 * ceases to, whenever it has been said that whoever comes now asks. The lowering ends all the
 * same; it may be an NMI's. And one task comes to hold more at any instruction, then another task
 * less at any later one: no less is assumed than what the first holds.
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
static void come_where_lowered(void)
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

static void (*here)(void) = come_where_lowered;

void steps_here(void)
{
	here();
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

/* ---- one comes to hold most, and then another one less ---- */

#define MOST	3

static struct perf_event most[MOST], less[MOST - 1];
static int stops;
static long gap;

static void open_others(struct perf_event *bp, int n, int task)
{
	while (--n)
		open_event(&bp[n], task, -1);
}

static void close_all(struct perf_event *bp, int n)
{
	while (n--)
		hwbp_detach(&bp[n]);
}

static void other_opens(void)
{
	shim_cpu = 1;
	if (!stops++)
		open_others(most, MOST, 0);
	else
		open_others(less, MOST - 1, 1);
	shim_cpu = 0;
}

static void stop_twice(void)
{
	steps_left = LONG_MAX;
	other_opens();
	steps_left = stops == 1 ? gap : LONG_MAX;
}

/* Return: at how many of two places the lowering was stopped */
static int lower_with_stops(long at)
{
	int stopped;

	open_event(&most[0], 0, -1);
	open_others(most, MOST, 0);
	close_all(most + 1, MOST - 1);
	open_event(&less[0], 1, -1);
	stops = 0;
	steps_left = at;
	hwbp_level_lower(HWBP_ANYWHERE, TYPE_DATA);
	steps_left = LONG_MAX;
	stopped = stops;
	while (stops < 2)
		other_opens();
	EXPECT(hwbp_level_assumed(HWBP_ANYWHERE, TYPE_DATA) >= MOST);
	close_all(most, MOST);
	close_all(less, MOST - 1);
	hwbp_level_lower(HWBP_ANYWHERE, TYPE_DATA);
	return stopped;
}

static void test_less(void)
{
	long at = 0;
	int stopped;

	if (hw_breakpoint_slots(TYPE_DATA) < MOST)
		return;
	here = stop_twice;
	do {
		at++;
		gap = 0;
		do {
			gap++;
			stopped = lower_with_stops(at);
		} while (stopped == 2);
	} while (stopped);
	here = come_where_lowered;
	printf("# stopped at %ld instructions\n", at - 1);
}

const struct test tests[] = {
	{ "set up",					set_up },
	{ "somebody asks while a level is lowered",	test_asks },
	{ "somebody comes without asking for more",	test_both_kinds },
	{ "one comes to hold most, and another less",	test_less },
	{ }
};
