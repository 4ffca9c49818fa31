// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of breakpoints that may be live: all or nothing, for an event with all
 * its copies, wherever each of them runs.
 */

#include "test.h"

#define COPIES	4

/**
 * struct family - an event and what has been inherited from it
 * @bp: the event is the first
 * @ctx: the context of each
 * @task: of each context
 */
struct family {
	struct perf_event		bp[COPIES];
	struct perf_event_context	ctx[COPIES];
	struct task_struct		task[COPIES];
};

static struct family family;
static unsigned int changed, refused;

/* ---- helpers ---- */

static void link_child(struct perf_event *parent, struct perf_event *child)
{
	struct list_head *head = &parent->child_list;

	child->parent = parent;
	child->child_list.next = head;
	child->child_list.prev = head->prev;
	head->prev->next = &child->child_list;
	head->prev = &child->child_list;
}

static void new_one(int i, const struct perf_event_attr *attr)
{
	struct perf_event *bp = &family.bp[i];
	struct perf_event_context *ctx = &family.ctx[i];

	*bp = (struct perf_event) {
		SHIM_RESERVATION(*bp),
		.attr = *attr, .pmu = &hwbp_pmu, .cpu = -1, .oncpu = -1,
		.child_mutex.owner = shim_cpu + 1, .ctx = ctx,
	};
	*ctx = (struct perf_event_context) {
		.task = &family.task[i], .lock = { 0, -1 },
	};
	bp->child_list.next = &bp->child_list;
	bp->child_list.prev = &bp->child_list;
}

static void open_one(int i, const struct perf_event_attr *attr)
{
	struct perf_event *bp = &family.bp[i];

	new_one(i, attr);
	EXPECT_EQ(register_perf_hw_breakpoint(bp), 0);
	EXPECT_EQ(perf_reserve_attach(bp, &family.ctx[i]), 0);
	if (i)
		link_child(&family.bp[0], bp);
}

static void open_family(const struct perf_event_attr *attr)
{
	int i;

	for (i = 0; i < COPIES; i++)
		open_one(i, attr);
}

/* perf's sched-in and sched-out of one copy on the CPU it is given. */
static void run_on(int i, int cpu)
{
	struct perf_event *bp = &family.bp[i];

	shim_cpu = cpu;
	local_irq_disable();
	bp->oncpu = cpu;
	EXPECT_EQ(hwbp_add(bp, PERF_EF_START), 0);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
	shim_cpu = 0;
}

static void run_off(int i)
{
	struct perf_event *bp = &family.bp[i];

	shim_cpu = bp->oncpu;
	local_irq_disable();
	hwbp_del(bp, 0);
	bp->oncpu = -1;
	hwbp_pmu_enable(NULL);
	local_irq_enable();
	shim_cpu = 0;
}

static void close_family(void)
{
	int i;

	for (i = 0; i < COPIES; i++) {
		if (family.bp[i].oncpu >= 0)
			run_off(i);
		hwbp_detach(&family.bp[i]);
		perf_reserve_free(&family.ctx[i]);
	}
	EXPECT(!hw_breakpoint_is_used());
}

/* What PERF_EVENT_IOC_MODIFY_ATTRIBUTES does with the hooks. */
static int modify_family(struct perf_event_attr *attr)
{
	int ret = perf_reserve_prepare(&family.bp[0], attr), i;

	for (i = 0; i < COPIES && !ret; i++)
		EXPECT_EQ(modify_user_hw_breakpoint_check(&family.bp[i], attr, true), 0);
	return ret;
}

/* ---- checks ---- */

/* A copy watches what the attributes say where it runs, and nothing elsewhere. */
static void check_cpu(int cpu, const struct perf_event_attr *attr)
{
	struct watch armed[REGS_MAX], want = regs_expected(attr);
	int i, n, running = 0;

	for (i = 0; i < COPIES; i++)
		running += family.bp[i].oncpu == cpu;
	local_irq_disable();
	shim_cpu = cpu;
	n = regs_armed(armed);
	shim_cpu = 0;
	local_irq_enable();
	EXPECT_EQ(n, running);
	if (n == 1)
		EXPECT(same_watch(&armed[0], &want));
}

static void check_family(const struct perf_event_attr *attr)
{
	int cpu, i;

	for_each_possible_cpu(cpu)
		check_cpu(cpu, attr);
	for (i = 0; i < COPIES; i++) {
		struct perf_event *bp = &family.bp[i];

		EXPECT(bp->attr.bp_addr == attr->bp_addr &&
		       bp->attr.bp_type == attr->bp_type &&
		       bp->attr.bp_len == attr->bp_len);
		EXPECT(!hwbp_reservation(bp)->prepared && !hwbp_reservation(bp)->moving);
		EXPECT_EQ(hwbp_reservation(bp)->type, hwbp_type(attr->bp_type));
	}
}

/* ---- tests ---- */

static void random_change(struct perf_event_attr *attr)
{
	struct perf_event_attr new = *attr;
	struct perf_event_attr other = { };
	bool bad = random_below(4) == 0;

	regs_random_attr(&other);
	new.bp_addr = other.bp_addr;
	new.bp_type = other.bp_type;
	new.bp_len = bad ? 3 + 16 * random_below(2) : other.bp_len;
	if (bad && regs_parses(&new))
		return;
	EXPECT_EQ(modify_family(&new), bad ? -EINVAL : 0);
	if (bad)
		refused++;
	else
		*attr = new;
	changed += !bad;
}

static void reschedule(void)
{
	int i = random_below(COPIES);

	if (family.bp[i].oncpu >= 0)
		run_off(i);
	else
		run_on(i, i % nr_cpu_ids);
}

static void test_random(void)
{
	struct perf_event_attr attr = { };
	unsigned long n;

	changed = 0;
	refused = 0;
	regs_random_attr(&attr);
	open_family(&attr);
	for (n = 0; n < test_steps; n++) {
		if (random_below(2))
			reschedule();
		else
			random_change(&attr);
		check_family(&attr);
	}
	close_family();
	printf("# %u changed, %u refused\n", changed, refused);
	EXPECT(changed > test_steps / 8 && refused > test_steps / 64);
}

/* The slots of the other type are taken for the last copy only. */
static void test_no_room(void)
{
	struct perf_event_attr attr = { }, other;
	static struct perf_event full[16];
	int slots = hw_breakpoint_slots(TYPE_INST), i;

	regs_attr(&attr, 0);
	open_family(&attr);
	for (i = 0; i < COPIES; i++)
		run_on(i, i);
	for (i = 0; i < slots; i++) {
		full[i] = (struct perf_event) {
			SHIM_RESERVATION(full[i]),
			.attr.bp_type = HW_BREAKPOINT_X, .pmu = &hwbp_pmu, .cpu = -1,
		};
		if (perf_reserve_attach(&full[i], &family.ctx[COPIES - 1])) {
			hwbp_detach(&full[i]);
			break;
		}
	}
	other = attr;
	other.bp_type = HW_BREAKPOINT_X;
	other.bp_len = sizeof(long);
	EXPECT_EQ(modify_family(&other), TYPE_INST == TYPE_DATA ? 0 : -ENOSPC);
	if (TYPE_INST == TYPE_DATA)
		attr = other;
	check_family(&attr);
	while (i--)
		hwbp_detach(&full[i]);
	close_family();
}

/* What cannot change is refused, and sig_data is perf's to change. */
static void test_other_attributes(void)
{
	struct perf_event_attr attr = { }, other;

	regs_attr(&attr, 0);
	open_family(&attr);
	other = attr;
	other.exclude_hv = !attr.exclude_hv;
	EXPECT_EQ(modify_family(&other), -EINVAL);
	other = attr;
	other.sig_data = 1;
	EXPECT_EQ(modify_family(&other), 0);
	check_family(&attr);
	close_family();
}

/* perf copies an event whose attributes are being changed: @seen is what it finds. */
static void begin_fork(const struct perf_event_attr *seen)
{
	struct perf_event *bp = &family.bp[1];

	new_one(1, seen);
	bp->parent = &family.bp[0];
	mutex_unlock(&bp->parent->child_mutex);
	EXPECT_EQ(perf_reserve_attach(bp, &family.ctx[1]), 0);
	mutex_lock(&bp->parent->child_mutex);
}

static void change_parent(struct perf_event_attr *attr)
{
	EXPECT_EQ(perf_reserve_prepare(&family.bp[0], attr), 0);
	EXPECT_EQ(modify_user_hw_breakpoint_check(&family.bp[0], attr, true), 0);
	family.bp[0].attr.sig_data = attr->sig_data;
}

static void close_two(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		hwbp_detach(&family.bp[i]);
		perf_reserve_free(&family.ctx[i]);
	}
	EXPECT(!hw_breakpoint_is_used());
}

/* A grandchild is made while the event is changed: before, between and after. */
static void test_fork(void)
{
	struct perf_event_attr attr = { }, torn, other;
	struct perf_event *copy = &family.bp[1];

	regs_attr(&attr, 0);
	open_one(0, &attr);
	torn = attr;
	torn.bp_addr += 1;
	torn.bp_len = 16;
	begin_fork(&torn);
	EXPECT(!hwbp_reservation(copy)->held);
	other = attr;
	other.bp_type = HW_BREAKPOINT_X;
	other.bp_len = sizeof(long);
	other.sig_data = 5;
	change_parent(&other);
	EXPECT_EQ(perf_reserve_join(copy), 0);
	EXPECT(copy->attr.bp_addr == attr.bp_addr && copy->attr.bp_len == other.bp_len);
	EXPECT(copy->attr.bp_type == HW_BREAKPOINT_X && copy->attr.sig_data == 5);
	EXPECT_EQ(hwbp_reservation(copy)->type, TYPE_INST);
	EXPECT(!hwbp_reservation(copy)->moving && !hwbp_reservation(copy)->prepared);
	link_child(&family.bp[0], copy);
	run_on(1, 1);
	check_cpu(1, &other);
	run_off(1);
	close_two();
}

/* Takes all that is left of a type on one CPU. Return: how many. */
static int fill_cpu(struct perf_event *full, u32 bp_type)
{
	static struct perf_event_context of_cpu = { .lock.owner = -1 };
	int n = 0;

	for (;;) {
		full[n] = (struct perf_event) {
			SHIM_RESERVATION(full[n]),
			.attr.bp_type = bp_type, .pmu = &hwbp_pmu, .cpu = 0,
		};
		if (perf_reserve_attach(&full[n], &of_cpu))
			break;
		n++;
	}
	hwbp_detach(&full[n]);
	return n;
}

/*
 * A fork has room: whatever the original is changed to meanwhile, and though no slot is left
 * to anybody else.
 */
static void test_fork_has_room(void)
{
	static struct perf_event full[2][17];
	struct perf_event *copy = &family.bp[1];
	struct perf_event_attr attr = { }, other;
	int n[2], i;

	regs_attr(&attr, 0);
	open_one(0, &attr);
	begin_fork(&attr);
	EXPECT(!hwbp_reservation(copy)->held);
	other = attr;
	other.bp_type = HW_BREAKPOINT_X;
	other.bp_len = sizeof(long);
	change_parent(&other);
	n[0] = fill_cpu(full[0], HW_BREAKPOINT_W);
	n[1] = fill_cpu(full[1], HW_BREAKPOINT_X);
	EXPECT_EQ(n[0] + n[1], TYPE_INST == TYPE_DATA ? hw_breakpoint_slots(TYPE_INST) - 1 :
		  hw_breakpoint_slots(TYPE_INST) + hw_breakpoint_slots(TYPE_DATA) - 1);
	EXPECT_EQ(perf_reserve_join(copy), 0);
	EXPECT(hwbp_reservation(copy)->held);
	EXPECT_EQ(hwbp_reservation(copy)->type, TYPE_INST);
	for (i = 0; i < n[0]; i++)
		hwbp_detach(&full[0][i]);
	for (i = 0; i < n[1]; i++)
		hwbp_detach(&full[1][i]);
	close_two();
}

/* Registers that a change writes on this CPU, address and master ones. */
#ifndef SHIM_OLD
static void expect_writes(const struct perf_event_attr *attr, unsigned int addr,
			  unsigned int most_master)
{
	struct perf_event_attr copy = *attr;

	local_irq_disable();
	regs_count_reset();
	local_irq_enable();
	EXPECT_EQ(modify_user_hw_breakpoint(&family.bp[0], &copy), 0);
	local_irq_disable();
	EXPECT_EQ(regs_count().addr, addr);
	EXPECT(regs_count().master <= most_master);
	local_irq_enable();
}

static void test_writes(void)
{
	struct perf_event_attr attr = { };

	regs_attr(&attr, 0);
	open_one(0, &attr);
	run_on(0, 0);
	regs_attr(&attr, 1);
	expect_writes(&attr, 1, master_writes());
	expect_writes(&attr, 0, 0);
	run_off(0);
	hwbp_detach(&family.bp[0]);
	perf_reserve_free(&family.ctx[0]);
}

#endif

/* Atomic context: no lock is taken, installed or not. */
static void test_local(void)
{
	struct perf_event_attr attr = { }, bad;
	int i;

	regs_attr(&attr, 0);
	open_one(0, &attr);
	family.ctx[0].lock.locked = 1;
	for (i = 0; i < 2; i++) {
		if (i) {
			family.ctx[0].lock.locked = 0;
			run_on(0, 0);
			family.ctx[0].lock.locked = 1;
		}
		regs_attr(&attr, 2 + i);
		local_irq_disable();
		EXPECT_EQ(hwbp_change_local(&family.bp[0], &attr), 0);
		bad = attr;
		bad.bp_len = 3 + 16;
		bad.bp_addr = 0;
		EXPECT_EQ(hwbp_change_local(&family.bp[0], &bad), -EINVAL);
		local_irq_enable();
		EXPECT(family.bp[0].attr.bp_addr == attr.bp_addr);
		check_cpu(0, &attr);
	}
	family.ctx[0].lock.locked = 0;
	run_off(0);
	hwbp_detach(&family.bp[0]);
	perf_reserve_free(&family.ctx[0]);
}

const struct test tests[] = {
	{ "no room for one of the copies",		test_no_room },
	{ "attributes that cannot change",		test_other_attributes },
#ifndef SHIM_OLD
	{ "registers written for a change",		test_writes },
#endif
	{ "a fork while it is changed",			test_fork },
	{ "a fork has room, whatever is changed",	test_fork_has_room },
	{ "re-aimed without a lock",			test_local },
	{ "random changes of a running family",		test_random },
	{ }
};
