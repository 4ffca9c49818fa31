// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that die in places from where breakpoints cannot go on by themselves.
 *
 *	/sys/module/hwbp_oops/parameters/die	a thread of CPU 1 dies as told, see ways;
 *						then another one of that CPU, which has
 *						never been in user mode, writes a variable
 *						WRITES times that perf watches
 *	/sys/module/hwbp_oops/parameters/hits	how many of these were hits
 *
 * The functions of the layer that it needs are for the kernel itself and not exported.
 */
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/perf_event.h>
#include <linux/sched/task.h>
#include <linux/sysfs.h>

/* Slots that there are on any CPU; on arm64 the two watchpoints. The others go off there. */
#ifdef CONFIG_ARM64
#define LENT	GENMASK(ARM_MAX_BRP + 1, ARM_MAX_BRP)
#else
#define LENT	HWBP_ALL_SLOTS
#endif

#define CPU	1
#define WRITES	100

/* Longer than any emulator takes to print an oops. */
#define SECONDS	120

/* The emulator may forget a hit unless another word of the page is written. */
static struct {
	unsigned long	word;
	unsigned long	other;
} watched __aligned(64);

static unsigned int hits;
module_param(hits, uint, 0400);

static struct perf_event *event;

/* Found by name. */
static void (*silence)(void);
static void (*lend)(const struct hwbp_image *guest, u32 slots);

/* The thread that writes, and when it shall, and that it has. */
static struct task_struct *writer;
static DECLARE_COMPLETION(shall_write);
static DECLARE_COMPLETION(has_written);

static void on_hit(struct perf_event *bp, struct perf_sample_data *data,
		   struct pt_regs *regs)
{
	hits++;
}

/* ---- ways to die ---- */

/* What is there is never mapped. */
static int *nowhere = (int *)0x10;

static void die_anywhere(void)
{
	BUG();
}

static void die_in_section(void)
{
	local_irq_disable();
	silence();
	BUG();
}

static void die_in_sections(void)
{
	local_irq_disable();
	silence();
	silence();
	WRITE_ONCE(*nowhere, 0);
}

/* Where KVM would run a guest that has other addresses in its slots. */
static void die_in_loan(void)
{
	static struct hwbp_image guest[HWBP_NR_SLOTS];
	int slot;

	for (slot = 0; slot < HWBP_NR_SLOTS; slot++)
		guest[slot].addr = 0x1000 * (slot + 1);
	local_irq_disable();
	silence();
	lend(guest, LENT);
	WRITE_ONCE(*nowhere, 0);
}

/* No oops: it exits, and has forgotten to end what it began. */
static void exit_in_section(void)
{
	local_irq_disable();
	silence();
	local_irq_enable();
}

static const struct way {
	const char	*name;
	void		(*die)(void);
} ways[] = {
	{ "anywhere",		die_anywhere },
	{ "section",		die_in_section },
	{ "sections",		die_in_sections },
	{ "loan",		die_in_loan },
	{ "exit",		exit_in_section },
};

/* ---- threads ---- */

static int run_way(void *way)
{
	((const struct way *)way)->die();
	return 0;
}

static int write_when_told(void *unused)
{
	unsigned int i;

	while (!kthread_should_stop()) {
		if (wait_for_completion_interruptible(&shall_write))
			continue;
		for (i = 0; i < WRITES; i++) {
			WRITE_ONCE(watched.word, i);
			WRITE_ONCE(watched.other, i);
		}
		complete(&has_written);
	}
	return 0;
}

static struct task_struct *thread(int (*fn)(void *), void *data)
{
	struct task_struct *t = kthread_create(fn, data, "hwbp_oops");

	if (!IS_ERR(t)) {
		get_task_struct(t);
		kthread_bind(t, CPU);
		wake_up_process(t);
	}
	return t;
}

static int wait_for_end(struct task_struct *t)
{
	int i;

	for (i = 0; i < SECONDS * 50; i++) {
		if (READ_ONCE(t->exit_state))
			return 0;
		msleep(20);
	}
	return -ETIMEDOUT;
}

static int kill_by(const struct way *way)
{
	struct task_struct *t = thread(run_way, (void *)way);
	int err;

	if (IS_ERR(t))
		return PTR_ERR(t);
	err = wait_for_end(t);
	put_task_struct(t);
	if (err)
		return err;
	hits = 0;
	complete(&shall_write);
	wait_for_completion(&has_written);
	return 0;
}

static int die_set(const char *val, const struct kernel_param *kp)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		if (sysfs_streq(val, ways[i].name))
			return kill_by(&ways[i]);
	}
	return -EINVAL;
}

static const struct kernel_param_ops die_ops = { .set = die_set };
module_param_cb(die, &die_ops, NULL, 0200);

/* ---- functions that are not exported ---- */

static unsigned long (*lookup)(const char *name);

static int find_lookup(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	int err = register_kprobe(&probe);

	if (err)
		return err;
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	return 0;
}

/* The back end may have it inline. */
#ifdef hw_breakpoint_silence
static void silence_here(void)
{
	hw_breakpoint_silence();
}
#else
#define silence_here	((void (*)(void))lookup("hw_breakpoint_silence"))
#endif

static int find_functions(void)
{
	int err = find_lookup();

	if (err)
		return err;
	silence = silence_here;
	lend = (void *)lookup("hwbp_lend");
	return silence && lend ? 0 : -ENOENT;
}

static int watch(void)
{
	struct perf_event_attr attr;

	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)&watched.word;
	attr.bp_len = sizeof(watched.word);
	attr.bp_type = HW_BREAKPOINT_W;
	event = perf_event_create_kernel_counter(&attr, CPU, NULL, on_hit, NULL);
	return PTR_ERR_OR_ZERO(event);
}

static int __init oops_init(void)
{
	int err = find_functions();

	if (err)
		return err;
	writer = thread(write_when_told, NULL);
	if (IS_ERR(writer))
		return PTR_ERR(writer);
	err = watch();
	/* It stays, and so does the module: what has died in it has left references. */
	WARN_ON(err);
	__module_get(THIS_MODULE);
	return 0;
}
module_init(oops_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Threads that die where breakpoints are off, for tests");
