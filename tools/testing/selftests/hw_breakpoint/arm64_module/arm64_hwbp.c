// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel client of breakpoints with a handler of its own, and a look at
 * MDSCR_EL1, for arm64_handler.c. Uses only what the stock layer has, too.
 */

#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>

#include <asm/sysreg.h>

static unsigned long watched;
static unsigned int hits;
module_param(hits, uint, 0444);

static void on_hit(struct perf_event *bp, struct perf_sample_data *data,
		   struct pt_regs *regs)
{
	hits++;
}

static struct perf_event * __percpu *watch(void)
{
	struct perf_event_attr attr;

	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)&watched;
	attr.bp_len = HW_BREAKPOINT_LEN_8;
	attr.bp_type = HW_BREAKPOINT_W;
	return register_wide_hw_breakpoint(&attr, on_hit, NULL);
}

/* Writing n writes a watched word n times. */
static int write_words(const char *val, const struct kernel_param *kp)
{
	struct perf_event * __percpu *events;
	unsigned int i, n;
	int err = kstrtouint(val, 0, &n);

	if (err)
		return err;
	events = watch();
	if (IS_ERR_PCPU(events))
		return PTR_ERR_PCPU(events);
	for (i = 0; i < n; i++)
		WRITE_ONCE(watched, i);
	unregister_wide_hw_breakpoint(events);
	return 0;
}

static const struct kernel_param_ops write_ops = {
	.set = write_words,
};
module_param_cb(write, &write_ops, NULL, 0200);

/* Reading shows MDSCR_EL1 of the CPU that reads. */
static int show_mdscr(char *buf, const struct kernel_param *kp)
{
	u64 mdscr;

	preempt_disable();
	mdscr = read_sysreg(mdscr_el1);
	preempt_enable();
	return sysfs_emit(buf, "%llu\n", mdscr);
}

static const struct kernel_param_ops mdscr_ops = {
	.get = show_mdscr,
};
module_param_cb(mdscr, &mdscr_ops, NULL, 0444);

MODULE_DESCRIPTION("A client of kernel breakpoints, to test them");
MODULE_LICENSE("GPL");
