// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints of debuggers: what is in the registers of each CPU at which moment,
 * whose a hit is, and what perf loses to them and gets back.
 */

#include "test.h"

#define MAX		24

static struct hw_breakpoint_debug bps[MAX];

/**
 * struct hits - what the handler was told of a breakpoint
 * @n: how often it was called
 * @slot: the slot, at the last time
 * @flags: the flags, at the last time
 */
static struct hits {
	int		n;
	int		slot;
	unsigned int	flags;
} hits[MAX];

/* What the handler does beside, with the breakpoint that was hit. */
static void (*in_handler)(struct hw_breakpoint_debug *bp, struct pt_regs *regs);

/* Events of this CPU, in the order in which perf schedules them; pinned first. */
static struct perf_event events[MAX];
static bool active[MAX];
static int nr_events, rescheduled;

/* An event holds what the accounting knows nothing of. */
static bool miscounted;

/* ---- debuggers ---- */

static void hit(struct hw_breakpoint_debug *bp, struct pt_regs *regs, int slot,
		unsigned int flags)
{
	struct hits *h = &hits[bp - bps];

	EXPECT(irqs_disabled());
	EXPECT(rcu_read_lock_held());
	h->n++;
	h->slot = slot;
	h->flags = flags;
	if (in_handler)
		in_handler(bp, regs);
}

/* The n-th aim, of any type. */
static struct perf_event_attr aim(int n, u32 type)
{
	struct perf_event_attr attr = { };

	regs_kernel_attr(&attr, n);
	attr.bp_type = type;
	return attr;
}

static int reserve(int i, int cpu, u32 type, unsigned int flags)
{
	bps[i].owner = "debugger";
	bps[i].hit = hit;
	return hw_breakpoint_debug_reserve(&bps[i], cpu, type, flags);
}

static int set_aim(int i, const struct perf_event_attr *attr)
{
	return hw_breakpoint_debug_set(&bps[i], attr->bp_addr, attr->bp_len,
				       attr->bp_type);
}

/* Breakpoint @i watches the n-th place. */
static void set(int i, int n)
{
	struct perf_event_attr attr = aim(n, HW_BREAKPOINT_W);

	EXPECT_EQ(set_aim(i, &attr), 0);
}

static void reserve_and_set(int i, int cpu, int n, unsigned int flags)
{
	EXPECT_EQ(reserve(i, cpu, HW_BREAKPOINT_W, flags), 0);
	set(i, n);
}

static void release(int i)
{
	hw_breakpoint_debug_release(&bps[i]);
}

/* ---- registers ---- */

static int armed_on(int cpu, struct watch *w)
{
	int self = shim_cpu, n;
	unsigned long flags;

	local_irq_save(flags);
	shim_cpu = cpu;
	n = regs_armed(w);
	shim_cpu = self;
	local_irq_restore(flags);
	return n;
}

static int nr_armed(int cpu)
{
	struct watch w[REGS_MAX];

	return armed_on(cpu, w);
}

static bool attr_armed(int cpu, const struct perf_event_attr *attr)
{
	struct watch armed[REGS_MAX], w = regs_expected(attr);
	int n = armed_on(cpu, armed);

	while (n--) {
		if (same_watch(&armed[n], &w))
			return true;
	}
	return false;
}

/* Is the n-th place watched on @cpu? */
static bool watched(int cpu, int n)
{
	struct perf_event_attr attr = aim(n, HW_BREAKPOINT_W);

	return attr_armed(cpu, &attr);
}

static bool watched_everywhere(int n)
{
	int cpu;

	for_each_online_cpu(cpu) {
		if (!watched(cpu, n))
			return false;
	}
	return true;
}

static void sync_on(int cpu)
{
	int self = shim_cpu;

	shim_cpu = cpu;
	hw_breakpoint_debug_sync();
	shim_cpu = self;
}

/* Nobody has anything, on any CPU. */
static void expect_nothing_left(void)
{
	char buf[4096], *line = buf;
	int cpu, type, slots, own, tasks, claims, left;

	shim_run_irq_work();
	for_each_online_cpu(cpu)
		EXPECT_EQ(nr_armed(cpu), 0);
	shim_read("cpus", buf, sizeof(buf), NULL);
	for_each_possible_cpu(cpu) {
		for (type = 0; type < TYPE_MAX; type++) {
			line = strchr(line, '\n') + 1;
			EXPECT_EQ(sscanf(line, "%*d %*d %d %d %d %d %d", &slots,
					 &own, &tasks, &claims, &left), 5);
			EXPECT_EQ(own + tasks + claims, 0);
			EXPECT_EQ(left, slots);
		}
	}
	EXPECT(!hw_breakpoint_is_used());
}

/* ---- perf on this CPU ---- */

/* One that has missed hits pauses, though a slot be free again. */
static void install(int i)
{
	bool must_pause = hwbp_reservation(&events[i])->must_pause;
	int ret;

	if (!hwbp_reservation(&events[i])->held)
		return;
	ret = hwbp_add(&events[i], PERF_EF_START);
	active[i] = !ret;
	if (!ret)
		return;
	EXPECT_EQ(ret, -ENOSPC);
	EXPECT(must_pause || miscounted || hwbp_overdrawn(shim_cpu));
}

static void uninstall(int i)
{
	if (active[i])
		hwbp_del(&events[i], 0);
	active[i] = false;
}

static void schedule(void)
{
	int i;

	for (i = 0; i < nr_events; i++)
		uninstall(i);
	for (i = 0; i < nr_events; i++)
		install(i);
	hwbp_pmu_enable(NULL);
}

void perf_pmu_resched(struct pmu *pmu)
{
	EXPECT(!pmu && irqs_disabled());
	if (++rescheduled > 100)
		FAIL("perf is asked to schedule for ever");
	if (shim_cpu == 0)
		schedule();
}

/* @n events of CPU 0, of which the first @pinned are pinned. */
static void open_events(int n, int pinned)
{
	static struct perf_event_context ctx;
	int i;

	for (i = 0; i < n; i++) {
		struct perf_event *bp = &events[i];

		*bp = (struct perf_event) {
			SHIM_RESERVATION(*bp),
			.pmu = &hwbp_pmu, .cpu = 0, .oncpu = -1,
			.attr.pinned = i < pinned,
		};
		regs_attr(&bp->attr, i);
		EXPECT_EQ(register_perf_hw_breakpoint(bp), 0);
		EXPECT_EQ(perf_reserve_attach(bp, &ctx), 0);
		bp->ctx = &ctx;
		bp->group_leader = bp;
	}
	nr_events = n;
	local_irq_disable();
	schedule();
	local_irq_enable();
	rescheduled = 0;
}

static void close_events(void)
{
	int i, n = nr_events;

	local_irq_disable();
	for (i = 0; i < n; i++)
		uninstall(i);
	nr_events = 0;
	hwbp_pmu_enable(NULL);
	local_irq_enable();
	for (i = 0; i < n; i++)
		hwbp_detach(&events[i]);
}

static bool event_armed(int i)
{
	return attr_armed(0, &events[i].attr);
}

/* perf has the first @n and no others. */
static void expect_active(int n)
{
	int i;

	for (i = 0; i < nr_events; i++) {
		EXPECT_EQ(active[i], i < n);
		EXPECT_EQ(event_armed(i), i < n);
	}
}

static int slots(void)
{
	return min(hw_breakpoint_slots(TYPE_DATA), MAX - 4);
}

/*
 * Others hold all but @n slots on all CPUs, for debuggers have no more than
 * MAX here.
 */
static struct hw_breakpoint_debug fillers[16];

static void fill_but(int n)
{
	int i;

	for (i = 0; i < hw_breakpoint_slots(TYPE_DATA) - n; i++)
		EXPECT_EQ(hw_breakpoint_debug_reserve(&fillers[i],
						      HW_BREAKPOINT_ALL_CPUS,
						      HW_BREAKPOINT_W, 0), 0);
}

static void unfill(void)
{
	int i;

	for (i = 0; i < 16; i++)
		hw_breakpoint_debug_release(&fillers[i]);
}

/* ---- reserving and setting ---- */

/* This CPU at once, others when they are told. */
static void test_all_cpus(void)
{
	EXPECT_EQ(reserve(0, HW_BREAKPOINT_ALL_CPUS, HW_BREAKPOINT_W, 0), 0);
	shim_run_irq_work();
	EXPECT_EQ(nr_armed(0), 0);

	set(0, 0);
	EXPECT(watched(0, 0));
	EXPECT_EQ(nr_armed(1), 0);
	sync_on(1);
	EXPECT(watched(1, 0));
	EXPECT_EQ(nr_armed(2), 0);
	shim_run_irq_work();
	EXPECT(watched_everywhere(0));

	set(0, 1);
	EXPECT(watched(0, 1) && !watched(0, 0) && watched(1, 0));
	shim_run_irq_work();
	EXPECT(watched_everywhere(1) && !watched(3, 0));

	hw_breakpoint_debug_clear(&bps[0]);
	EXPECT_EQ(nr_armed(0), 0);
	EXPECT_EQ(nr_armed(3), 1);
	hw_breakpoint_debug_flush();
	EXPECT_EQ(nr_armed(3), 0);

	set(0, 0);
	release(0);
	EXPECT_EQ(nr_armed(0), 0);
	expect_nothing_left();
	/* nothing happens any more */
	release(0);
	hw_breakpoint_debug_clear(&bps[0]);
	expect_nothing_left();
}

static void test_one_cpu(void)
{
	int cpu;

	reserve_and_set(0, 2, 0, 0);
	reserve_and_set(1, 0, 1, 0);
	EXPECT(watched(0, 1) && !watched(0, 0) && !watched(2, 0));
	shim_run_irq_work();
	for_each_possible_cpu(cpu) {
		EXPECT_EQ(watched(cpu, 0), cpu == 2);
		EXPECT_EQ(watched(cpu, 1), cpu == 0);
	}
	release(0);
	release(1);
	expect_nothing_left();
}

/* One pool or two: as many of each as there are, one CPU or all. */
static void test_full(void)
{
	int cpu;

	fill_but(1);
	EXPECT_EQ(reserve(0, 1, HW_BREAKPOINT_W, 0), 0);
	EXPECT_EQ(reserve(1, 1, HW_BREAKPOINT_RW, 0), -ENOSPC);
	EXPECT_EQ(reserve(1, HW_BREAKPOINT_ALL_CPUS, HW_BREAKPOINT_W, 0), -ENOSPC);
	EXPECT_EQ(reserve(1, 1, HW_BREAKPOINT_X, 0),
		  TYPE_INST == TYPE_DATA ? -ENOSPC : 0);
	/* what was refused for CPU 1 has left nothing on the others */
	for_each_possible_cpu(cpu) {
		if (cpu != 1)
			EXPECT_EQ(reserve(2 + cpu, cpu, HW_BREAKPOINT_W, 0), 0);
	}
	EXPECT_EQ(reserve(6, 0, HW_BREAKPOINT_W, 0), -ENOSPC);
	release(2);
	EXPECT_EQ(reserve(6, 0, HW_BREAKPOINT_W, 0), 0);
	for (cpu = 0; cpu < 7; cpu++)
		release(cpu);
	unfill();
	expect_nothing_left();
}

static void test_reserve_refused(void)
{
	EXPECT_EQ(reserve(0, HW_BREAKPOINT_ALL_CPUS, HW_BREAKPOINT_EMPTY, 0), -EINVAL);
	EXPECT_EQ(reserve(0, HW_BREAKPOINT_ALL_CPUS, 8, 0), -EINVAL);
	EXPECT_EQ(reserve(0, HW_BREAKPOINT_ALL_CPUS, HW_BREAKPOINT_W, 2), -EINVAL);
	EXPECT_EQ(reserve(0, SHIM_CPUS, HW_BREAKPOINT_W, 0), -EINVAL);
	EXPECT_EQ(reserve(0, -2, HW_BREAKPOINT_W, 0), -EINVAL);
	EXPECT_EQ(reserve(0, 0, HW_BREAKPOINT_W, 0), 0);
	EXPECT_EQ(reserve(0, 1, HW_BREAKPOINT_W, 0), -EBUSY);
	release(0);
	expect_nothing_left();
}

static void refused(u64 addr, u64 len, u32 type)
{
	struct perf_event_attr attr = {
		.bp_addr = addr, .bp_len = len, .bp_type = type,
	};

	EXPECT_EQ(set_aim(0, &attr), -EINVAL);
	EXPECT(watched(0, 0));
	EXPECT_EQ(nr_armed(0), 1);
}

/* What it did before it does still. */
static void test_set_refused(void)
{
	struct perf_event_attr good = aim(0, HW_BREAKPOINT_W);

	EXPECT_EQ(set_aim(0, &good), -EINVAL);
	reserve_and_set(0, 0, 0, 0);
	refused(0x10000, 8, HW_BREAKPOINT_W);
	refused(good.bp_addr + 4, 8, HW_BREAKPOINT_W);
	refused(good.bp_addr, 3 + 16, HW_BREAKPOINT_W);
	refused(good.bp_addr, 0, HW_BREAKPOINT_W);
	refused(~0ULL - 3, 8, HW_BREAKPOINT_W);
	refused(good.bp_addr, 8, HW_BREAKPOINT_EMPTY);
	refused(good.bp_addr, 8, 8);
	if (TYPE_INST != TYPE_DATA)
		refused(good.bp_addr, 8, HW_BREAKPOINT_X);
	else
		refused(good.bp_addr, 8, HW_BREAKPOINT_R);
	release(0);

	EXPECT_EQ(reserve(0, 0, HW_BREAKPOINT_X, 0), 0);
	shim_blacklisted = good.bp_addr;
	good.bp_type = HW_BREAKPOINT_X;
	EXPECT_EQ(set_aim(0, &good), -EINVAL);
	shim_blacklisted = 0;
	EXPECT_EQ(set_aim(0, &good), 0);
	EXPECT(attr_armed(0, &good));
	release(0);
	expect_nothing_left();
}

/* ---- addresses that this layer needs itself ---- */

/* Where the variables of CPUs would be in a kernel; they are only compared with. */
#ifdef SHIM_ARM64
#define KERNEL_HALF	0xffff000000000000UL
#else
#define KERNEL_HALF	0xffff800000000000UL
#endif

static void move_cpus(unsigned long by)
{
	int cpu;

	for_each_possible_cpu(cpu)
		shim_offset[cpu] += by;
}

static bool may_be_watched(unsigned long addr)
{
	struct hw_breakpoint_aim a = {
		.addr = addr & ~7UL, .len = 8, .type = HW_BREAKPOINT_W,
	};
	struct arch_hw_breakpoint hw = { };
	int ret;

	move_cpus(KERNEL_HALF);
	ret = hwbp_parse_debugger(&a, &hw);
	move_cpus(-KERNEL_HALF);
	EXPECT(!ret || ret == -EINVAL);
	return !ret;
}

/* Of the slots, and of debuggers; on every CPU. */
static void test_own_data(void)
{
	unsigned long p, end = 0;
	int cpu, refused = 0;

	for_each_possible_cpu(cpu) {
		for (p = 0; p < 4096; p += 8) {
			unsigned long a = KERNEL_HALF + shim_percpu_start(cpu) + p;

			if (may_be_watched(a))
				continue;
			refused += 8;
			end = a + 8;
		}
	}
	EXPECT(refused >= (int)(nr_cpu_ids * HWBP_NR_SLOTS *
				(2 * sizeof(struct hwbp_image) + 3 * sizeof(void *) +
				 sizeof(struct hw_breakpoint_holder))));
	EXPECT(may_be_watched(end + 4096));
#ifndef SHIM_ARM64
	for_each_possible_cpu(cpu) {
		EXPECT(!may_be_watched((unsigned long)per_cpu_ptr(&cpu_dr7, cpu) |
				       KERNEL_HALF));
		EXPECT(!may_be_watched((unsigned long)per_cpu_ptr(&hwbp_silence, cpu) |
				       KERNEL_HALF));
	}
	EXPECT(!may_be_watched(CPU_ENTRY_AREA_BASE + 64));
	EXPECT(may_be_watched(CPU_ENTRY_AREA_BASE + CPU_ENTRY_AREA_MAP_SIZE));
#endif
}

/* ---- the same breakpoint again, before all CPUs have seen that it went ---- */

static void again(u32 before, u32 after)
{
	struct perf_event_attr old = aim(0, before), new = aim(1, after);

	EXPECT_EQ(reserve(0, HW_BREAKPOINT_ALL_CPUS, before, 0), 0);
	EXPECT_EQ(set_aim(0, &old), 0);
	shim_run_irq_work();
	EXPECT(attr_armed(1, &old));
	release(0);
	EXPECT_EQ(reserve(0, HW_BREAKPOINT_ALL_CPUS, after, 0), 0);
	EXPECT_EQ(set_aim(0, &new), 0);
	shim_run_irq_work();
	EXPECT(attr_armed(0, &new) && attr_armed(1, &new));
	EXPECT_EQ(nr_armed(1), 1);
	release(0);
	expect_nothing_left();
}

static void test_again(void)
{
	again(HW_BREAKPOINT_W, HW_BREAKPOINT_W);
	again(HW_BREAKPOINT_W, HW_BREAKPOINT_X);
	again(HW_BREAKPOINT_X, HW_BREAKPOINT_W);
}

/* ---- CPUs that are down ---- */

static void power_on(int cpu)
{
	int self = shim_cpu;

	shim_cpu = cpu;
	local_irq_disable();
	regs_power_on();
	local_irq_enable();
	regs_allow_same(true);
	shim_cpu_up();
	regs_allow_same(false);
	shim_cpu = self;
}

static void power_off(int cpu)
{
	int self = shim_cpu;

	shim_cpu = cpu;
	shim_cpu_down();
	shim_cpu = self;
}

/* It has what was set meanwhile from the start, and nothing that was released. */
static void test_hotplug(void)
{
	reserve_and_set(0, HW_BREAKPOINT_ALL_CPUS, 0, 0);
	power_off(2);
	reserve_and_set(1, HW_BREAKPOINT_ALL_CPUS, 1, 0);
	shim_run_irq_work();
	EXPECT(watched_everywhere(0) && watched_everywhere(1));
	EXPECT_EQ(nr_armed(3), 2);
	release(0);
	reserve_and_set(2, 2, 2, 0);
	shim_run_irq_work();
	power_on(2);
	EXPECT(watched(2, 1) && watched(2, 2));
	EXPECT_EQ(nr_armed(2), 2);

	/* what it had when it went down */
	power_off(2);
	set(1, 3);
	power_on(2);
	EXPECT(watched(2, 3) && watched(2, 2));
	EXPECT_EQ(nr_armed(2), 2);
	power_off(2);
	release(1);
	release(2);
	power_on(2);
	expect_nothing_left();
}

static void change_breakpoints(void)
{
	release(0);
	reserve_and_set(1, HW_BREAKPOINT_ALL_CPUS, 1, 0);
}

/* Between its restore, which looks at the debuggers, and the moment from which it is told. */
static void test_before_online(void)
{
	reserve_and_set(0, HW_BREAKPOINT_ALL_CPUS, 0, 0);
	power_off(2);
	shim_before_online = change_breakpoints;
	power_on(2);
	shim_before_online = NULL;
	EXPECT(watched_everywhere(1));
	EXPECT(!watched(2, 0));
	EXPECT_EQ(nr_armed(2), 1);
	release(1);
	expect_nothing_left();
}

#ifndef SHIM_ARM64
/* A CPU that starts at boot is not prepared, nor was it told when it was not online. */
static void test_early(void)
{
	int self = shim_cpu;

	power_off(2);
	reserve_and_set(0, HW_BREAKPOINT_ALL_CPUS, 0, 0);
	shim_run_irq_work();
	shim_cpu = 2;
	local_irq_disable();
	regs_power_on();
	regs_allow_same(true);
	shim_arch_cpu_up();
	regs_allow_same(false);
	shim_online[2] = true;
	local_irq_enable();
	shim_cpu = self;
	EXPECT(watched_everywhere(0));
	release(0);
	expect_nothing_left();
}
#endif

/* ---- whose hit it is ---- */

static struct pt_regs regs;

#ifdef SHIM_ARM64
#define STEPPED		kernel_active_single_step()

/* A write to the n-th place, by the kernel. */
static void access(int n)
{
	do_watchpoint(aim(n, HW_BREAKPOINT_W).bp_addr, ESR_ELx_WNR, &regs);
}

static void step_over(void)
{
	regs.pc += 4;
	EXPECT(try_step_suspended_breakpoints(&regs));
}

static void move_on(struct hw_breakpoint_debug *bp, struct pt_regs *r)
{
	r->pc += 0x40;
}
#else
#define STEPPED		(regs.flags & X86_EFLAGS_RF)
#define pc		ip

/* A #DB with these bits in DR6; DR7 is off in it. Return: true if nothing is left of it. */
static bool debug_exception(unsigned long dr6)
{
	bool ret;

	regs.flags = 0;
	regs_allow_same(true);
	local_db_save();
	ret = hw_breakpoint_debug_exception(&regs, &dr6);
	local_db_restore(0);
	regs_allow_same(false);
	return ret;
}

static unsigned long dr6_of(int n)
{
	struct perf_event_attr attr = aim(n, HW_BREAKPOINT_W);
	struct watch w, want = regs_expected(&attr);
	int slot;

	for (slot = 0; slot < HBP_NUM; slot++) {
		if (regs_slot_armed(slot, &w) && same_watch(&w, &want))
			return BIT(slot);
	}
	FAIL("place %d is not watched", n);
	return 0;
}

static void access(int n)
{
	EXPECT(debug_exception(dr6_of(n)));
}

static void move_on(struct hw_breakpoint_debug *bp, struct pt_regs *r)
{
	r->ip += 0x40;
}
#endif

static void leave(struct hw_breakpoint_debug *bp, struct pt_regs *r)
{
	hw_breakpoint_debug_release(bp);
}

static void begin_hits(void)
{
	static struct task_struct self;

	self = (struct task_struct) { .comm = "test" };
	shim_current = &self;
	regs = (struct pt_regs) { .pc = aim(9, HW_BREAKPOINT_X).bp_addr };
	memset(hits, 0, sizeof(hits));
	local_irq_disable();
}

static void end_hits(void)
{
	in_handler = NULL;
	local_irq_enable();
	expect_nothing_left();
}

/* The event watches the n-th place, too. */
static void move_event(int n)
{
	struct perf_event_attr attr;

	regs_kernel_attr(&attr, n);
	hwbp_del(&events[0], 0);
	events[0].attr.bp_addr = attr.bp_addr;
	EXPECT_EQ(register_perf_hw_breakpoint(&events[0]), 0);
	EXPECT_EQ(hwbp_add(&events[0], PERF_EF_START), 0);
	hwbp_commit();
}

/* Each to its own. */
static void test_hits(void)
{
	open_events(1, 0);
	begin_hits();
	/* in the kernel, for an access of the kernel's */
	move_event(5);
	reserve_and_set(0, 0, 0, 0);

	access(0);
	EXPECT_EQ(hits[0].n, 1);
	EXPECT_EQ(hits[0].flags, 0);
	EXPECT_EQ(events[0].hits, 0);
#ifdef SHIM_ARM64
	EXPECT(STEPPED && !watched(0, 0) && event_armed(0));
	step_over();
	EXPECT(!STEPPED);
#endif
	EXPECT(watched(0, 0));
	EXPECT(hwbp_slot_debugger(hits[0].slot) == &bps[0]);
	EXPECT(!hwbp_slot_owner(hits[0].slot));
	access(5);
#ifdef SHIM_ARM64
	step_over();
#endif
	EXPECT_EQ(hits[0].n, 1);
	EXPECT_EQ(events[0].hits, 1);
	release(0);
	local_irq_enable();
	close_events();
	begin_hits();
	end_hits();
}

/* The handler may release its breakpoint, and may go on elsewhere. */
static void test_handlers(void)
{
	begin_hits();
	reserve_and_set(0, 0, 0, 0);
	in_handler = leave;
	access(0);
	EXPECT_EQ(hits[0].n, 1);
	EXPECT_EQ(nr_armed(0), 0);
	EXPECT(!STEPPED);

	reserve_and_set(0, 0, 0, 0);
	in_handler = move_on;
	access(0);
	EXPECT_EQ(hits[0].n, 2);
	EXPECT(watched(0, 0) && !STEPPED);
	release(0);
	end_hits();
}

/* A debugger that is told before perf does not wait for what perf is told after it. */
static void test_hit_with_event(void)
{
	/* no slot holds it yet, so perf gets the last one */
	int place = 11;

	open_events(1, 0);
	begin_hits();
	move_event(place);
	reserve_and_set(0, 0, place, 0);
#ifdef SHIM_ARM64
	access(place);
	step_over();
#else
	EXPECT(debug_exception(BIT(hwbp_reservation(&events[0])->slot) | dr6_of(place)));
#endif
	EXPECT(hits[0].slot < hwbp_reservation(&events[0])->slot);
	EXPECT_EQ(events[0].hits, 1);
	EXPECT_EQ(hits[0].n, 1);
	EXPECT_EQ(hits[0].flags, 0);
	release(0);
	local_irq_enable();
	close_events();
	begin_hits();
	end_hits();
}

/* Between what it was and what it is to be a hit is nobody's. */
static void test_hit_between(void)
{
	int slot;

	begin_hits();
	reserve_and_set(0, 0, 0, 0);
	access(0);
#ifdef SHIM_ARM64
	step_over();
#endif
	slot = hits[0].slot;
	regs_allow_same(true);
	hw_breakpoint_silence();
	hwbp_lend(NULL, 0);
	regs_scramble();
	hwbp_forget();
	EXPECT(!hwbp_slot_debugger(slot));
	set(0, 1);
	EXPECT(!hwbp_slot_debugger(slot));
	hw_breakpoint_debug_clear(&bps[0]);
	EXPECT(!hwbp_slot_debugger(slot));
	set(0, 2);
	EXPECT(!hwbp_slot_debugger(slot));
	EXPECT(!hwbp_slot_owner(slot));
	hwbp_take_back();
	hw_breakpoint_unsilence();
	regs_allow_same(false);
	access(2);
	EXPECT_EQ(hits[0].n, 2);
#ifdef SHIM_ARM64
	step_over();
#endif
	release(0);
	end_hits();
}

#ifdef SHIM_ARM64
/* What fires at one access is reported by one exception. */
static void test_several_hits(void)
{
	int first;

	begin_hits();
	reserve_and_set(0, 0, 0, 0);
	reserve_and_set(1, 0, 0, 0);
	access(0);
	EXPECT(hits[0].n == 1 && hits[1].n == 1);
	first = hits[0].slot > hits[1].slot;
	EXPECT_EQ(hits[first].flags, HW_BREAKPOINT_HIT_MORE);
	EXPECT_EQ(hits[!first].flags, 0);
	EXPECT_EQ(nr_armed(0), 0);
	step_over();
	EXPECT_EQ(nr_armed(0), 2);
	/* one of two goes; the other has to be stepped over still */
	in_handler = leave;
	hw_breakpoint_debug_clear(&bps[1]);
	access(0);
	EXPECT(!STEPPED);
	in_handler = NULL;
	release(1);
	end_hits();
}

static void test_instruction(void)
{
	struct perf_event_attr attr = aim(9, HW_BREAKPOINT_X);

	begin_hits();
	EXPECT_EQ(reserve(0, 0, HW_BREAKPOINT_X, 0), 0);
	EXPECT_EQ(set_aim(0, &attr), 0);
	do_breakpoint(0, &regs);
	EXPECT_EQ(hits[0].n, 1);
	EXPECT(STEPPED && !attr_armed(0, &attr));
	step_over();
	EXPECT(attr_armed(0, &attr));

	regs.pc = attr.bp_addr;
	in_handler = move_on;
	do_breakpoint(0, &regs);
	EXPECT(!STEPPED && attr_armed(0, &attr));
	regs.pc = attr.bp_addr;
	in_handler = leave;
	do_breakpoint(0, &regs);
	EXPECT(!STEPPED);
	EXPECT_EQ(hits[0].n, 3);
	end_hits();
}

/* It fired before it was taken away. */
static void test_late_hit(void)
{
	begin_hits();
	reserve_and_set(0, 0, 0, 0);
	release(0);
	access(0);
	EXPECT_EQ(hits[0].n, 0);
	step_over();
	end_hits();
}
#else
static void test_several_hits(void)
{
	unsigned long dr6;
	int first;

	begin_hits();
	reserve_and_set(0, 0, 0, 0);
	reserve_and_set(1, 0, 1, 0);
	dr6 = dr6_of(0) | dr6_of(1);
	EXPECT(debug_exception(dr6));
	EXPECT(hits[0].n == 1 && hits[1].n == 1);
	first = hits[0].slot > hits[1].slot;
	EXPECT_EQ(hits[first].flags, HW_BREAKPOINT_HIT_MORE);
	EXPECT_EQ(hits[!first].flags, 0);

	/* with a single step, which somebody else wants */
	EXPECT(!debug_exception(dr6 | DR_STEP));
	EXPECT_EQ(hits[first].flags, HW_BREAKPOINT_HIT_MORE | HW_BREAKPOINT_HIT_STEP);
	EXPECT_EQ(hits[!first].flags, HW_BREAKPOINT_HIT_STEP);
	EXPECT(!STEPPED);
	release(0);
	release(1);
	end_hits();
}

static unsigned long only_bit(void)
{
	struct watch w;
	int slot;

	for (slot = 0; slot < HBP_NUM; slot++) {
		if (regs_slot_armed(slot, &w))
			return BIT(slot);
	}
	return 0;
}

/* A fault: it comes again unless RF is set. */
static void test_instruction(void)
{
	struct perf_event_attr attr = aim(9, HW_BREAKPOINT_X);
	unsigned long dr6;

	begin_hits();
	EXPECT_EQ(reserve(0, 0, HW_BREAKPOINT_X, 0), 0);
	EXPECT_EQ(set_aim(0, &attr), 0);
	dr6 = only_bit();
	EXPECT(debug_exception(dr6));
	EXPECT(hits[0].n == 1 && STEPPED);
	/* the step goes first */
	EXPECT(!debug_exception(dr6 | DR_STEP));
	EXPECT(hits[0].n == 1 && !STEPPED);

	in_handler = move_on;
	EXPECT(debug_exception(dr6));
	EXPECT(hits[0].n == 2 && !STEPPED);
	regs.ip = attr.bp_addr;
	in_handler = leave;
	EXPECT(debug_exception(dr6));
	EXPECT(hits[0].n == 3 && STEPPED);
	/* it fired before it was taken away */
	EXPECT(debug_exception(dr6));
	EXPECT(hits[0].n == 3 && STEPPED);
	end_hits();
}

static void test_late_hit(void)
{
	unsigned long dr6;

	begin_hits();
	reserve_and_set(0, 0, 0, 0);
	dr6 = dr6_of(0);
	release(0);
	EXPECT(debug_exception(dr6));
	EXPECT(!hits[0].n && !STEPPED);
	end_hits();
}
#endif

/* ---- who has the slots ---- */

static void expect_holder(const struct hw_breakpoint_holder *h, const char *comm,
			  int cpu, const struct perf_event_attr *attr)
{
	EXPECT(!strcmp(h->comm, comm));
	EXPECT_EQ(h->pid, 0);
	EXPECT_EQ(h->cpu, cpu);
	EXPECT_EQ(h->addr, attr ? attr->bp_addr : 0);
	EXPECT_EQ(h->type, attr ? attr->bp_type : HW_BREAKPOINT_EMPTY);
}

/* Of the CPU and the type that is asked for, and no more than there is room for. */
static void test_holders(void)
{
	struct hw_breakpoint_holder h[8];
	struct perf_event_attr attr = aim(0, HW_BREAKPOINT_W);

	open_events(1, 0);
	reserve_and_set(0, HW_BREAKPOINT_ALL_CPUS, 0, 0);
	EXPECT_EQ(hw_breakpoint_debug_holders(0, HW_BREAKPOINT_W, h, 8), 2);
	expect_holder(&h[0], "debugger", HW_BREAKPOINT_ALL_CPUS, &attr);
	expect_holder(&h[1], "test", 0, &events[0].attr);
	EXPECT_EQ(hw_breakpoint_debug_holders(0, HW_BREAKPOINT_W, h, 1), 1);
	expect_holder(&h[0], "debugger", HW_BREAKPOINT_ALL_CPUS, &attr);
	EXPECT_EQ(hw_breakpoint_debug_holders(0, HW_BREAKPOINT_W, h, 0), 0);
	EXPECT_EQ(hw_breakpoint_debug_holders(1, HW_BREAKPOINT_R, h, 8), 1);
	EXPECT_EQ(hw_breakpoint_debug_holders(0, HW_BREAKPOINT_X, h, 8),
		  TYPE_INST == TYPE_DATA ? 2 : 0);
	hw_breakpoint_debug_clear(&bps[0]);
	EXPECT_EQ(hw_breakpoint_debug_holders(3, HW_BREAKPOINT_W, h, 8), 1);
	expect_holder(&h[0], "debugger", HW_BREAKPOINT_ALL_CPUS, NULL);
	/* of any CPU, each once */
	reserve_and_set(1, 3, 0, 0);
	EXPECT_EQ(hw_breakpoint_debug_holders(HW_BREAKPOINT_ALL_CPUS, HW_BREAKPOINT_W, h, 8), 3);
	expect_holder(&h[1], "debugger", 3, &attr);
	expect_holder(&h[2], "test", 0, &events[0].attr);
	release(1);
	shim_run_irq_work();
	close_events();
	release(0);
	EXPECT_EQ(hw_breakpoint_debug_holders(0, HW_BREAKPOINT_W, h, 8), 0);
	expect_nothing_left();
}

/* Lines of the table of slots that begin with @cpu and end with @state. */
static int lines(int cpu, const char *state)
{
	char buf[16384], *line, *save = NULL;
	int n = 0;

	shim_read("slots", buf, sizeof(buf), NULL);
	for (line = strtok_r(buf, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		size_t end = strlen(line) - strlen(state);

		n += line[0] == '0' + cpu && line[1] == ' ' &&
		     !strcmp(line + end, state);
	}
	return n;
}

static void test_slots_table(void)
{
	int total = lines(0, "free");

	open_events(1, 0);
	reserve_and_set(0, HW_BREAKPOINT_ALL_CPUS, 0, 0);
	EXPECT_EQ(lines(0, "0x10000 8 test>0 inactive"), 1);
	events[0].state = PERF_EVENT_STATE_ACTIVE;
	strscpy(hwbp_reservation(&events[0])->comm, "a b\n", TASK_COMM_LEN);
	EXPECT_EQ(lines(0, " 8 a\\040b\\012>0 active"), 1);
	EXPECT_EQ(lines(0, " 8 debugger debugger"), 1);
	EXPECT_EQ(lines(0, "free"), total - 2);
	EXPECT_EQ(lines(1, "free"), total);
	shim_run_irq_work();
	EXPECT_EQ(lines(1, " 8 debugger debugger"), 1);
	/* CPU 1 has not been told */
	release(0);
	EXPECT_EQ(lines(0, "free"), total - 1);
	EXPECT_EQ(lines(1, "- - - - leaving"), 1);
	close_events();
	expect_nothing_left();
	EXPECT_EQ(lines(1, "free"), total);
}

/* ---- slots that perf had ---- */

/* Flexible events go first, then pinned ones, and all come back. */
static void test_take(void)
{
	int n = slots(), pinned = n / 2, i;

	fill_but(n);
	open_events(n, pinned);
	EXPECT_EQ(reserve(n, HW_BREAKPOINT_ALL_CPUS, HW_BREAKPOINT_W, 0), -ENOSPC);
	for (i = 0; i < n; i++) {
		reserve_and_set(i, HW_BREAKPOINT_ALL_CPUS, i, HW_BREAKPOINT_TAKE);
		EXPECT(watched(0, i));
		EXPECT_EQ(nr_armed(0), n);
		EXPECT_EQ(rescheduled, 0);
		shim_run_irq_work();
		EXPECT(rescheduled > 0 && hwbp_overdrawn(0));
		rescheduled = 0;
		expect_active(n - 1 - i);
	}
	EXPECT_EQ(reserve(n, 0, HW_BREAKPOINT_W, HW_BREAKPOINT_TAKE), -ENOSPC);
	for (i = 0; i < n; i++) {
		expect_active(i);
		release(i);
		shim_run_irq_work();
	}
	expect_active(n);
	EXPECT(!hwbp_overdrawn(0));
	close_events();
	unfill();
	expect_nothing_left();
}

/* The victim at once, before perf could choose. */
static void test_victim(void)
{
	int n = slots(), flexible, i;

	fill_but(n);
	for (flexible = 0; flexible < n; flexible++) {
		open_events(n, n);
		events[flexible].attr.pinned = 0;
		reserve_and_set(0, 0, 0, HW_BREAKPOINT_TAKE);
		for (i = 0; i < n; i++)
			EXPECT_EQ(event_armed(i), i != flexible);
		EXPECT(!hw_breakpoint_debug_holders(1, HW_BREAKPOINT_W, NULL, 0));
		/* perf was not told: it has it back at once */
		release(0);
		for (i = 0; i < n; i++)
			EXPECT(event_armed(i));
		shim_run_irq_work();
		expect_active(n);
		close_events();
	}
	unfill();
	expect_nothing_left();
}

/* A hit is the debugger's, and not of the event that had the slot. */
static void test_hit_taken(void)
{
	int n = slots();

	fill_but(n);
	open_events(n, 0);
	begin_hits();
	reserve_and_set(0, 0, 0, HW_BREAKPOINT_TAKE);
	access(0);
	EXPECT_EQ(hits[0].n, 1);
	EXPECT(!hwbp_slot_owner(hits[0].slot));
#ifdef SHIM_ARM64
	step_over();
#endif
	local_irq_enable();
	shim_run_irq_work();
	begin_hits();
	access(0);
	EXPECT_EQ(hits[0].n, 1);
#ifdef SHIM_ARM64
	step_over();
#endif
	while (n--)
		EXPECT_EQ(events[n].hits, 0);
	release(0);
	local_irq_enable();
	close_events();
	unfill();
	begin_hits();
	end_hits();
}

/* Nothing is installed when it is taken; whoever finds none then is told later. */
static void test_take_free(void)
{
	int n = slots(), i;

	fill_but(n);
	open_events(n, n);
	local_irq_disable();
	for (i = 0; i < n; i++)
		uninstall(i);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
	reserve_and_set(0, 0, 0, HW_BREAKPOINT_TAKE);
	shim_run_irq_work();
	local_irq_disable();
	schedule();
	EXPECT(perf_reserve_waits(&events[n - 1]));
	local_irq_enable();
	expect_active(n - 1);

	release(0);
	shim_run_irq_work();
	expect_active(n);
	close_events();
	unfill();
	expect_nothing_left();
}

/*
 * An event that holds a reservation which nobody has counted: it is left out, with a
 * warning, and perf is not asked to look for a slot again and again.
 */
static void test_miscounted(void)
{
	int n = hw_breakpoint_slots(TYPE_DATA);

	open_events(n, 0);
	events[n] = events[0];
	events[n].pmu_private = &events[n].shim_own;
	events[n].shim_own.event = &events[n];
	events[n].shim_own.slot = -1;
	regs_attr(&events[n].attr, n);
	EXPECT_EQ(register_perf_hw_breakpoint(&events[n]), 0);
	nr_events = n + 1;
	miscounted = true;
	shim_count_warnings = true;
	shim_warnings = 0;
	local_irq_disable();
	schedule();
	local_irq_enable();
	EXPECT_EQ(shim_warnings, 1);
	shim_run_irq_work();
	EXPECT_EQ(rescheduled, 0);
	local_irq_disable();
	EXPECT(!hw_breakpoint_waits(&events[n]));
	local_irq_enable();
	shim_count_warnings = false;
	miscounted = false;
	expect_active(n);

	nr_events = n;
	close_events();
	expect_nothing_left();
}

/* One goes, and the one that had lost its slot has it. */
static void test_take_less(void)
{
	int n = slots();

	fill_but(n);
	open_events(n, n);
	reserve_and_set(0, HW_BREAKPOINT_ALL_CPUS, 0, HW_BREAKPOINT_TAKE);
	shim_run_irq_work();
	expect_active(n - 1);
	local_irq_disable();
	uninstall(0);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
	hwbp_detach(&events[0]);
	shim_run_irq_work();
	EXPECT(active[n - 1] && event_armed(n - 1) && watched(0, 0));
	EXPECT_EQ(nr_armed(0), n);
	release(0);
	close_events();
	unfill();
	expect_nothing_left();
}

/* An event is changed whose slot is a debugger's, and perf does not know. */
static void test_change_taken(void)
{
	struct perf_event_attr attr;
	int n = slots();

	fill_but(n);
	open_events(n, 0);
	reserve_and_set(0, 0, 0, HW_BREAKPOINT_TAKE);
	for (n = 0; event_armed(n); n++)
		;
	attr = events[n].attr;
	attr.bp_addr += 0x40;
	EXPECT_EQ(hwbp_prepare(&events[n], &attr), 0);
	events[n].oncpu = 0;
	hwbp_apply(&events[n], &attr);
	events[n].oncpu = -1;
	EXPECT(watched(0, 0) && !event_armed(n));
	shim_run_irq_work();
	expect_active(slots() - 1);
	release(0);
	shim_run_irq_work();
	expect_active(slots());
	EXPECT_EQ(events[n].attr.bp_addr, attr.bp_addr);
	close_events();
	unfill();
	expect_nothing_left();
}

/* A group waits for one of its members' sake. */
static void test_waits(void)
{
	struct pmu other = { };
	struct perf_event leader = { .pmu = &other, .group_leader = &leader };
	int n = slots();

	leader.sibling_list.next = &leader.sibling_list;
	leader.sibling_list.prev = &leader.sibling_list;
	fill_but(n);
	open_events(n, n);
	reserve_and_set(0, 0, 0, HW_BREAKPOINT_TAKE);
	local_irq_disable();
	EXPECT(perf_reserve_waits(&events[0]));
	EXPECT(!perf_reserve_waits(&leader));
	list_add_tail_rcu(&events[0].sibling_list, &leader.sibling_list);
	events[0].group_leader = &leader;
	EXPECT(perf_reserve_waits(&leader));
	release(0);
	local_irq_enable();
	/* until perf has been told */
	shim_run_irq_work();
	local_irq_disable();
	EXPECT(!perf_reserve_waits(&leader));
	EXPECT(!perf_reserve_waits(&events[0]));
	local_irq_enable();
	close_events();
	unfill();
	expect_nothing_left();
}

/* There are no other CPUs to tell. */
static void test_take_alone(void)
{
	int n = slots(), cpu;

	fill_but(n);
	for_each_possible_cpu(cpu) {
		if (cpu)
			power_off(cpu);
	}
	open_events(n, 0);
	reserve_and_set(0, HW_BREAKPOINT_ALL_CPUS, 0, HW_BREAKPOINT_TAKE);
	shim_run_irq_work();
	EXPECT(rescheduled > 0);
	expect_active(n - 1);
	release(0);
	shim_run_irq_work();
	expect_active(n);
	close_events();
	for_each_possible_cpu(cpu) {
		if (cpu)
			power_on(cpu);
	}
	unfill();
	expect_nothing_left();
}

/* ---- off and on ---- */

/* Whatever is set meanwhile is there when the outermost ends, and no sooner. */
static void test_silence(void)
{
	local_irq_disable();
	regs_allow_same(true);
	reserve_and_set(0, 0, 0, 0);
	hw_breakpoint_silence();
	EXPECT(!nr_armed(0) && hwbp_live());
	hw_breakpoint_silence();
	set(0, 1);
	reserve_and_set(1, 0, 2, 0);
	hw_breakpoint_unsilence();
	EXPECT(!watched(0, 0) && !watched(0, 1));
	hw_breakpoint_unsilence();
	EXPECT(watched(0, 1) && watched(0, 2));
	EXPECT_EQ(nr_armed(0), 2);

	hw_breakpoint_silence();
	release(0);
	release(1);
	hw_breakpoint_unsilence();
	EXPECT_EQ(nr_armed(0), 0);
	hw_breakpoint_silence();
	reserve_and_set(0, 0, 0, 0);
	hw_breakpoint_unsilence();
	EXPECT(watched(0, 0));
	release(0);
	regs_allow_same(false);
	local_irq_enable();
	expect_nothing_left();
}

/* Somebody else has the registers; a debugger sets, changes and releases. */
static void test_lend(void)
{
	local_irq_disable();
	regs_allow_same(true);
	reserve_and_set(0, 0, 0, 0);
	reserve_and_set(1, 0, 1, 0);
	hw_breakpoint_silence();
	hwbp_lend(NULL, 0);
	regs_scramble();
	hwbp_forget();
	regs_count_reset();
	set(0, 2);
	release(1);
	reserve_and_set(2, 0, 3, 0);
	hw_breakpoint_debug_sync();
	EXPECT(!regs_count().addr && !regs_count().ctrl);
	hwbp_take_back();
	hw_breakpoint_unsilence();
	EXPECT(watched(0, 2) && watched(0, 3));
	EXPECT_EQ(nr_armed(0), 2);

	/* and all goes while they are lent */
	hw_breakpoint_silence();
	hwbp_lend(NULL, 0);
	regs_scramble();
	hwbp_forget();
	release(0);
	release(2);
	hwbp_take_back();
	hw_breakpoint_unsilence();
	EXPECT_EQ(nr_armed(0), 0);
	/* nothing to be written back */
	hwbp_lend(NULL, 0);
	regs_scramble();
	hwbp_forget();
	hwbp_take_back();
	regs_allow_same(false);
	local_irq_enable();
	expect_nothing_left();
}

const struct test tests[] = {
	{ "on all CPUs",				test_all_cpus },
	{ "on one CPU",					test_one_cpu },
	{ "as many as there are slots",			test_full },
	{ "reservations that are refused",		test_reserve_refused },
	{ "aims that are refused",			test_set_refused },
	{ "what this layer needs is not watched",	test_own_data },
	{ "the same once more at once",			test_again },
	{ "CPUs that are down",				test_hotplug },
	{ "a CPU that is not online yet",		test_before_online },
#ifndef SHIM_ARM64
	{ "CPUs that start at boot",			test_early },
#endif
	{ "hits",					test_hits },
	{ "handlers that change what is going on",	test_handlers },
	{ "several hits at once",			test_several_hits },
	{ "a hit of perf's and a debugger's",		test_hit_with_event },
	{ "a hit of an instruction",			test_instruction },
	{ "a hit of what was released",			test_late_hit },
	{ "a hit of what is being changed",		test_hit_between },
	{ "holders",					test_holders },
	{ "the table of slots",				test_slots_table },
	{ "slots are taken and come back",		test_take },
	{ "whose slot is taken",			test_victim },
	{ "a hit in a slot that was taken",		test_hit_taken },
	{ "a slot is taken while it is free",		test_take_free },
	{ "no slot for a reservation",			test_miscounted },
	{ "perf wants less than was taken",		test_take_less },
	{ "an event changes that has lost its slot",	test_change_taken },
	{ "a group waits",				test_waits },
	{ "taken on the only CPU",			test_take_alone },
	{ "silence",					test_silence },
	{ "registers that are lent",			test_lend },
	{ }
};
