// SPDX-License-Identifier: GPL-2.0
/*
 * Follows a moving target with one breakpoint on all CPUs.
 *
 * A timer moves a cursor over a ring of words and writes the word it points to.
 * From its interrupt it aims a breakpoint at the word that is next, so that each
 * write is caught though only one address is watched at a time. A stack watcher
 * or a probe that follows a pointer does the same in its own handler.
 *
 *	insmod aim_breakpoint.ko period_ms=10
 *	rmmod aim_breakpoint		# says how many writes were caught
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/hrtimer_setup.h>
#include <linux/hw_breakpoint.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/printk.h>

#define WORDS	64

static unsigned int period_ms = 10;
module_param(period_ms, uint, 0444);
MODULE_PARM_DESC(period_ms, "milliseconds between two writes");

static unsigned long ring[WORDS];
static unsigned int cursor;
static unsigned long writes;
static atomic_long_t caught;
static struct perf_event * __percpu *watch;
static struct hrtimer timer;

/* In the exception: no sleeping, and the ring is not to be touched. */
static void on_write(struct perf_event *bp, struct perf_sample_data *data,
		     struct pt_regs *regs)
{
	atomic_long_inc(&caught);
}

static void ring_attr(struct perf_event_attr *attr, unsigned int word)
{
	hw_breakpoint_init(attr);
	attr->bp_addr = (unsigned long)&ring[word];
	attr->bp_len = sizeof(ring[word]);
	attr->bp_type = HW_BREAKPOINT_W;
}

/* The timer stays on its CPU, so what matters is done before this returns. */
static enum hrtimer_restart move_on(struct hrtimer *t)
{
	struct perf_event_attr attr;
	int err;

	WRITE_ONCE(ring[cursor], ++writes);
	cursor = (cursor + 1) % WORDS;
	ring_attr(&attr, cursor);
	err = modify_wide_hw_breakpoint(watch, &attr);
	/* -ENODEV: the CPU is about to go down, and another one takes the timer */
	if (err && err != -ENODEV)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(t, ms_to_ktime(period_ms));
	return HRTIMER_RESTART;
}

static int __init aim_init(void)
{
	struct perf_event_attr attr;

	if (!period_ms)
		return -EINVAL;
	ring_attr(&attr, 0);
	watch = register_wide_hw_breakpoint(&attr, on_write, NULL);
	if (IS_ERR_PCPU(watch))
		return PTR_ERR_PCPU(watch);
	hrtimer_setup(&timer, move_on, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	hrtimer_start(&timer, ms_to_ktime(period_ms), HRTIMER_MODE_REL_PINNED);
	return 0;
}
module_init(aim_init);

static void __exit aim_exit(void)
{
	hrtimer_cancel(&timer);
	unregister_wide_hw_breakpoint(watch);
	pr_info("caught %ld of %lu writes\n", atomic_long_read(&caught), writes);
}
module_exit(aim_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Sample: a breakpoint of all CPUs that follows a moving target");
