// SPDX-License-Identifier: GPL-2.0
/*
 * Events of a whole process, which is a kernel thread here: each is a process of its own.
 */

#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/kthread.h>
#include <linux/perf_event.h>
#include <linux/sched.h>

#include "../internal.h"

#define HITS		100
#define MOST		(2 * HWBP_MAX_PER_TYPE)

/* An address of user space: a task's events may watch that on every machine. */
#define USER_ADDR	0x10000UL

/* What the tests watch, and a word of the same page to write in between. */
static struct {
	unsigned long	word[2];
	unsigned long	unwatched;
} data __aligned(128);

static struct perf_event *events[MOST];
static int nr_events;

/* ---- helpers ---- */

static void attr_of(struct perf_event_attr *attr, unsigned long addr, bool of_process)
{
	hw_breakpoint_init(attr);
	attr->bp_addr = addr;
	attr->bp_type = HW_BREAKPOINT_W;
	attr->bp_len = sizeof(long);
	attr->exclude_kernel = addr == USER_ADDR;
	attr->config = of_process ? HWBP_CONFIG_PROCESS : 0;
	attr->inherit = of_process;
	attr->inherit_thread = of_process;
	attr->remove_on_exec = of_process;
}

static int take_attr(struct perf_event_attr *attr, int cpu, struct task_struct *tsk)
{
	struct perf_event *bp = perf_event_create_kernel_counter(attr, cpu, tsk, NULL, NULL);

	if (IS_ERR(bp))
		return PTR_ERR(bp);
	events[nr_events++] = bp;
	return 0;
}

static int take(bool of_process, int cpu, struct task_struct *tsk)
{
	struct perf_event_attr attr;

	attr_of(&attr, USER_ADDR, of_process);
	return take_attr(&attr, cpu, tsk);
}

static void give_all(void)
{
	while (nr_events)
		unregister_hw_breakpoint(events[--nr_events]);
}

/* Exactly @n more events fit; none of them stays. */
static void expect_room(struct kunit *test, int n, bool of_process, int cpu,
			struct task_struct *tsk)
{
	int i;

	for (i = 0; i < n; i++)
		KUNIT_EXPECT_EQ(test, take(of_process, cpu, tsk), 0);
	KUNIT_EXPECT_EQ(test, take(of_process, cpu, tsk), -ENOSPC);
	while (i--)
		unregister_hw_breakpoint(events[--nr_events]);
}

static int sleeps(void *unused)
{
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static struct task_struct *new_process(struct kunit *test, int (*fn)(void *))
{
	struct task_struct *tsk = kthread_run(fn, NULL, "hwbp-process");

	KUNIT_ASSERT_FALSE(test, IS_ERR(tsk));
	return tsk;
}

static u64 hits(void)
{
	u64 enabled, running;

	return perf_event_read_value(events[0], &enabled, &running);
}

/* See core_test.c */
static void write_word(int word, int times)
{
	while (times--) {
		WRITE_ONCE(data.word[word], times);
		barrier();
		WRITE_ONCE(data.unwatched, times);
	}
}

/* On every CPU in turn, so that it is not one copy that counts */
static void write_everywhere(int word, int times)
{
	int cpu;

	for_each_online_cpu(cpu) {
		set_cpus_allowed_ptr(current, cpumask_of(cpu));
		write_word(word, times);
	}
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

static int writes(void *unused)
{
	write_everywhere(0, HITS);
	return sleeps(NULL);
}

/* ---- cases ---- */

static void test_room(struct kunit *test)
{
	struct task_struct *a = new_process(test, sleeps), *b = new_process(test, sleeps);
	int slots = hw_breakpoint_slots(TYPE_DATA), i;

	expect_room(test, slots, true, -1, a);
	KUNIT_EXPECT_EQ(test, take(false, -1, a), 0);
	expect_room(test, slots - 1, true, -1, a);
	for (i = 0; i < slots - 1; i++)
		KUNIT_EXPECT_EQ(test, take(true, -1, a), 0);
	expect_room(test, 0, true, -1, a);
	expect_room(test, 0, false, -1, a);
	expect_room(test, slots, true, -1, b);
	expect_room(test, slots, false, -1, b);
	expect_room(test, 0, false, cpumask_first(cpu_online_mask), NULL);
	give_all();
	expect_room(test, slots, false, -1, a);
	kthread_stop(a);
	kthread_stop(b);
}

static void test_fires(struct kunit *test)
{
	u64 all = num_online_cpus() * HITS;
	struct task_struct *other;
	struct perf_event_attr attr;

	attr_of(&attr, (unsigned long)&data.word[0], true);
	KUNIT_ASSERT_EQ(test, take_attr(&attr, -1, current), 0);
	write_everywhere(0, HITS);
	KUNIT_EXPECT_EQ(test, hits(), all);
	other = new_process(test, writes);
	msleep(100);
	kthread_stop(other);
	KUNIT_EXPECT_EQ(test, hits(), all);
	write_everywhere(0, HITS);
	KUNIT_EXPECT_EQ(test, hits(), 2 * all);
	write_everywhere(1, HITS);
	KUNIT_EXPECT_EQ(test, hits(), 2 * all);
	give_all();
	write_everywhere(0, HITS);
}

/* The process is over, its event is open: the slots are free, and it keeps what it has counted. */
static void test_over(struct kunit *test)
{
	u64 all = num_online_cpus() * HITS;
	struct perf_event_attr attr;
	struct task_struct *tsk;

	tsk = kthread_create(writes, NULL, "hwbp-process");
	KUNIT_ASSERT_FALSE(test, IS_ERR(tsk));
	get_task_struct(tsk);
	attr_of(&attr, (unsigned long)&data.word[0], true);
	KUNIT_EXPECT_EQ(test, take_attr(&attr, -1, tsk), 0);
	wake_up_process(tsk);
	msleep(100);
	kthread_stop(tsk);
	KUNIT_EXPECT_EQ(test, hits(), all);
	KUNIT_EXPECT_FALSE(test, hw_breakpoint_is_used());
	KUNIT_EXPECT_EQ(test, take_attr(&attr, -1, tsk), -ESRCH);
	put_task_struct(tsk);
	give_all();
}

/* ---- suite ---- */

static int process_init(struct kunit *test)
{
	if (hw_breakpoint_is_used())
		kunit_skip(test, "somebody holds a breakpoint");
	return 0;
}

static void process_exit(struct kunit *test)
{
	give_all();
	KUNIT_EXPECT_FALSE(test, hw_breakpoint_is_used());
}

static struct kunit_case process_cases[] = {
	KUNIT_CASE(test_room),
	KUNIT_CASE(test_fires),
	KUNIT_CASE(test_over),
	{ }
};

static struct kunit_suite process_suite = {
	.name		= "hw_breakpoint_process",
	.init		= process_init,
	.exit		= process_exit,
	.test_cases	= process_cases,
};

kunit_test_suite(process_suite);

MODULE_DESCRIPTION("Tests of hardware breakpoints of whole processes");
MODULE_LICENSE("GPL");
