// SPDX-License-Identifier: GPL-2.0
/*
 * A client of the in-kernel API: watches a variable of its own on every CPU.
 *
 *	/sys/module/hwbp_client/parameters/write	writes the variable as
 *							often as it is told, on
 *							the CPU of the writer
 *	/sys/module/hwbp_client/parameters/hits		hits so far
 *
 * Only what stock has too is used, so that both can be compared.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/perf_event.h>

/* The emulator may forget a hit unless another word of the page is written. */
static struct {
	unsigned long	word;
	unsigned long	other;
} watched __aligned(64);

static struct perf_event * __percpu *events;
static atomic_t hits;

static void on_hit(struct perf_event *bp, struct perf_sample_data *data,
		   struct pt_regs *regs)
{
	atomic_inc(&hits);
}

static int write_set(const char *val, const struct kernel_param *kp)
{
	unsigned int n, i;
	int err = kstrtouint(val, 0, &n);

	if (err)
		return err;
	for (i = 0; i < n; i++) {
		WRITE_ONCE(watched.word, i);
		WRITE_ONCE(watched.other, i);
	}
	return 0;
}

static const struct kernel_param_ops write_ops = { .set = write_set };
module_param_cb(write, &write_ops, NULL, 0200);

static int hits_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", atomic_read(&hits));
}

static const struct kernel_param_ops hits_ops = { .get = hits_get };
module_param_cb(hits, &hits_ops, NULL, 0400);

static int __init client_init(void)
{
	struct perf_event_attr attr;

	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)&watched.word;
	attr.bp_len = sizeof(watched.word);
	attr.bp_type = HW_BREAKPOINT_W;
	events = register_wide_hw_breakpoint(&attr, on_hit, NULL);
	return IS_ERR_PCPU(events) ? PTR_ERR_PCPU(events) : 0;
}
module_init(client_init);

static void __exit client_exit(void)
{
	unregister_wide_hw_breakpoint(events);
}
module_exit(client_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Watches a variable of its own, for tests");
