// SPDX-License-Identifier: GPL-2.0
/*
 * The PMU as perf calls it: an event is made, scheduled in and out, alone and in a group,
 * and destroyed; and fails at each step where it can.
 */

#include "test.h"

#define EVENTS	2

static struct perf_event events[EVENTS];
static struct perf_event_context ctx, task_ctx;
static struct task_struct task;

/* ---- perf ---- */

/* What perf has filled in when it looks for a PMU. */
static void make(struct perf_event *bp, int n)
{
	*bp = (struct perf_event) {
		.pmu = &hwbp_pmu, .cpu = 0, .oncpu = -1, .attr.type = PERF_TYPE_BREAKPOINT,
	};
	regs_attr(&bp->attr, n);
	bp->group_leader = bp;
	INIT_LIST_HEAD(&bp->child_list);
}

static void open_event(struct perf_event *bp, int n)
{
	make(bp, n);
	EXPECT_EQ(shim_pmu->event_init(bp), 0);
	EXPECT_EQ(perf_reserve_attach(bp, &ctx), 0);
	bp->ctx = &ctx;
}

static void close_event(struct perf_event *bp)
{
	shim_free_event(bp);
}

static void sched_in(struct perf_event *bp, int flags)
{
	EXPECT_EQ(shim_pmu->add(bp, flags), 0);
	bp->oncpu = 0;
}

static void sched_out(struct perf_event *bp)
{
	shim_pmu->del(bp, 0);
	bp->oncpu = -1;
}

static int nr_armed(void)
{
	struct watch armed[REGS_MAX];

	return regs_armed(armed);
}

/* ---- an event is made ---- */

/* perf tries the next PMU, or gives up; nothing is held. */
static void refused(struct perf_event *bp, int err)
{
	EXPECT_EQ(shim_pmu->event_init(bp), err);
	EXPECT(!bp->destroy && !hw_breakpoint_is_used());
	shim_free_event(bp);
}

static void test_refused(void)
{
	struct perf_event *bp = &events[0];
	struct hwbp_total *total = &hwbp_totals[TYPE_DATA];
	unsigned int slots = total->slots;

	make(bp, 0);
	bp->attr.type = PERF_TYPE_HARDWARE;
	refused(bp, -ENOENT);
	make(bp, 0);
	bp->attr.sample_type = PERF_SAMPLE_BRANCH_STACK;
	refused(bp, -EOPNOTSUPP);
	make(bp, 0);
	total->slots = 0;
	refused(bp, -EOPNOTSUPP);
	total->slots = slots;
	make(bp, 0);
	bp->attr.bp_type = HW_BREAKPOINT_EMPTY;
	refused(bp, -EINVAL);
	make(bp, 0);
	bp->attr.bp_len = 3;
	bp->attr.bp_addr += 7;
	refused(bp, -EINVAL);
}

/* It is encoded, and holds nothing before it has a context. */
static void test_init(void)
{
	static const struct hwbp_image none;
	struct perf_event *bp = &events[0];

	make(bp, 0);
	EXPECT_EQ(shim_pmu->event_init(bp), 0);
	EXPECT_EQ(hwbp_reservation(bp)->slot, -1);
	EXPECT(!hwbp_image_equal(&hwbp_reservation(bp)->image, &none));
	EXPECT(!hwbp_reservation(bp)->held && !hw_breakpoint_is_used());
	close_event(bp);
	EXPECT(!hw_breakpoint_is_used());
}

/* perf has copied the attributes, and they have changed since. */
static void test_inherited(void)
{
	struct perf_event *parent = &events[0], *child = &events[1];

	open_event(parent, 0);
	make(child, 1);
	child->parent = parent;
	child->attr.bp_len = 4;
	EXPECT_EQ(shim_pmu->event_init(child), 0);
	EXPECT(!hwbp_reservation(child)->held);
	EXPECT_EQ(perf_reserve_attach(child, &ctx), 0);
	EXPECT(!hwbp_reservation(child)->held);
	EXPECT_EQ(test_join(child), 0);
	EXPECT(child->attr.bp_addr == parent->attr.bp_addr);
	EXPECT(child->attr.bp_len == parent->attr.bp_len);
	EXPECT(hwbp_image_equal(&hwbp_reservation(child)->image, &hwbp_reservation(parent)->image));
	EXPECT_EQ(hwbp_reservation(child)->slot, -1);
	EXPECT(hwbp_reservation(child)->held);
	close_event(child);
	close_event(parent);
	EXPECT(!hw_breakpoint_is_used());
}

/* ---- and destroyed ---- */

/*
 * perf drops the context before the event when creation fails, and the event outlives the
 * context when its file stays open.
 */
static void test_destroy(void)
{
	struct perf_event *bp = &events[0];
	int slots = hw_breakpoint_slots(TYPE_DATA), i;

	task_ctx.task = &task;
	for (i = 0; i <= slots; i++) {
		make(bp, 0);
		bp->cpu = i & 1 ? 0 : -1;
		EXPECT_EQ(shim_pmu->event_init(bp), 0);
		EXPECT_EQ(perf_reserve_attach(bp, &task_ctx), 0);
		if (i & 2)
			perf_reserve_retire(&task_ctx);
		perf_reserve_free(&task_ctx);
		task_ctx.reserved = NULL;
		close_event(bp);
		EXPECT(!hw_breakpoint_is_used());
	}
}

/* No slot, no memory: once for the account, and once for its counts of each CPU. */
static void test_attach_fails(void)
{
	struct perf_event *bp = &events[0];
	int i;

	task_ctx.task = &task;
	for (i = 0; i < 2; i++) {
		make(bp, 0);
		EXPECT_EQ(shim_pmu->event_init(bp), 0);
		shim_fail_alloc = i;
		EXPECT_EQ(perf_reserve_attach(bp, &task_ctx), -ENOMEM);
		shim_fail_alloc = -1;
		close_event(bp);
		perf_reserve_free(&task_ctx);
		task_ctx.reserved = NULL;
		EXPECT(!hw_breakpoint_is_used());
	}
	make(bp, 0);
	bp->cpu = SHIM_CPUS + 1;
	EXPECT_EQ(shim_pmu->event_init(bp), 0);
	EXPECT_EQ(perf_reserve_attach(bp, &ctx), -EINVAL);
	close_event(bp);
	EXPECT(!hw_breakpoint_is_used());
}

/* ---- on a CPU ---- */

/* The registers are written when perf has come to the end of what it changes. */
static void test_run(void)
{
	struct perf_event *bp = &events[0];

	open_event(bp, 0);
	local_irq_disable();
	shim_pmu->pmu_disable(shim_pmu);
	sched_in(bp, 0);
	EXPECT_EQ(bp->hw.state, PERF_HES_STOPPED);
	EXPECT_EQ(nr_armed(), 0);
	shim_pmu->start(bp, 0);
	EXPECT_EQ(bp->hw.state, 0);
	shim_pmu->pmu_enable(shim_pmu);
	EXPECT_EQ(nr_armed(), 1);
	shim_pmu->read(bp);

	/*
	 * perf stops an event that is throttled, with the NMI of another in its group (7.x): its
	 * hits do not count, the slot stays, and nothing is written
	 */
	regs_count_reset();
	shim_in_nmi = true;
	shim_pmu->stop(bp, 0);
	shim_in_nmi = false;
	EXPECT_EQ(bp->hw.state, PERF_HES_STOPPED);
	EXPECT_EQ(nr_armed(), 1);
	shim_pmu->start(bp, 0);
	EXPECT_EQ(bp->hw.state, 0);
	EXPECT_EQ(nr_armed(), 1);
	EXPECT_EQ(regs_count().master + regs_count().addr + regs_count().ctrl, 0);

	shim_pmu->pmu_disable(shim_pmu);
	sched_out(bp);
	EXPECT_EQ(nr_armed(), 1);
	shim_pmu->pmu_enable(shim_pmu);
	EXPECT_EQ(nr_armed(), 0);
	local_irq_enable();
	close_event(bp);
	EXPECT(!hw_breakpoint_is_used());
}

/* A period begins where the event is scheduled in. */
static void test_sampling(void)
{
	struct perf_event *bp = &events[0];

	open_event(bp, 0);
	bp->attr.sample_period = 3;
	bp->hw.sample_period = 3;
	local_irq_disable();
	sched_in(bp, PERF_EF_START);
	EXPECT_EQ(bp->hw.state, 0);
	EXPECT_EQ(bp->hw.last_period, 3);
	EXPECT_EQ(bp->periods, 1);
	sched_out(bp);
	bp->attr.sample_period = 0;
	sched_in(bp, PERF_EF_START);
	EXPECT_EQ(bp->periods, 1);
	sched_out(bp);
	shim_pmu->pmu_enable(shim_pmu);
	local_irq_enable();
	close_event(bp);
}

/*
 * A group is one change: between the two brackets nothing is written, whatever perf does of
 * it and gives up.
 */
static void test_group(void)
{
	struct regs_count count;
	int i;

	for (i = 0; i < EVENTS; i++)
		open_event(&events[i], i);
	local_irq_disable();
	regs_count_reset();
	shim_pmu->pmu_disable(shim_pmu);
	shim_pmu->start_txn(shim_pmu, 0);
	for (i = 0; i < EVENTS; i++)
		sched_in(&events[i], PERF_EF_START);
	for (i = 0; i < EVENTS; i++)
		sched_out(&events[i]);
	shim_pmu->cancel_txn(shim_pmu);
	shim_pmu->start_txn(shim_pmu, 0);
	for (i = 0; i < EVENTS; i++)
		sched_in(&events[i], PERF_EF_START);
	EXPECT_EQ(shim_pmu->commit_txn(shim_pmu), 0);
	count = regs_count();
	EXPECT_EQ(count.master + count.addr + count.ctrl, 0);
	shim_pmu->pmu_enable(shim_pmu);
	EXPECT_EQ(nr_armed(), EVENTS);
	EXPECT_EQ(regs_count().master, 1);
	for (i = 0; i < EVENTS; i++)
		sched_out(&events[i]);
	shim_pmu->pmu_enable(shim_pmu);
	EXPECT_EQ(nr_armed(), 0);
	local_irq_enable();
	for (i = 0; i < EVENTS; i++)
		close_event(&events[i]);
}

/* ---- boot ---- */

static void test_boot(void)
{
	EXPECT(shim_pmu == &hwbp_pmu);
	EXPECT_EQ(shim_pmu->task_ctx_nr, perf_sw_context);
	/* the architecture calls its back end */
	EXPECT(!shim_die_notifier);

	shim_pmu_error = -ENOMEM;
	EXPECT_EQ(init_hw_breakpoint(), -ENOMEM);
	shim_pmu_error = 0;
	EXPECT_EQ(init_hw_breakpoint(), 0);
}

/* A back end whose pools have not as many slots as it says */
static void test_wrong_slots(void)
{
	struct hwbp_total *total = &hwbp_totals[TYPE_DATA];
	unsigned int slots = total->slots;

	shim_count_warnings = true;
	shim_warnings = 0;
	total->slots = slots - 1;
	EXPECT_EQ(hwbp_slots_init(), -EINVAL);
	EXPECT_EQ(shim_warnings, 1);
	shim_count_warnings = false;
	total->slots = slots;
	EXPECT_EQ(hwbp_slots_init(), 0);
}

const struct test tests[] = {
	{ "boot",				test_boot },
	{ "slots and pools that do not agree",	test_wrong_slots },
	{ "events that are refused",		test_refused },
	{ "an event is initialised",		test_init },
	{ "an event is inherited",		test_inherited },
	{ "an event is destroyed",		test_destroy },
	{ "an event joins no context",		test_attach_fails },
	{ "in, started, stopped and out",	test_run },
	{ "sampling",				test_sampling },
	{ "a group",				test_group },
	{ }
};
