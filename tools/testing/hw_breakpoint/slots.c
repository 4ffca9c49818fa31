// SPDX-License-Identifier: GPL-2.0
/*
 * The slots and the commit, with the simulated registers as the oracle: after
 * each commit exactly what is installed fires, and nothing was written that was
 * there already.
 */

#include "test.h"

#define EVENTS	12

/**
 * struct cpu_model - what a CPU should do
 * @events: pool of events to install
 * @installed: has been installed
 * @settled: nothing has been installed or uninstalled since the last commit
 */
struct cpu_model {
	struct perf_event	events[EVENTS];
	bool			installed[EVENTS];
	bool			settled;
};

static struct cpu_model models[SHIM_CPUS];
static unsigned int commits;

static struct cpu_model *model(void)
{
	return &models[shim_cpu];
}

static int pool_of(const struct perf_event *bp)
{
	return hwbp_type(bp->attr.bp_type);
}

static int installed_in(int type)
{
	int i, n = 0;

	for (i = 0; i < EVENTS; i++)
		n += model()->installed[i] && pool_of(&model()->events[i]) == type;
	return n;
}

/* ---- checks ---- */

static void check_owner(struct perf_event *bp)
{
	int slot = hwbp_reservation(bp)->slot;
	struct watch is, want = regs_expected(&bp->attr);

	EXPECT(hwbp_slot_owner(slot) == bp);
	EXPECT(hwbp_live() & BIT(slot));
	EXPECT(regs_slot_armed(slot, &is) && same_watch(&is, &want));
}

/* As a set: which slot serves which event is the core's affair. */
static void check_registers(void)
{
	struct watch armed[REGS_MAX];
	int i, n = regs_armed(armed);

	for (i = 0; i < EVENTS; i++) {
		struct perf_event *bp = &model()->events[i];
		struct watch w;

		if (!model()->installed[i])
			continue;
		w = regs_expected(&bp->attr);
		take_out(armed, &n, &w);
		check_owner(bp);
	}
	if (n)
		FAIL("%u:%#llx is watched and nobody's", armed[0].type,
		     armed[0].addr);
}

/* A hit between two sets belongs to nobody. */
static void check_unsettled(struct perf_event *bp, int slot)
{
	EXPECT(!hwbp_slot_owner(slot));
	EXPECT(hwbp_reservation(bp)->slot == slot || hwbp_reservation(bp)->slot == -1);
}

/* ---- steps ---- */

static void parse(struct perf_event *bp)
{
	struct arch_hw_breakpoint hw = { };

	EXPECT_EQ(hw_breakpoint_arch_parse(bp, &bp->attr, &hw), 0);
	hwbp_set_info(bp, &hw);
}

static void install(int i)
{
	struct perf_event *bp = &model()->events[i];

	parse(bp);
	EXPECT_EQ(hwbp_add(bp, PERF_EF_START), 0);
	model()->installed[i] = true;
	model()->settled = false;
	EXPECT(arch_hwbp_pool(pool_of(bp)) & BIT(hwbp_reservation(bp)->slot));
	check_unsettled(bp, hwbp_reservation(bp)->slot);
}

/* One that has been installed before, or a new one */
static void install_random(int i)
{
	struct perf_event *bp = &model()->events[i];

	if (!bp->attr.bp_len || random_below(2)) {
		*bp = (struct perf_event) {
			SHIM_RESERVATION(*bp), .shim_own.held = true,
		};
		regs_random_attr(&bp->attr);
	}
	if (installed_in(pool_of(bp)) < hw_breakpoint_slots(pool_of(bp)))
		install(i);
}

static void uninstall(int i)
{
	struct perf_event *bp = &model()->events[i];
	int slot = hwbp_reservation(bp)->slot;

	hwbp_del(bp, 0);
	model()->installed[i] = false;
	model()->settled = false;
	check_unsettled(bp, slot);
}

static void uninstall_all(void)
{
	int i;

	for (i = 0; i < EVENTS; i++) {
		if (model()->installed[i])
			uninstall(i);
	}
}

static void commit_and_check(void)
{
	struct regs_count before = regs_count();

	if (random_below(2))
		hwbp_commit();
	else
		hwbp_pmu_enable(NULL);
	if (model()->settled)
		EXPECT(regs_count().master == before.master &&
		       regs_count().addr == before.addr);
	EXPECT(regs_count().master <= before.master + 2);
	model()->settled = true;
	check_registers();
	commits++;
}

static void run_guest(void)
{
	struct guest g;

	/* KVM does not come in the middle of a task switch. */
	if (!model()->settled)
		return;
	regs_random_guest(&g);
	stepped_guest(&g);
	check_registers();
}

/* A suspend. */
static void lose_and_restore(void)
{
	regs_lose();
	regs_allow_same(true);
	regs_restore();
	regs_allow_same(false);
	model()->settled = true;
	check_registers();
}

static void hotplug(void)
{
	uninstall_all();
	commit_and_check();
	regs_power_on();
	local_irq_enable();
	regs_allow_same(true);
	shim_cpu_up();
	regs_allow_same(false);
	local_irq_disable();
	check_registers();
}

static void step(void)
{
	int i = random_below(EVENTS);

	switch (random_below(64)) {
	case 0:
		hotplug();
		break;
	case 1:
	case 2:
		lose_and_restore();
		break;
	case 3 ... 6:
		run_guest();
		break;
	case 7 ... 26:
		commit_and_check();
		break;
	case 27 ... 28:
		uninstall_all();
		break;
	default:
		if (model()->installed[i])
			uninstall(i);
		else
			install_random(i);
		break;
	}
}

/* ---- tests ---- */

static void clear_cpu(void)
{
	uninstall_all();
	commit_and_check();
	EXPECT_EQ(hwbp_live(), 0);
}

static void test_random(void)
{
	unsigned long n;

	commits = 0;
	local_irq_disable();
	for (n = 0; n < test_steps; n++) {
		if (n % 8 == 0)
			shim_cpu = random_below(nr_cpu_ids);
		step();
	}
	for_each_possible_cpu(shim_cpu)
		clear_cpu();
	shim_cpu = 0;
	local_irq_enable();
	printf("# %u commits\n", commits);
}

static void install_row(int first, int addr, int n)
{
	int i;

	for (i = first; i < first + n; i++) {
		struct perf_event *bp = &model()->events[i];

		*bp = (struct perf_event) {
			SHIM_RESERVATION(*bp), .shim_own.held = true,
		};
		regs_attr(&bp->attr, addr + i - first);
		install(i);
	}
}

/* As many watchpoints as fit, and twice that into the events. */
static int data_slots(void)
{
	int slots = hw_breakpoint_slots(TYPE_DATA);

	return slots < EVENTS / 2 ? slots : EVENTS / 2;
}

static void expect_writes(unsigned int master, unsigned int addr)
{
	EXPECT_EQ(regs_count().master, master);
	EXPECT_EQ(regs_count().addr, addr);
	regs_count_reset();
}

static void switch_to(int first, int addr, int n)
{
	uninstall_all();
	commit_and_check();
	install_row(first, addr, n);
	commit_and_check();
}

/* The same, with the addresses in the opposite order. */
static void switch_to_reversed(int first, int addr, int n)
{
	uninstall_all();
	commit_and_check();
	while (n--)
		install_row(first++, addr + n, 1);
	commit_and_check();
}

/* What DESIGN promises for a context switch; see also check_new() in regs-*.c */
static void count_writes(int n)
{
	install_row(0, 0, n);
	commit_and_check();
	regs_count_reset();

	/* out and in again with nothing else in between: perf's rotation */
	uninstall_all();
	install_row(0, 0, n);
	commit_and_check();
	expect_writes(0, 0);

	/* to another thread with the same addresses, and to one with others */
	switch_to(EVENTS - n, 0, n);
	expect_writes(2, 0);
	switch_to_reversed(0, 0, n);
	expect_writes(2, 0);
	switch_to(0, n, n);
	expect_writes(2, n);

	/* to a thread without any and back */
	uninstall_all();
	commit_and_check();
	commit_and_check();
	expect_writes(1, 0);
	install_row(0, n, n);
	commit_and_check();
	expect_writes(1, 0);

	/* no change */
	hwbp_commit();
	hwbp_pmu_enable(NULL);
	expect_writes(0, 0);
	clear_cpu();
}

static void test_write_counts(void)
{
	int n;

	local_irq_disable();
	for (n = 1; n <= data_slots(); n++)
		count_writes(n);
	local_irq_enable();
}

/* The same events once more, in another order, or some of them. */
static void test_come_back(void)
{
	int i, n = data_slots();

	local_irq_disable();
	install_row(0, 0, n);
	commit_and_check();
	regs_count_reset();
	switch_to(n, 0, 0);
	for (i = n - 1; i >= 0; i--)
		install(i);
	commit_and_check();
	expect_writes(2, 0);
	for (i = 0; i < n; i++) {
		switch_to(n, 0, 0);
		install(i);
		commit_and_check();
	}
	expect_writes(2 * n, 0);
	clear_cpu();
	local_irq_enable();
}

/* One changes; the others go on to fire at the end. */
static void test_replace_one(void)
{
	local_irq_disable();
	install_row(0, 0, data_slots());
	commit_and_check();
	regs_count_reset();
	uninstall(1);
	install_row(1, 7, 1);
	commit_and_check();
	expect_writes(master_writes(), 1);
	clear_cpu();
	local_irq_enable();
}

/* Nobody may watch the slots themselves, on any CPU. */
static void test_core_data(void)
{
	unsigned long first = 0, p;
	int cpu, bytes = 0;

	for_each_possible_cpu(cpu) {
		for (p = 0; p < 4096; p++) {
			unsigned long a = shim_percpu_start(cpu) + p;

			if (!hwbp_core_data(a, a))
				continue;
			if (!bytes++)
				first = a;
		}
	}
	EXPECT(bytes >= (int)(nr_cpu_ids * HWBP_NR_SLOTS *
			      sizeof(struct hwbp_image)));
	EXPECT(!hwbp_core_data(first - 8, first - 1));
	EXPECT(hwbp_core_data(first - 8, first));
	EXPECT(hwbp_core_data(0, ~0UL));
}

const struct test tests[] = {
	{ "writes of a context switch",			test_write_counts },
	{ "events that come back",			test_come_back },
	{ "one of all is replaced",			test_replace_one },
	{ "the core's own data is known",		test_core_data },
	{ "random steps against the registers",		test_random },
	{ }
};
