// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints of all CPUs: CPUs that come and go, and aims that change in atomic
 * context.
 */

#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include <asm/hw_breakpoint.h>

#define WRITES	10

/* In neither half; more than a word of 32 bits */
#define NOBODYS	BIT_ULL(62)

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
	return IS_ERR_PCPU(w);
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
	/* The call is over there; what it has asked of this CPU comes with this interrupt. */
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
	word_attr(&attr, 1);
	attr.bp_addr = NOBODYS;
	smp_call_function_single(there, aim_all, &attr, 1);
	KUNIT_EXPECT_EQ(test, aim_result, -EINVAL);
	smp_call_function_single(there, aim_local, &attr, 1);
	KUNIT_EXPECT_EQ(test, aim_result, -EINVAL);
	expect_aims(test, 0, 0);
	KUNIT_EXPECT_TRUE(test, failed(register_wide_hw_breakpoint(&attr, count_hit, NULL)));
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

/* A CPU that does not take interrupts meanwhile has missed all but the last. */
static void aim_thrice(void *attr)
{
	int i;

	for (i = 0; i < 3; i++)
		aim_all(attr);
}

static int aim_thrice_alone(void *attr)
{
	static call_single_data_t csd;
	unsigned long flags;

	INIT_CSD(&csd, aim_thrice, attr);
	local_irq_save(flags);
	smp_call_function_single_async(there, &csd);
	/* until its third call has asked this CPU, which has not answered the first */
	while (hw_breakpoint_wide_aims(wide) < 3)
		cpu_relax();
	local_irq_restore(flags);
	return 0;
}

static void test_aims_are_counted(struct kunit *test)
{
	static struct perf_event_attr attr;

	word_attr(&attr, 1);
	KUNIT_EXPECT_EQ(test, hw_breakpoint_wide_aims(wide), 0);
	smp_call_on_cpu(here, aim_thrice_alone, &attr, false);
	kick_all_cpus_sync();
	KUNIT_EXPECT_EQ(test, hw_breakpoint_wide_aims(wide), 3);
	KUNIT_EXPECT_EQ(test, hw_breakpoint_wide_late(wide, here), 2);
	KUNIT_EXPECT_EQ(test, hw_breakpoint_wide_late(wide, there), 0);
	expect_aims(test, 1, 1);
}

/* ---- a call in the middle of another ---- */

static int fires_at;

/* Aims at word 0 at its @fires_at-th hit. */
static int aim_in_the_middle(struct kprobe *p, struct pt_regs *regs)
{
	struct perf_event_attr attr;

	if (!READ_ONCE(fires_at) || --fires_at)
		return 0;
	word_attr(&attr, 0);
	KUNIT_EXPECT_EQ(kunit_get_current_test(), modify_wide_hw_breakpoint(wide, &attr), 0);
	return 0;
}

static int aim_at_1(void *unused)
{
	struct perf_event_attr attr;

	word_attr(&attr, 1);
	return modify_wide_hw_breakpoint(wide, &attr);
}

/*
 * The call that checks an aim calls this, and so does each that has it followed. In the middle
 * of the check the call there has come first, later it has come last.
 */
static void test_aim_in_the_middle(struct kunit *test)
{
	struct kprobe kp = {
		.symbol_name = "hwbp_parse_aim",
		.pre_handler = aim_in_the_middle,
	};
	int at;

	if (!IS_ENABLED(CONFIG_KPROBES))
		kunit_skip(test, "needs kprobes");
	KUNIT_ASSERT_EQ(test, register_kprobe(&kp), 0);
	for (at = 1; at <= 2; at++) {
		fires_at = at;
		KUNIT_EXPECT_EQ(test, aim_at_1(NULL), 0);
		KUNIT_EXPECT_EQ(test, fires_at, 0);
		kick_all_cpus_sync();
		expect_aims(test, at == 1, at == 1);
	}
	unregister_kprobe(&kp);
}

/* ---- the end ---- */

static bool irqs_are_off, gone;
static atomic_t came_after;

static int count_late(struct kprobe *p, struct pt_regs *regs)
{
	if (READ_ONCE(gone))
		atomic_inc(&came_after);
	return 0;
}

static int take_no_interrupts(void *unused)
{
	unsigned long flags;

	local_irq_save(flags);
	WRITE_ONCE(irqs_are_off, true);
	mdelay(50);
	local_irq_restore(flags);
	return 0;
}

static void stay(void *unused)
{
	mdelay(20);
}

/*
 * What a CPU is asked behind somebody else's call is asked no more when unregistration has
 * returned: the kernel runs calls that are waited for before others.
 */
static void test_nothing_comes_after(struct kunit *test)
{
	static call_single_data_t csd = CSD_INIT(stay, NULL);
	struct kprobe kp = { .symbol_name = "follow_work", .pre_handler = count_late };
	struct task_struct *task;

	if (!IS_ENABLED(CONFIG_KPROBES))
		kunit_skip(test, "needs kprobes");
	gone = false;
	irqs_are_off = false;
	atomic_set(&came_after, 0);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(here)), 0);
	KUNIT_ASSERT_EQ(test, register_kprobe(&kp), 0);
	task = kthread_run_on_cpu(take_no_interrupts, NULL, there, "no_interrupts");
	KUNIT_EXPECT_FALSE(test, IS_ERR(task));
	while (!IS_ERR(task) && !READ_ONCE(irqs_are_off))
		cpu_relax();
	preempt_disable();
	smp_call_function_single_async(there, &csd);
	KUNIT_EXPECT_EQ(test, aim_at_1(NULL), 0);
	preempt_enable();
	unregister_wide_hw_breakpoint(wide);
	wide = NULL;
	WRITE_ONCE(gone, true);
	msleep(100);
	unregister_kprobe(&kp);
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	KUNIT_EXPECT_EQ(test, atomic_read(&came_after), 0);
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
	return failed(wide) ? PTR_ERR_PCPU(wide) : 0;
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
	KUNIT_CASE(test_aims_are_counted),
	KUNIT_CASE(test_aim_in_the_middle),
	KUNIT_CASE(test_nothing_comes_after),
	{ }
};

static struct kunit_suite wide_suite = {
	.name = "hw_breakpoint_wide",
	.init = wide_init,
	.exit = wide_exit,
	.test_cases = wide_cases,
};

kunit_test_suite(wide_suite);
