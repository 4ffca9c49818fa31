// SPDX-License-Identifier: GPL-2.0
/*
 * Reservations of real tasks and CPUs, and breakpoints that really fire.
 *
 * The rule is checked against a model in tools/testing/hw_breakpoint; here it is
 * about what perf does with it.
 */

#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/kthread.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>

#include <asm/hw_breakpoint.h>

#include "../internal.h"

#define HITS		100

/* An address of user space: a task's events may watch that on every machine. */
#define USER_ADDR	0x10000UL

/* What the tests watch, and a word of the same page to write in between. */
static struct {
	unsigned long	word[8];
	unsigned long	unwatched;
} data __aligned(128);

/* There is room for one in each slot of the machine, and some. */
static struct perf_event **events;
static int nr_events, max_events;

/* ---- helpers ---- */

static int dummy_thread(void *unused)
{
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static struct task_struct *new_task(struct kunit *test)
{
	struct task_struct *tsk = kthread_run(dummy_thread, NULL, "hwbp-test");

	KUNIT_ASSERT_FALSE(test, IS_ERR(tsk));
	return tsk;
}

static void data_attr(struct perf_event_attr *attr, void *addr)
{
	hw_breakpoint_init(attr);
	attr->bp_addr = (unsigned long)addr;
	attr->bp_type = HW_BREAKPOINT_W;
	attr->bp_len = sizeof(long);
}

static void user_attr(struct perf_event_attr *attr, int type)
{
	data_attr(attr, (void *)USER_ADDR);
	attr->exclude_kernel = 1;
	if (type == TYPE_INST && TYPE_INST != TYPE_DATA)
		attr->bp_type = HW_BREAKPOINT_X;
}

static int take_attr(struct perf_event_attr *attr, int cpu,
		     struct task_struct *tsk)
{
	struct perf_event *bp;

	if (WARN_ON(nr_events == max_events))
		return -E2BIG;
	bp = perf_event_create_kernel_counter(attr, cpu, tsk, NULL, NULL);
	if (IS_ERR(bp))
		return PTR_ERR(bp);
	events[nr_events++] = bp;
	return 0;
}

/* Opens an event of @type for a task, or a CPU if @tsk is NULL. */
static int take(int type, int cpu, struct task_struct *tsk)
{
	struct perf_event_attr attr;

	user_attr(&attr, type);
	return take_attr(&attr, cpu, tsk);
}

static void give_last(void)
{
	unregister_hw_breakpoint(events[--nr_events]);
}

static void give_all(void)
{
	while (nr_events)
		give_last();
}

/* Exactly @n more events fit; none of them stays. */
static void expect_room(struct kunit *test, int n, int type, int cpu,
			struct task_struct *tsk)
{
	int i;

	for (i = 0; i < n; i++)
		KUNIT_EXPECT_EQ(test, take(type, cpu, tsk), 0);
	KUNIT_EXPECT_EQ(test, take(type, cpu, tsk), -ENOSPC);
	while (i--)
		give_last();
}

/* The second of two CPUs, or -1. */
static int other_cpu(void)
{
	int cpu = cpumask_next(cpumask_first(cpu_online_mask), cpu_online_mask);

	return cpu < nr_cpu_ids ? cpu : -1;
}

static int first_cpu(void)
{
	return cpumask_first(cpu_online_mask);
}

/* ---- reservations ---- */

static void test_fill_cpu(struct kunit *test)
{
	int type, cpu;

	for (type = 0; type < TYPE_MAX; type++) {
		int slots = hw_breakpoint_slots(type), i;

		for_each_online_cpu(cpu) {
			for (i = 0; i < slots; i++)
				KUNIT_EXPECT_EQ(test, take(type, cpu, NULL), 0);
			KUNIT_EXPECT_EQ(test, take(type, cpu, NULL), -ENOSPC);
		}
	}
}

static void test_fill_task(struct kunit *test)
{
	struct task_struct *tsk = new_task(test);
	int type;

	for (type = 0; type < TYPE_MAX; type++) {
		int slots = hw_breakpoint_slots(type);

		expect_room(test, slots, type, -1, tsk);
		expect_room(test, slots, type, first_cpu(), tsk);
		KUNIT_EXPECT_EQ(test, take(type, -1, tsk), 0);
		expect_room(test, slots - 1, type, -1, tsk);
		expect_room(test, slots - 1, type, first_cpu(), tsk);
		expect_room(test, slots - 1, type, first_cpu(), NULL);
	}
	give_all();
	kthread_stop(tsk);
}

/* Two tasks never run on one CPU at once. */
static void test_tasks_share(struct kunit *test)
{
	struct task_struct *a = new_task(test), *b = new_task(test);
	int slots = hw_breakpoint_slots(TYPE_DATA), i;

	for (i = 0; i < slots; i++)
		KUNIT_EXPECT_EQ(test, take(TYPE_DATA, -1, a), 0);
	expect_room(test, 0, TYPE_DATA, -1, a);
	expect_room(test, slots, TYPE_DATA, -1, b);
	expect_room(test, 0, TYPE_DATA, first_cpu(), NULL);
	give_all();
	kthread_stop(a);
	kthread_stop(b);
}

static void test_bound_beside_free(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), a = first_cpu(), b;
	struct task_struct *tsk = new_task(test);

	b = other_cpu();
	KUNIT_EXPECT_EQ(test, take(TYPE_DATA, a, tsk), 0);
	expect_room(test, slots - 1, TYPE_DATA, -1, tsk);
	if (b >= 0)
		expect_room(test, slots, TYPE_DATA, b, tsk);
	KUNIT_EXPECT_EQ(test, take(TYPE_DATA, -1, tsk), 0);
	expect_room(test, slots - 2, TYPE_DATA, a, tsk);
	expect_room(test, slots - 2, TYPE_DATA, a, NULL);
	if (b >= 0) {
		expect_room(test, slots - 1, TYPE_DATA, b, tsk);
		expect_room(test, slots - 1, TYPE_DATA, b, NULL);
	}
	give_all();
	kthread_stop(tsk);
}

/* What is left for the current task, beside its own and CPUs' events, whatever other tasks have */
static void test_free(struct kunit *test)
{
	struct task_struct *tsk = new_task(test);
	int type;

	for (type = 0; type < TYPE_MAX; type++) {
		unsigned int slots = hw_breakpoint_slots(type);

		KUNIT_EXPECT_EQ(test, take(type, -1, tsk), 0);
		KUNIT_EXPECT_EQ(test, hwbp_free_for_current(type), slots);
		KUNIT_EXPECT_EQ(test, take(type, -1, current), 0);
		KUNIT_EXPECT_EQ(test, hwbp_free_for_current(type), slots - 1);
		expect_room(test, slots - 1, type, -1, current);
		KUNIT_EXPECT_EQ(test, take(type, first_cpu(), NULL), 0);
		KUNIT_EXPECT_EQ(test, hwbp_free_for_current(type), slots - 2);
		expect_room(test, slots - 2, type, -1, current);
		give_all();
	}
	kthread_stop(tsk);
}

/* Closing one CPU's or task's events gives nobody else's slots back. */
static void test_release(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i;
	struct task_struct *tsk = new_task(test);

	for (i = 0; i < slots - 1; i++)
		KUNIT_EXPECT_EQ(test, take(TYPE_DATA, first_cpu(), NULL), 0);
	KUNIT_EXPECT_EQ(test, take(TYPE_DATA, -1, tsk), 0);
	expect_room(test, 0, TYPE_DATA, -1, tsk);
	expect_room(test, 0, TYPE_DATA, first_cpu(), NULL);
	give_last();
	kthread_stop(tsk);
	expect_room(test, 1, TYPE_DATA, first_cpu(), NULL);
}

/* What is wrong with a request is said first, and it never held anything. */
static void test_invalid(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i;
	struct perf_event_attr attr;

	user_attr(&attr, TYPE_DATA);
	attr.bp_len = 0;
	for (i = 0; i < slots; i++) {
		KUNIT_EXPECT_EQ(test, take(TYPE_DATA, first_cpu(), NULL), 0);
		KUNIT_EXPECT_EQ(test, take_attr(&attr, first_cpu(), NULL), -EINVAL);
	}
	attr.bp_type = HW_BREAKPOINT_EMPTY;
	attr.bp_len = 1;
	KUNIT_EXPECT_EQ(test, take_attr(&attr, first_cpu(), NULL), -EINVAL);
	give_all();
	KUNIT_EXPECT_EQ(test, take_attr(&attr, first_cpu(), NULL), -EINVAL);
	KUNIT_EXPECT_FALSE(test, hw_breakpoint_is_used());
}

/* From data to instructions and back; the last slots are taken meanwhile. */
static void test_move(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_INST), i;
	struct perf_event_attr code, old;
	struct perf_event *bp;

	if (TYPE_INST == TYPE_DATA)
		kunit_skip(test, "one pool");
	KUNIT_ASSERT_EQ(test, take(TYPE_DATA, first_cpu(), NULL), 0);
	bp = events[0];
	old = bp->attr;
	user_attr(&code, TYPE_INST);

	for (i = 0; i < slots; i++)
		KUNIT_EXPECT_EQ(test, take(TYPE_INST, first_cpu(), NULL), 0);
	KUNIT_EXPECT_EQ(test, modify_user_hw_breakpoint(bp, &code), -ENOSPC);
	KUNIT_EXPECT_EQ(test, bp->attr.bp_type, old.bp_type);
	expect_room(test, hw_breakpoint_slots(TYPE_DATA) - 1, TYPE_DATA,
		    first_cpu(), NULL);

	give_last();
	KUNIT_EXPECT_EQ(test, modify_user_hw_breakpoint(bp, &code), 0);
	expect_room(test, hw_breakpoint_slots(TYPE_DATA), TYPE_DATA,
		    first_cpu(), NULL);
	expect_room(test, 0, TYPE_INST, first_cpu(), NULL);
	KUNIT_EXPECT_EQ(test, modify_user_hw_breakpoint(bp, &old), 0);
	expect_room(test, 1, TYPE_INST, first_cpu(), NULL);
}

static void test_wide(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), cpu;
	struct perf_event * __percpu *wide;
	struct perf_event_attr attr;

	data_attr(&attr, &data.word[0]);
	wide = register_wide_hw_breakpoint(&attr, NULL, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR_PCPU(wide));
	for_each_online_cpu(cpu)
		expect_room(test, slots - 1, TYPE_DATA, cpu, NULL);
	unregister_wide_hw_breakpoint(wide);
	KUNIT_EXPECT_FALSE(test, hw_breakpoint_is_used());
}

/* One CPU is full: the others are left as they were. */
static void test_wide_fails(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), last = 0, cpu, i;
	struct perf_event * __percpu *wide;
	struct perf_event_attr attr;

	for_each_online_cpu(cpu)
		last = cpu;
	for (i = 0; i < slots; i++)
		KUNIT_EXPECT_EQ(test, take(TYPE_DATA, last, NULL), 0);
	data_attr(&attr, &data.word[0]);
	wide = register_wide_hw_breakpoint(&attr, NULL, NULL);
	KUNIT_EXPECT_EQ(test, PTR_ERR_PCPU(wide), -ENOSPC);
	give_all();
	kvfree(events);
	events = NULL;
	KUNIT_EXPECT_FALSE(test, hw_breakpoint_is_used());
}

/* ---- hits ---- */

static int hits[ARRAY_SIZE(data.word)];

static void count_hit(struct perf_event *bp, struct perf_sample_data *unused,
		      struct pt_regs *regs)
{
	hits[(long)bp->overflow_handler_context]++;
}

static struct perf_event *watch(struct kunit *test, struct perf_event_attr *attr,
				int cpu, long counter)
{
	struct perf_event *bp;

	bp = perf_event_create_kernel_counter(attr, cpu, NULL, count_hit,
					      (void *)counter);
	KUNIT_ASSERT_FALSE(test, IS_ERR(bp));
	events[nr_events++] = bp;
	hits[counter] = 0;
	return bp;
}

/*
 * The emulator may report a hit again until another word of the page has been
 * written.
 */
static void write_word(int word, int times)
{
	while (times--) {
		WRITE_ONCE(data.word[word], times);
		barrier();
		WRITE_ONCE(data.unwatched, times);
	}
}

/* Stays on this CPU, though it may sleep. */
static int stay_here(void)
{
	migrate_disable();
	return raw_smp_processor_id();
}

static void test_fires(struct kunit *test)
{
	struct perf_event_attr attr;
	int cpu = stay_here();

	data_attr(&attr, &data.word[0]);
	watch(test, &attr, cpu, 0);
	write_word(0, HITS);
	KUNIT_EXPECT_EQ(test, hits[0], HITS);
	KUNIT_EXPECT_EQ(test, READ_ONCE(data.word[0]), 0);
	write_word(1, HITS);
	KUNIT_EXPECT_EQ(test, hits[0], HITS);
	give_all();
	write_word(0, HITS);
	KUNIT_EXPECT_EQ(test, hits[0], HITS);
	migrate_enable();
}

static void test_all_slots_fire(struct kunit *test)
{
	int n = min_t(int, hw_breakpoint_slots(TYPE_DATA), ARRAY_SIZE(hits));
	struct perf_event_attr attr;
	int cpu = stay_here(), i;

	for (i = 0; i < n; i++) {
		data_attr(&attr, &data.word[i]);
		watch(test, &attr, cpu, i);
	}
	for (i = 0; i < n; i++)
		write_word(i, i + 1);
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_EQ(test, hits[i], i + 1);
	migrate_enable();
}

static void test_reprogram(struct kunit *test)
{
	struct perf_event_attr attr;
	struct perf_event *bp;
	int cpu = stay_here();

	data_attr(&attr, &data.word[0]);
	bp = watch(test, &attr, cpu, 0);
	write_word(0, 3);
	data_attr(&attr, &data.word[1]);
	KUNIT_EXPECT_EQ(test, modify_user_hw_breakpoint(bp, &attr), 0);
	write_word(0, 5);
	KUNIT_EXPECT_EQ(test, hits[0], 3);
	write_word(1, 7);
	KUNIT_EXPECT_EQ(test, hits[0], 10);

	/* A change that is refused changes nothing. */
	attr.bp_len = 0;
	KUNIT_EXPECT_EQ(test, modify_user_hw_breakpoint(bp, &attr), -EINVAL);
	write_word(1, 1);
	KUNIT_EXPECT_EQ(test, hits[0], 11);
	migrate_enable();
}

static void test_disable(struct kunit *test)
{
	struct perf_event_attr attr;
	struct perf_event *bp;
	int cpu = stay_here();

	data_attr(&attr, &data.word[0]);
	bp = watch(test, &attr, cpu, 0);
	perf_event_disable(bp);
	write_word(0, 3);
	KUNIT_EXPECT_EQ(test, hits[0], 0);
	perf_event_enable(bp);
	write_word(0, 3);
	KUNIT_EXPECT_EQ(test, hits[0], 3);
	migrate_enable();
}

static noinline int called(int n)
{
	/* Not to be merged with other functions, nor left out. */
	barrier();
	return n + 1;
}

static void test_execute(struct kunit *test)
{
	struct perf_event_attr attr;
	int cpu = stay_here(), i, n = 0;

	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)called;
	attr.bp_type = HW_BREAKPOINT_X;
	attr.bp_len = sizeof(long);
	watch(test, &attr, cpu, 0);
	for (i = 0; i < HITS; i++)
		n = called(n);
	KUNIT_EXPECT_EQ(test, n, HITS);
	KUNIT_EXPECT_EQ(test, hits[0], HITS);
	migrate_enable();
}

/* ---- what nobody may watch ---- */

static const struct hwbp_entry_data *const tables[] = {
	hwbp_arch_entry_data, hwbp_slots_entry_data, hwbp_debug_entry_data,
	hwbp_level_entry_data, hwbp_account_entry_data,
#ifdef CONFIG_X86
	hwbp_nmi_entry_data,
#endif
};

static unsigned long entry_start(const struct hwbp_entry_data *data, int cpu)
{
	return (unsigned long)(data->global ?: per_cpu_ptr(data->per_cpu, cpu));
}

/* Entries may lie side by side. */
static bool listed(unsigned long addr)
{
	const struct hwbp_entry_data *data;
	int i, cpu;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		for (data = tables[i]; data->size; data++) {
			for_each_possible_cpu(cpu) {
				if (addr - entry_start(data, cpu) < data->size)
					return true;
			}
		}
	}
	return false;
}

static void expect_byte(struct kunit *test, unsigned long addr, int expected)
{
	struct perf_event_attr attr;
	struct arch_hw_breakpoint hw = { };

	hw_breakpoint_init(&attr);
	attr.bp_addr = addr;
	attr.bp_type = HW_BREAKPOINT_W;
	attr.bp_len = 1;
	KUNIT_EXPECT_EQ_MSG(test, hw_breakpoint_arch_parse(NULL, &attr, &hw), expected,
			    "%pS", (void *)addr);
}

static void expect_entry(struct kunit *test, const struct hwbp_entry_data *data)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		unsigned long start = entry_start(data, cpu), end = start + data->size;

		expect_byte(test, start, -EINVAL);
		expect_byte(test, end - 1, -EINVAL);
		expect_byte(test, start - 1, listed(start - 1) ? -EINVAL : 0);
		expect_byte(test, end, listed(end) ? -EINVAL : 0);
	}
}

/* The first and the last byte of each entry on each CPU, and no byte beside it. */
static void test_entry_data(struct kunit *test)
{
	const struct hwbp_entry_data *data;
	int i;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		for (data = tables[i]; data->size; data++)
			expect_entry(test, data);
	}
}

/* ---- suite ---- */

static int core_init(struct kunit *test)
{
	int type;

	if (hw_breakpoint_is_used())
		kunit_skip(test, "somebody holds a breakpoint");
	max_events = 64;
	for (type = 0; type < TYPE_MAX; type++)
		max_events += num_possible_cpus() * hw_breakpoint_slots(type);
	events = kvcalloc(max_events, sizeof(*events), GFP_KERNEL);
	return events ? 0 : -ENOMEM;
}

static void core_exit(struct kunit *test)
{
	give_all();
	KUNIT_EXPECT_FALSE(test, hw_breakpoint_is_used());
}

static struct kunit_case core_cases[] = {
	KUNIT_CASE(test_fill_cpu),
	KUNIT_CASE(test_fill_task),
	KUNIT_CASE(test_tasks_share),
	KUNIT_CASE(test_bound_beside_free),
	KUNIT_CASE(test_free),
	KUNIT_CASE(test_release),
	KUNIT_CASE(test_invalid),
	KUNIT_CASE(test_move),
	KUNIT_CASE(test_wide),
	KUNIT_CASE(test_wide_fails),
	KUNIT_CASE(test_fires),
	KUNIT_CASE(test_all_slots_fire),
	KUNIT_CASE(test_reprogram),
	KUNIT_CASE(test_disable),
	KUNIT_CASE(test_execute),
	KUNIT_CASE(test_entry_data),
	{ }
};

static struct kunit_suite core_suite = {
	.name		= "hw_breakpoint_core",
	.init		= core_init,
	.exit		= core_exit,
	.test_cases	= core_cases,
};

kunit_test_suite(core_suite);

MODULE_DESCRIPTION("Tests of hardware breakpoints through perf");
MODULE_LICENSE("GPL");
