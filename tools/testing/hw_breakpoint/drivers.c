// SPDX-License-Identifier: GPL-2.0
/*
 * kgdb without kdb: an I/O driver goes while another CPU is in the debugger and could not
 * stop the one that lets it go. A thread for each CPU, for the thread sanitizer.
 */

#include <pthread.h>
#include <sched.h>

#include <linux/kgdb_hw_break.h>

#include "test.h"

#define ROUNDS	3000

struct debuggerinfo_struct kgdb_info[SHIM_CPUS];
int kgdb_single_step;
atomic_t kgdb_cpu_doing_single_step = { -1 };
u64 shim_now;

int kgdb_handle_exception(int vector, int signo, int err, struct pt_regs *regs)
{
	return 0;
}

int printk_deferred(const char *fmt, ...)
{
	return 0;
}

/* ---- interrupts ---- */

/* What CPU 0 asks CPU 1 to run. */
static void (*call)(void *info);
static bool over;

static void take_interrupt(void)
{
	void (*fn)(void *) = __atomic_load_n(&call, __ATOMIC_ACQUIRE);

	if (!fn)
		return;
	local_irq_disable();
	fn(NULL);
	local_irq_enable();
	__atomic_store_n(&call, NULL, __ATOMIC_RELEASE);
}

/* The CPUs 2 and up do nothing that could be in the way. */
static void send_ipi(int cpu, void (*fn)(void *), void *info)
{
	if (cpu != 1)
		return;
	__atomic_store_n(&call, fn, __ATOMIC_RELEASE);
	while (__atomic_load_n(&call, __ATOMIC_ACQUIRE))
		sched_yield();
}

/* ---- CPU 1: in and out of the debugger ---- */

static void set(int n)
{
	struct perf_event_attr attr;
	int err;

	regs_kernel_attr(&attr, n);
	err = kgdb_hw_set(attr.bp_addr, 8, BP_WRITE_WATCHPOINT);
	EXPECT(!err || err == -ENODEV || err == -ENOSPC);
}

static void *debug(void *unused)
{
	static struct pt_regs regs;
	unsigned long flags;

	shim_cpu = 1;
	shim_irqs_off = true;
	regs_allow_same(true);
	kgdb_info[1].debuggerinfo = &regs;
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
		flags = regs_nmi_enter();
		kgdb_hw_enter(&regs);
		kgdb_hw_remove_all();
		set(0);
		set(1);
		kgdb_hw_leave();
		regs_nmi_leave(flags);
		local_irq_enable();
		take_interrupt();
		local_irq_disable();
	}
	local_irq_enable();
	return NULL;
}

/* ---- CPU 0: I/O drivers come and go ---- */

static int claims(void)
{
	int cpu, n = 0;

	for_each_possible_cpu(cpu)
		n += hwbp_nr_claims(atomic64_read(&hwbp_cpu_account(cpu, TYPE_DATA)->claims));
	return n;
}

static void test_drivers(void)
{
	unsigned int set_before = 0;
	pthread_t thread;
	int i, tries;

	regs_allow_same(true);
	shim_ipi = send_ipi;
	EXPECT_EQ(pthread_create(&thread, NULL, debug, NULL), 0);
	for (i = 0; i < ROUNDS; i++) {
		kgdb_hw_start();
		for (tries = i % 2 * 1000; tries && !claims(); tries--)
			sched_yield();
		set_before += !!claims();
		kgdb_hw_exit();
		/* what CPU 1 has been about to remove itself */
		kick_all_cpus_sync();
		EXPECT_EQ(claims(), 0);
	}
	__atomic_store_n(&over, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	EXPECT_EQ(atomic_read(&hwbp_nr_debuggers), 0);
	EXPECT(set_before);
	printf("# %u of %d found breakpoints\n", set_before, ROUNDS);
	shim_ipi = NULL;
	regs_allow_same(false);
}

const struct test tests[] = {
	{ "an I/O driver goes, and a CPU is in the debugger", test_drivers },
	{ }
};
