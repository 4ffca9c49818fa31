// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints of all CPUs: CPUs that come and go, and aims that change in atomic
 * context.
 */

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/perf_event.h>
#include <linux/smp.h>

#include <asm/hw_breakpoint.h>

#define WRITES	10

/* What is watched, and a word of the same page to write in between. */
static struct {
	unsigned long	word[2];
	unsigned long	unwatched;
} data __aligned(128);

static struct perf_event * __percpu *wide;
static atomic_t hits;

/* Two CPUs, of which the second goes down and comes up. */
static int here, there;

/* ---- helpers ---- */

static void count_hit(struct perf_event *bp, struct perf_sample_data *unused,
		      struct pt_regs *regs)
{
	atomic_inc(&hits);
}

static void word_attr(struct perf_event_attr *attr, int word)
{
	hw_breakpoint_init(attr);
	attr->bp_addr = (unsigned long)&data.word[word];
	attr->bp_type = HW_BREAKPOINT_W;
	attr->bp_len = sizeof(long);
}

static struct perf_event * __percpu *watch_word(int word)
{
	struct perf_event_attr attr;

	word_attr(&attr, word);
	return register_wide_hw_breakpoint(&attr, count_hit, NULL);
}

static bool failed(struct perf_event * __percpu *w)
{
	return IS_ERR((void __force *)w);
}

/* The emulator may report a hit again until another word has been written. */
static int write_word(void *word)
{
	unsigned long flags;
	int i;

	for (i = 0; i < WRITES; i++) {
		local_irq_save(flags);
		WRITE_ONCE(*(unsigned long *)word, i);
		barrier();
		WRITE_ONCE(data.unwatched, i);
		local_irq_restore(flags);
	}
	return 0;
}

static int hits_on(int cpu, int word)
{
	atomic_set(&hits, 0);
	smp_call_on_cpu(cpu, write_word, &data.word[word], false);
	return atomic_read(&hits);
}

static void expect_aims(struct kunit *test, int word_here, int word_there)
{
	KUNIT_EXPECT_EQ(test, hits_on(here, word_here), WRITES);
	KUNIT_EXPECT_EQ(test, hits_on(here, !word_here), 0);
	KUNIT_EXPECT_EQ(test, hits_on(there, word_there), WRITES);
	KUNIT_EXPECT_EQ(test, hits_on(there, !word_there), 0);
}

/* As many more as there is room for, on all possible CPUs. */
static int room(void)
{
	struct perf_event * __percpu *more[32];
	int n, i;

	for (n = 0; n < (int)ARRAY_SIZE(more); n++) {
		more[n] = watch_word(1);
		if (failed(more[n]))
			break;
	}
	for (i = 0; i < n; i++)
		unregister_wide_hw_breakpoint(more[i]);
	return n;
}

/* ---- CPUs that come and go ---- */

static void test_goes_and_comes(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_DATA);

	expect_aims(test, 0, 0);
	KUNIT_ASSERT_EQ(test, remove_cpu(there), 0);
	KUNIT_EXPECT_PTR_EQ(test, *per_cpu_ptr(wide, there), NULL);
	KUNIT_EXPECT_EQ(test, room(), slots - 1);
	KUNIT_ASSERT_EQ(test, add_cpu(there), 0);
	expect_aims(test, 0, 0);
	KUNIT_EXPECT_EQ(test, room(), slots - 1);
}

/* It has its slot though all others are taken while it is down. */
static void test_comes_later(struct kunit *test)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i;
	struct perf_event * __percpu *others[32] = { };

	unregister_wide_hw_breakpoint(wide);
	KUNIT_ASSERT_EQ(test, remove_cpu(there), 0);
	wide = watch_word(0);
	for (i = 0; i < slots - 1 && i < (int)ARRAY_SIZE(others); i++)
		others[i] = watch_word(1);
	KUNIT_EXPECT_TRUE(test, failed(watch_word(1)));
	KUNIT_ASSERT_EQ(test, add_cpu(there), 0);
	for (i = 0; i < slots - 1 && i < (int)ARRAY_SIZE(others); i++)
		unregister_wide_hw_breakpoint(others[i]);
	expect_aims(test, 0, 0);
}

/* One that goes for good gives its slots back with the others. */
static void test_unregistered_while_down(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, remove_cpu(there), 0);
	unregister_wide_hw_breakpoint(wide);
	wide = NULL;
	KUNIT_EXPECT_FALSE(test, hw_breakpoint_is_used());
	KUNIT_ASSERT_EQ(test, add_cpu(there), 0);
	KUNIT_EXPECT_EQ(test, hits_on(there, 0), 0);
}

static void test_cpuslocked(struct kunit *test)
{
	struct perf_event_attr attr;
	struct perf_event * __percpu *w;

	word_attr(&attr, 1);
	cpus_read_lock();
	w = register_wide_hw_breakpoint_cpuslocked(&attr, count_hit, NULL);
	if (!failed(w))
		unregister_wide_hw_breakpoint_cpuslocked(w);
	cpus_read_unlock();
	KUNIT_EXPECT_FALSE(test, failed(w));
	expect_aims(test, 0, 0);
}

/* ---- aims ---- */

static int aim_result;

static void aim_local(void *attr)
{
	aim_result = modify_wide_hw_breakpoint_local(wide, attr);
}

static void aim_all(void *attr)
{
	aim_result = modify_wide_hw_breakpoint(wide, attr);
}

static void test_aim_local(struct kunit *test)
{
	struct perf_event_attr attr;

	word_attr(&attr, 1);
	smp_call_function_single(there, aim_local, &attr, 1);
	KUNIT_EXPECT_EQ(test, aim_result, 0);
	expect_aims(test, 0, 1);
}

static void test_aim_all(struct kunit *test)
{
	struct perf_event_attr attr;

	word_attr(&attr, 1);
	smp_call_function_single(there, aim_all, &attr, 1);
	KUNIT_EXPECT_EQ(test, aim_result, 0);
	/* The call is over there; the one it made here is before this in line. */
	kick_all_cpus_sync();
	expect_aims(test, 1, 1);
	KUNIT_ASSERT_EQ(test, remove_cpu(there), 0);
	KUNIT_ASSERT_EQ(test, add_cpu(there), 0);
	expect_aims(test, 1, 1);
}

static void test_aim_refused(struct kunit *test)
{
	struct perf_event_attr attr;

	word_attr(&attr, 1);
	attr.bp_len = 77;
	smp_call_function_single(there, aim_all, &attr, 1);
	KUNIT_EXPECT_EQ(test, aim_result, -EINVAL);
	word_attr(&attr, 1);
	attr.bp_type = HW_BREAKPOINT_EMPTY;
	smp_call_function_single(there, aim_local, &attr, 1);
	KUNIT_EXPECT_EQ(test, aim_result, -EINVAL);
	expect_aims(test, 0, 0);
}

static noinline int probed(void *unused)
{
	/* Not to be merged with other functions, nor left out. */
	barrier();
	return 0;
}

static int aim_from_kprobe(struct kprobe *p, struct pt_regs *regs)
{
	struct perf_event_attr attr;

	word_attr(&attr, 1);
	aim_result = modify_wide_hw_breakpoint_local(wide, &attr);
	return 0;
}

static void test_aim_from_kprobe(struct kunit *test)
{
	struct kprobe kp = {
		.addr = (kprobe_opcode_t *)probed,
		.pre_handler = aim_from_kprobe,
	};

	if (!IS_ENABLED(CONFIG_KPROBES))
		kunit_skip(test, "needs kprobes");
	aim_result = 1;
	KUNIT_ASSERT_EQ(test, register_kprobe(&kp), 0);
	smp_call_on_cpu(there, probed, NULL, false);
	unregister_kprobe(&kp);
	KUNIT_EXPECT_EQ(test, aim_result, 0);
	expect_aims(test, 0, 1);
}

/* ---- suite ---- */

static int wide_init(struct kunit *test)
{
	if (num_online_cpus() < 2 || !IS_ENABLED(CONFIG_HOTPLUG_CPU))
		kunit_skip(test, "needs two CPUs");
	if (hw_breakpoint_is_used())
		kunit_skip(test, "somebody holds a breakpoint");
	here = cpumask_first(cpu_online_mask);
	there = cpumask_next(here, cpu_online_mask);
	wide = watch_word(0);
	return failed(wide) ? PTR_ERR((void __force *)wide) : 0;
}

static void wide_exit(struct kunit *test)
{
	if (wide && !failed(wide))
		unregister_wide_hw_breakpoint(wide);
	wide = NULL;
	KUNIT_EXPECT_FALSE(test, hw_breakpoint_is_used());
}

static struct kunit_case wide_cases[] = {
	KUNIT_CASE(test_goes_and_comes),
	KUNIT_CASE(test_comes_later),
	KUNIT_CASE(test_unregistered_while_down),
	KUNIT_CASE(test_cpuslocked),
	KUNIT_CASE(test_aim_local),
	KUNIT_CASE(test_aim_all),
	KUNIT_CASE(test_aim_refused),
	KUNIT_CASE(test_aim_from_kprobe),
	{ }
};

static struct kunit_suite wide_suite = {
	.name = "hw_breakpoint_wide",
	.init = wide_init,
	.exit = wide_exit,
	.test_cases = wide_cases,
};

kunit_test_suite(wide_suite);
