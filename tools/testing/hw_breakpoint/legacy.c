// SPDX-License-Identifier: GPL-2.0
/*
 * Architectures without a back end: what perf asks for is in the registers at once, and what
 * the architecture refuses leaves nothing behind.
 */

#include "test.h"

#define EVENTS	(OLD_INST + OLD_DATA + 1)

static struct perf_event events[EVENTS];
static struct perf_event_context ctx;

/* ---- perf ---- */

static void make(struct perf_event *bp, int n, u32 type)
{
	*bp = (struct perf_event) {
		.pmu = &hwbp_pmu, .cpu = 0, .oncpu = -1, .attr.type = PERF_TYPE_BREAKPOINT,
	};
	regs_attr(&bp->attr, n);
	bp->attr.bp_type = type;
	INIT_LIST_HEAD(&bp->child_list);
}

static int open_event(int n, u32 type)
{
	struct perf_event *bp = &events[n];
	int err;

	make(bp, n, type);
	EXPECT_EQ(shim_pmu->event_init(bp), 0);
	err = perf_reserve_attach(bp, &ctx);
	bp->ctx = &ctx;
	if (err)
		shim_free_event(bp);
	return err;
}

static int sched_in(struct perf_event *bp)
{
	int err;

	local_irq_disable();
	err = shim_pmu->add(bp, PERF_EF_START);
	shim_pmu->pmu_enable(shim_pmu);
	local_irq_enable();
	bp->oncpu = err ? -1 : 0;
	return err;
}

static void sched_out(struct perf_event *bp)
{
	local_irq_disable();
	shim_pmu->del(bp, 0);
	local_irq_enable();
	bp->oncpu = -1;
}

static int nr_armed(void)
{
	struct watch armed[REGS_MAX];
	int n;

	local_irq_disable();
	n = regs_armed(armed);
	local_irq_enable();
	return n;
}

static bool is_armed(const struct perf_event *bp)
{
	struct watch armed[REGS_MAX], want = regs_expected(&bp->attr);
	int n = regs_armed(armed);

	while (n--) {
		if (same_watch(&armed[n], &want))
			return true;
	}
	return false;
}

static int change(struct perf_event *bp, int n, u32 type)
{
	struct perf_event_attr attr = bp->attr;

	regs_attr(&attr, n);
	attr.bp_type = type;
	return modify_user_hw_breakpoint_check(bp, &attr, true);
}

/* ---- add and del ---- */

/* All that there are of either pool, and each is written when perf adds it. */
static void test_full(void)
{
	int n = 0, i;

	for (i = 0; i < OLD_INST; i++)
		EXPECT_EQ(open_event(n++, HW_BREAKPOINT_X), 0);
	EXPECT_EQ(open_event(n, HW_BREAKPOINT_X), -ENOSPC);
	for (i = 0; i < OLD_DATA; i++)
		EXPECT_EQ(open_event(n++, HW_BREAKPOINT_W), 0);
	EXPECT_EQ(open_event(n, HW_BREAKPOINT_R), -ENOSPC);
	for (i = 0; i < n; i++) {
		EXPECT_EQ(sched_in(&events[i]), 0);
		EXPECT_EQ(nr_armed(), i + 1);
		EXPECT(is_armed(&events[i]));
		EXPECT_EQ(events[i].hw.state, 0);
	}
	for (i = 0; i < n; i++) {
		sched_out(&events[i]);
		EXPECT_EQ(nr_armed(), n - i - 1);
		EXPECT(!is_armed(&events[i]));
		shim_free_event(&events[i]);
	}
	EXPECT(!hw_breakpoint_is_used());
}

static void test_add_flags(void)
{
	struct perf_event *bp = &events[0];

	EXPECT_EQ(open_event(0, HW_BREAKPOINT_W), 0);
	bp->attr.sample_period = 7;
	bp->hw.sample_period = 7;
	local_irq_disable();
	EXPECT_EQ(shim_pmu->add(bp, 0), 0);
	EXPECT_EQ(bp->hw.state, PERF_HES_STOPPED);
	EXPECT_EQ(bp->hw.last_period, 7);
	EXPECT_EQ(bp->periods, 1);
	shim_pmu->start(bp, 0);
	EXPECT_EQ(bp->hw.state, 0);
	shim_pmu->stop(bp, 0);
	EXPECT_EQ(bp->hw.state, PERF_HES_STOPPED);
	local_irq_enable();
	EXPECT_EQ(nr_armed(), 1);
	sched_out(bp);
	shim_free_event(bp);
}

/* Its group has moved to a CPU that had no slot for it: others hold them. */
static void test_add_lost(void)
{
	struct perf_event *bp = &events[0];

	EXPECT_EQ(open_event(0, HW_BREAKPOINT_W), 0);
	hwbp_release(bp);
	EXPECT_EQ(sched_in(bp), -ENOSPC);
	EXPECT_EQ(nr_armed(), 0);
	shim_free_event(bp);
	EXPECT(!hw_breakpoint_is_used());
}

/* perf keeps it scheduled out, and may try again. */
static void test_add_fails(void)
{
	struct perf_event *bp = &events[0];

	EXPECT_EQ(open_event(0, HW_BREAKPOINT_W), 0);
	old_failures = 1;
	EXPECT_EQ(sched_in(bp), -EIO);
	EXPECT_EQ(hwbp_reservation(bp)->slot, -1);
	EXPECT_EQ(nr_armed(), 0);
	local_irq_disable();
	EXPECT(!hwbp_is_changing());
	local_irq_enable();
	EXPECT_EQ(sched_in(bp), 0);
	EXPECT_EQ(nr_armed(), 1);
	sched_out(bp);
	shim_free_event(bp);
	EXPECT(!hw_breakpoint_is_used());
}

/* ---- changes ---- */

static void test_change(void)
{
	struct perf_event *bp = &events[0];

	EXPECT_EQ(open_event(0, HW_BREAKPOINT_W), 0);
	EXPECT_EQ(change(bp, 1, HW_BREAKPOINT_W), 0);
	EXPECT_EQ(nr_armed(), 0);
	EXPECT_EQ(sched_in(bp), 0);
	EXPECT(is_armed(bp));
	EXPECT_EQ(change(bp, 2, HW_BREAKPOINT_R), 0);
	EXPECT(is_armed(bp) && nr_armed() == 1);
	/* the other pool */
	EXPECT_EQ(change(bp, 3, HW_BREAKPOINT_X), 0);
	EXPECT(is_armed(bp) && nr_armed() == 1);
	EXPECT_EQ(change(bp, 0, HW_BREAKPOINT_INVALID), -EINVAL);
	EXPECT(is_armed(bp) && nr_armed() == 1);
	sched_out(bp);
	EXPECT_EQ(nr_armed(), 0);
	EXPECT_EQ(change(bp, 4, HW_BREAKPOINT_X), 0);
	EXPECT_EQ(nr_armed(), 0);
	shim_free_event(bp);
	EXPECT(!hw_breakpoint_is_used());
}

/* The event that changes goes to the slot that it holds, and no other loses its own. */
static void test_change_full(void)
{
	int i;

	for (i = 0; i < OLD_INST; i++)
		EXPECT_EQ(open_event(i, HW_BREAKPOINT_X), 0);
	for (; i < OLD_INST + OLD_DATA; i++)
		EXPECT_EQ(open_event(i, HW_BREAKPOINT_W), 0);
	for (i = 0; i < OLD_INST + OLD_DATA; i++)
		EXPECT_EQ(sched_in(&events[i]), 0);
	EXPECT_EQ(change(&events[0], 0, HW_BREAKPOINT_W), -ENOSPC);
	sched_out(&events[OLD_INST]);
	shim_free_event(&events[OLD_INST]);
	EXPECT_EQ(change(&events[0], 0, HW_BREAKPOINT_W), 0);
	EXPECT_EQ(nr_armed(), OLD_INST + OLD_DATA - 1);
	for (i = 0; i < OLD_INST + OLD_DATA; i++) {
		if (i == OLD_INST)
			continue;
		EXPECT(is_armed(&events[i]));
		sched_out(&events[i]);
		shim_free_event(&events[i]);
	}
	EXPECT(!hw_breakpoint_is_used());
}

/*
 * The architecture finds no slot for what holds one: it says so once, and perf's next
 * scheduling does not take away what is not there.
 */
static void test_change_fails(void)
{
	struct perf_event *bp = &events[0];

	EXPECT_EQ(open_event(0, HW_BREAKPOINT_W), 0);
	EXPECT_EQ(sched_in(bp), 0);
	old_failures = 1;
	shim_count_warnings = true;
	shim_warnings = 0;
	EXPECT_EQ(change(bp, 1, HW_BREAKPOINT_W), 0);
	EXPECT_EQ(shim_warnings, 1);
	shim_count_warnings = false;
	EXPECT_EQ(nr_armed(), 0);
	sched_out(bp);
	EXPECT_EQ(sched_in(bp), 0);
	EXPECT(is_armed(bp));
	sched_out(bp);
	shim_free_event(bp);
	EXPECT(!hw_breakpoint_is_used());
}

/* ---- fork ---- */

/* The state of the original's step is none of the copy's. */
static void test_inherited(void)
{
	struct perf_event *parent = &events[0], *child = &events[1];

	EXPECT_EQ(open_event(0, HW_BREAKPOINT_W), 0);
	parent->hw.info.stepped = true;
	make(child, 1, HW_BREAKPOINT_X);
	child->parent = parent;
	EXPECT_EQ(shim_pmu->event_init(child), 0);
	EXPECT_EQ(perf_reserve_attach(child, &ctx), 0);
	EXPECT_EQ(test_join(child), 0);
	EXPECT(child->attr.bp_addr == parent->attr.bp_addr);
	EXPECT_EQ(child->hw.info.address, parent->hw.info.address);
	EXPECT_EQ(child->hw.info.type, HW_BREAKPOINT_W);
	EXPECT(!child->hw.info.stepped);
	shim_free_event(child);
	/* it is parsed anew, and may not be possible any more */
	make(child, 1, HW_BREAKPOINT_W);
	child->parent = parent;
	parent->attr.bp_len = 3;
	EXPECT_EQ(shim_pmu->event_init(child), 0);
	EXPECT_EQ(perf_reserve_attach(child, &ctx), 0);
	EXPECT_EQ(test_join(child), -EINVAL);
	shim_free_event(child);
	shim_free_event(parent);
	EXPECT(!hw_breakpoint_is_used());
}

/* ---- debuggers ---- */

/* kgdb's way: it asks again when the accounting was stopped half way. */
static void test_debugger(void)
{
	struct perf_event *bp = &events[0];
	int i;

	for (i = 0; i < OLD_DATA; i++)
		EXPECT_EQ(open_event(i, HW_BREAKPOINT_W), 0);
	EXPECT_EQ(dbg_release_bp_slot(bp), 0);
	EXPECT(!strcmp(shim_traced.name, "release") && !shim_traced.value);
	EXPECT_EQ(dbg_reserve_bp_slot(bp), 0);
	EXPECT(!strcmp(shim_traced.name, "reserve") && !shim_traced.value);
	EXPECT_EQ(dbg_reserve_bp_slot(bp), -EBUSY);
	EXPECT_EQ(shim_traced.value, -EBUSY);
	local_irq_disable();
	EXPECT(!hwbp_missing());
	local_irq_enable();
	hwbp_report_taken(bp);
	hwbp_retry_missing();
	EXPECT(!hwbp_overdrawn(0));
	for (i = 0; i < OLD_DATA; i++)
		shim_free_event(&events[i]);
	EXPECT(!hw_breakpoint_is_used());
}

/* ---- tables ---- */

static int lines(const char *table)
{
	char buf[4096] = "";
	int i, n = 0;

	shim_read(table, buf, sizeof(buf), NULL);
	for (i = 0; buf[i]; i++)
		n += buf[i] == '\n';
	EXPECT(buf[0] == '#');
	return n;
}

static void test_tables(void)
{
	EXPECT_EQ(open_event(0, HW_BREAKPOINT_W), 0);
	EXPECT_EQ(sched_in(&events[0]), 0);
	EXPECT_EQ(lines("slots"), 1);
	EXPECT_EQ(lines("healed"), 1);
	EXPECT_EQ(lines("unwatched"), 1);
	EXPECT_EQ(lines("counts"), 1 + SHIM_CPUS);
	EXPECT_EQ(lines("writes"), 1);
	EXPECT_EQ(lines("holders"), 2);
	EXPECT_EQ(lines("cpus"), 1 + SHIM_CPUS * TYPE_MAX);
	sched_out(&events[0]);
	shim_free_event(&events[0]);
}

/* Exceptions come through the die chain, and to the layer first. */
static void test_boot(void)
{
	EXPECT(shim_die_notifier->notifier_call == hw_breakpoint_exceptions_notify);
	EXPECT_EQ(shim_die_notifier->priority, INT_MAX);

	shim_pmu = NULL;
	shim_notifier_error = -EEXIST;
	EXPECT_EQ(init_hw_breakpoint(), -EEXIST);
	EXPECT(!shim_pmu);
	shim_notifier_error = 0;
	EXPECT_EQ(init_hw_breakpoint(), 0);
	EXPECT(shim_pmu == &hwbp_pmu);
}

const struct test tests[] = {
	{ "boot",					test_boot },
	{ "all slots",					test_full },
	{ "how an event is added",			test_add_flags },
	{ "an event that cannot be added",		test_add_fails },
	{ "an event that has lost its slot",		test_add_lost },
	{ "changes",					test_change },
	{ "changes where all slots are held",		test_change_full },
	{ "a change that the architecture refuses",	test_change_fails },
	{ "an event is inherited",			test_inherited },
	{ "kgdb's reservations",			test_debugger },
	{ "tables",					test_tables },
	{ }
};
