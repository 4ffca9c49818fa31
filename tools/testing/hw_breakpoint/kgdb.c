// SPDX-License-Identifier: GPL-2.0
/*
 * kgdb's breakpoints, and an I/O driver that goes while a CPU gets into the debugger: with a
 * stop of all CPUs at every instruction of kgdb_hw_exit(), see steps.h for how.
 *
 * CPU 1 is the master. CPU 0, whose task lets the driver go, is called in by an NMI. What
 * gdb or kdb do in the stop is all that they ever do, and in the end nothing is watched and
 * nobody holds a slot.
 */

#include <limits.h>
#include <stdarg.h>

#include <linux/kgdb_hw_break.h>

#include "test.h"
#include "steps.h"

#define CPUS	SHIM_CPUS
#define KDB	2
#define MOST	(HWBP_NR_SLOTS + 1)

struct debuggerinfo_struct kgdb_info[CPUS];
int kgdb_single_step;
atomic_t kgdb_cpu_doing_single_step = { -1 };
u64 shim_now;

/* How often a hit has stopped a CPU */
static int stops;
static struct pt_regs regs[CPUS];
static long at;

/* ---- the rest of kgdb and kdb ---- */

int kgdb_handle_exception(int vector, int signo, int err, struct pt_regs *unused)
{
	stops++;
	return 0;
}

static kdbtab_t *command;

int kdb_register(kdbtab_t *cmd)
{
	command = cmd;
	return 0;
}

static char printed[4096];

static int print(const char *fmt, va_list ap)
{
	size_t n = strlen(printed);

	return vsnprintf(printed + n, sizeof(printed) - n, fmt, ap);
}

int kdb_printf(const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = print(fmt, ap);
	va_end(ap);
	return n;
}

int printk_deferred(const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = print(fmt, ap);
	va_end(ap);
	return n;
}

int kstrtobool(const char *s, bool *res)
{
	if (strcmp(s, "on") && strcmp(s, "off"))
		return -EINVAL;
	*res = !strcmp(s, "on");
	return 0;
}

/* What bph has set: kdb removes it when it is entered, and sets it when it is left. */
static struct {
	bool	enabled, installed;
} kdb[KDB];

static u64 place(int n)
{
	struct perf_event_attr attr;

	regs_kernel_attr(&attr, n);
	return attr.bp_addr;
}

static int set(int n)
{
	return kgdb_hw_set(place(n), 8, BP_WRITE_WATCHPOINT);
}

static int remove_at(int n)
{
	return kgdb_hw_remove(place(n), 8, BP_WRITE_WATCHPOINT);
}

void kdb_bp_remove(void)
{
	int i;

	for (i = KDB - 1; i >= 0; i--) {
		if (kdb[i].enabled && kdb[i].installed && !remove_at(i))
			kdb[i].installed = false;
	}
}

static void kdb_bp_install(void)
{
	int i;

	for (i = 0; i < KDB; i++) {
		if (kdb[i].enabled && !kdb[i].installed)
			kdb[i].installed = !set(i);
	}
}

/* ---- a stop ---- */

static unsigned long enter(int cpu)
{
	unsigned long flags;

	shim_cpu = cpu;
	flags = regs_nmi_enter();
	kgdb_info[cpu].debuggerinfo = &regs[cpu];
	kgdb_info[cpu].exception_state = cpu ? DCPU_WANT_MASTER : 0;
	kgdb_hw_enter(&regs[cpu]);
	return flags;
}

static void leave(int cpu, unsigned long flags)
{
	shim_cpu = cpu;
	kgdb_hw_leave();
	regs_nmi_leave(flags);
}

static void stop(void (*session)(void))
{
	bool off = shim_irqs_off;
	unsigned long flags[2];
	int self = shim_cpu;

	shim_irqs_off = true;
	shim_in_nmi = true;
	flags[1] = enter(1);
	flags[0] = enter(0);
	shim_cpu = 1;
	session();
	leave(1, flags[1]);
	leave(0, flags[0]);
	shim_in_nmi = false;
	shim_irqs_off = off;
	shim_cpu = self;
}

/* ---- what a debugger does in a stop ---- */

static void kdb_goes_on(void)
{
	kdb_bp_remove();
	kdb_bp_install();
}

static void gdb_detaches(void)
{
	kgdb_hw_remove_all();
}

/* As gdb does at each stop, whatever it is told. */
static void gdb_goes_on(void)
{
	int i, err;

	for (i = KDB; i < KDB + 2; i++)
		remove_at(i);
	for (i = KDB; i < KDB + 2; i++) {
		err = set(i);
		EXPECT(!err || err == -ENOSPC || err == -ENODEV);
	}
}

static int taken;

/* All that there are. */
static void gdb_sets_more(void)
{
	int n;

	taken = 0;
	for (n = 0; n < MOST; n++)
		taken += !set(KDB + 2 + n);
}

static void gdb_removes_and_sets(void)
{
	gdb_detaches();
	gdb_sets_more();
}

static void nothing(void) { }

/**
 * struct session - what a debugger does in a stop
 * @name: for the report
 * @run: does it
 * @unknown: kdb does not come to know that what it has set is gone, if it is
 */
static const struct session {
	const char	*name;
	void		(*run)(void);
	bool		unknown;
} sessions[] = {
	{ "kdb goes on",		kdb_goes_on },
	{ "gdb detaches",		gdb_detaches, true },
	{ "gdb goes on",		gdb_goes_on },
	{ "gdb sets more",		gdb_sets_more },
	{ "gdb removes and sets",	gdb_removes_and_sets, true },
	{ }
};

static const struct session *session;

/* ---- the state after ---- */

static int claims(void)
{
	char buf[4096], *line = buf;
	int n = 0, claimed;

	shim_read("cpus", buf, sizeof(buf), NULL);
	while ((line = strchr(line, '\n')) && *++line) {
		EXPECT_EQ(sscanf(line, "%*d %*d %*d %*d %*d %d", &claimed), 1);
		n += claimed;
	}
	return n;
}

static int armed_on(int cpu)
{
	struct watch w[REGS_MAX];
	int n;

	local_irq_disable();
	shim_cpu = cpu;
	n = regs_armed(w);
	shim_cpu = 0;
	local_irq_enable();
	return n;
}

static void expect_nothing_set(void)
{
	int cpu;

	shim_run_irq_work();
	for_each_online_cpu(cpu)
		EXPECT_EQ(armed_on(cpu), 0);
	EXPECT_EQ(claims(), 0);
	EXPECT_EQ(atomic_read(&hwbp_nr_debuggers), 0);
}

/* Whoever comes next finds all slots. */
static void expect_all_to_be_had(void)
{
	kgdb_hw_start();
	stop(gdb_sets_more);
	EXPECT_EQ(taken, hw_breakpoint_slots(TYPE_DATA));
	EXPECT_EQ(armed_on(0), taken);
	EXPECT_EQ(armed_on(1), taken);
	stop(gdb_detaches);
	expect_nothing_set();
}

/* ---- at every instruction ---- */

/* There was an instruction of that number, and a stop at it; there is none where a CPU masks. */
static bool reached, stopped;

static void where(void)
{
	if (session)
		printf("# %s, at %ld\n", session->name, at);
}

void steps_here(void)
{
	steps_left = LONG_MAX;
	reached = true;
	stopped = !regs_masked();
	if (stopped)
		stop(session->run);
}

static void begin(void)
{
	int i;

	for (i = 0; i < KDB; i++)
		kdb[i].enabled = i < hw_breakpoint_slots(TYPE_DATA) - 1;
	kgdb_hw_start();
	stop(kdb_goes_on);
	stop(gdb_goes_on);
}

static void end(void)
{
	int i;

	for (i = 0; i < KDB; i++)
		EXPECT(!kdb[i].installed || session->unknown);
	expect_nothing_set();
	memset(kdb, 0, sizeof(kdb));
}

/* Return: was there an instruction to come at? */
static bool run_once(void)
{
	begin();
	reached = false;
	stopped = false;
	steps_left = at;
	kgdb_hw_exit();
	steps_left = LONG_MAX;
	end();
	expect_all_to_be_had();
	kgdb_hw_exit();
	return reached;
}

static void test_exit(void)
{
	long total = 0;

	test_where = where;
	regs_allow_same(true);
	for (session = sessions; session->name; session++) {
		long before = total;

		for (at = 1; run_once(); at++)
			total += stopped;
		EXPECT(total - before > 100);
	}
	session = NULL;
	regs_allow_same(false);
	test_where = NULL;
	printf("# %ld stops\n", total);
}

/* ---- I/O drivers that come and go ---- */

static int result;

static void set_one(void)
{
	result = set(0);
}

static void test_drivers(void)
{
	regs_allow_same(true);
	stop(set_one);
	EXPECT_EQ(result, -ENODEV);
	kgdb_hw_start();
	stop(set_one);
	EXPECT_EQ(result, 0);
	/* another one in its place: what has been set stays so */
	kgdb_hw_start();
	EXPECT_EQ(armed_on(0), 1);
	EXPECT_EQ(armed_on(1), 1);
	kgdb_hw_exit();
	expect_nothing_set();
	stop(set_one);
	EXPECT_EQ(result, -ENODEV);
	expect_nothing_set();
	regs_allow_same(false);
}

/* ---- hits ---- */

static void hit(int n, unsigned int flags)
{
	struct hw_breakpoint_aim aim;
	int i;

	local_irq_disable();
	for (i = 0; i < HWBP_MAX_PER_TYPE; i++) {
		struct hw_breakpoint_debug *bp = hwbp_debugger_at(0, TYPE_DATA, i);

		if (bp && hwbp_debugger_aim(bp, &aim) && aim.addr == place(n))
			bp->hit(bp, &regs[0], 0, flags);
	}
	local_irq_enable();
}

static bool gone(void)
{
	bool ret;

	local_irq_disable();
	ret = kgdb_hw_gone();
	local_irq_enable();
	return ret;
}

static void expect_reason(const char *reason)
{
	char packet[64] = "";

	local_irq_disable();
	EXPECT(kgdb_hw_stop_reason(packet) == packet + strlen(packet));
	local_irq_enable();
	EXPECT(!strcmp(packet, reason));
}

static void remove_one(void)
{
	EXPECT_EQ(remove_at(0), 0);
	EXPECT_EQ(remove_at(0), -ENOENT);
}

static void test_hits(void)
{
	char reason[64];

	regs_allow_same(true);
	kgdb_hw_start();
	stop(set_one);
	stops = 0;
	hit(0, HW_BREAKPOINT_HIT_MORE);
	EXPECT_EQ(stops, 0);
	hit(0, 0);
	EXPECT_EQ(stops, 1);
	EXPECT(!gone());
	snprintf(reason, sizeof(reason), "watch:%llx;", place(0));
	expect_reason(reason);
	stop(remove_one);
	EXPECT(gone());
	expect_reason("");
	EXPECT(!gone());
	kgdb_hw_exit();
	regs_allow_same(false);
}

/* Nothing stops for the driver that goes, and what was hit then is not the next one's. */
static void test_hit_while_off(void)
{
	struct hw_breakpoint_debug *bp;

	regs_allow_same(true);
	kgdb_hw_start();
	stop(set_one);
	stops = 0;
	local_irq_disable();
	bp = hwbp_debugger_at(0, TYPE_DATA, 0);
	local_irq_enable();
	kgdb_hw_exit();
	local_irq_disable();
	bp->hit(bp, &regs[0], 0, 0);
	local_irq_enable();
	EXPECT_EQ(stops, 0);
	kgdb_hw_start();
	EXPECT(!gone());
	kgdb_hw_exit();
	regs_allow_same(false);
}

/* ---- what is refused ---- */

static void set_what_cannot_be(void)
{
	EXPECT_EQ(kgdb_hw_set(place(0), 8, BP_BREAKPOINT), -EINVAL);
	EXPECT_EQ(kgdb_hw_set(place(0), -1, BP_WRITE_WATCHPOINT), -EINVAL);
	EXPECT_EQ(kgdb_hw_set(0x10000, 8, BP_WRITE_WATCHPOINT), -EINVAL);
}

static void set_too_many(void)
{
	gdb_sets_more();
	EXPECT_EQ(set(0), -ENOSPC);
}

static void test_refused(void)
{
	regs_allow_same(true);
	kgdb_hw_start();
	stop(set_what_cannot_be);
	expect_nothing_set();
	stop(set_too_many);
	EXPECT_EQ(taken, hw_breakpoint_slots(TYPE_DATA));
	kgdb_hw_exit();
	expect_nothing_set();
	regs_allow_same(false);
}

/* ---- kdb's command ---- */

static void show(void)
{
	static const char * const on[] = { "hwbp", "take", "on" };
	static const char * const off[] = { "hwbp", "take", "off" };
	static const char * const wrong[] = { "hwbp", "take", "more" };

	set_one();
	printed[0] = 0;
	EXPECT_EQ(command->func(0, NULL), 0);
	EXPECT(strstr(printed, "CPU 1: kgdb, task 0"));
	EXPECT(strstr(printed, "are not taken"));
	EXPECT_EQ(command->func(2, (const char **)on), 0);
	EXPECT_EQ(command->func(2, (const char **)wrong), KDB_BADINT);
	EXPECT_EQ(command->func(1, (const char **)on), KDB_ARGCOUNT);
	printed[0] = 0;
	EXPECT_EQ(command->func(0, NULL), 0);
	EXPECT(strstr(printed, "are taken"));
	EXPECT_EQ(command->func(2, (const char **)off), 0);
}

static void test_command(void)
{
	regs_allow_same(true);
	kgdb_hw_start();
	stop(show);
	kgdb_hw_exit();
	expect_nothing_set();
	regs_allow_same(false);
}

/* ---- steps ---- */

static raw_spinlock_t master = { 0, -1 }, slave = { 0, -1 };

/* What is stepped: nothing that a step could not be alone with. */
static void begin_step(void)
{
#ifndef SHIM_ARM64
	static const u8 nops[16] = { [0 ... 15] = 0x90 };

	regs[0].ip = (unsigned long)nops;
#endif
	local_irq_disable();
	raw_spin_lock(&slave);
	kgdb_hw_step(&regs[0]);
	kgdb_single_step = 1;
	atomic_set(&kgdb_cpu_doing_single_step, 0);
}

static void end_step(void)
{
	if (raw_spin_is_locked(&slave))
		raw_spin_unlock(&slave);
	kgdb_single_step = 0;
	atomic_set(&kgdb_cpu_doing_single_step, -1);
	local_irq_enable();
}

/* Those that are held go on when the step lasts, or takes too long; not before. */
static void test_free_others(void)
{
	int tries = 3;

	begin_step();
	kgdb_hw_free_others(&master, &slave);
	EXPECT(raw_spin_is_locked(&slave) && kgdb_single_step);
	kgdb_hw_step_lasts();
	raw_spin_lock(&master);
	kgdb_hw_free_others(&master, &slave);
	EXPECT(raw_spin_is_locked(&slave));
	raw_spin_unlock(&master);
	kgdb_hw_free_others(&master, &slave);
	EXPECT(!raw_spin_is_locked(&slave) && !kgdb_single_step);
	end_step();

	begin_step();
	EXPECT(kgdb_hw_wait_for_step(&tries));
	shim_now += 6 * NSEC_PER_SEC;
	EXPECT(!kgdb_hw_wait_for_step(&tries));
	kgdb_hw_free_others(&master, &slave);
	EXPECT(!raw_spin_is_locked(&slave) && !kgdb_single_step);
	end_step();
}

/* While one steps, what gdb has removed for that does not count as gone. */
static void test_step(void)
{
	regs_allow_same(true);
	kgdb_hw_start();
	stop(set_one);
	hit(0, 0);
	stop(remove_one);
	atomic_set(&kgdb_cpu_doing_single_step, 1);
	EXPECT(kgdb_hw_stepping() && !gone());
	stops = 0;
	atomic_set(&kgdb_cpu_doing_single_step, -1);
	EXPECT(!kgdb_hw_stepping() && gone());
	stop(set_one);
	atomic_set(&kgdb_cpu_doing_single_step, 1);
	hit(0, HW_BREAKPOINT_HIT_STEP);
	EXPECT_EQ(stops, 0);
	atomic_set(&kgdb_cpu_doing_single_step, -1);
	hit(0, HW_BREAKPOINT_HIT_STEP);
	EXPECT_EQ(stops, 1);
	stop(nothing);
	kgdb_hw_exit();
	expect_nothing_set();
	regs_allow_same(false);
}

const struct test tests[] = {
	{ "I/O drivers come and go",			test_drivers },
	{ "a hit stops, unless it has gone",		test_hits },
	{ "a hit while the I/O driver goes",		test_hit_while_off },
	{ "what is refused",				test_refused },
	{ "kdb's command",				test_command },
	{ "steps and hits",				test_step },
	{ "CPUs that are held go on",			test_free_others },
	{ "a stop at every instruction of the exit",	test_exit },
	{ }
};
