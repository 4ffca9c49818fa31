// SPDX-License-Identifier: GPL-2.0
/*
 * Slots on loan to guests: what a round trip writes, and what is there after it.
 * regs_run_guest() checks what is there while the guest runs.
 */

#include "test.h"

#define HOST	4

static struct perf_event host[HOST];

/* Those of @host that count hits in user mode alone, when they are installed. */
static u32 user_only;

static void install_one(int i)
{
	struct arch_hw_breakpoint hw = { };

	host[i] = (struct perf_event) {
		SHIM_RESERVATION(host[i]),
		.attr.exclude_kernel = user_only >> i & 1,
		.shim_own.held = true,
	};
	regs_attr(&host[i].attr, i);
	EXPECT_EQ(hw_breakpoint_arch_parse(&host[i], &host[i].attr, &hw), 0);
	hwbp_set_info(&host[i], &hw);
	EXPECT_EQ(hwbp_add(&host[i], PERF_EF_START), 0);
}

static void install(int n)
{
	int i;

	for (i = 0; i < n; i++)
		install_one(i);
	hwbp_commit();
}

static void uninstall(int n)
{
	while (n--)
		hwbp_del(&host[n], 0);
	hwbp_commit();
}

/* Or the next #DB is taken for what was in a guest. */
static void check_dr6(int n)
{
#ifndef SHIM_ARM64
	if (n)
		EXPECT_EQ(regs_get_debugreg(6), DR6_RESERVED);
#endif
}

static void check_host(int n)
{
	struct watch armed[REGS_MAX];
	int i, left = regs_armed(armed);

	check_dr6(left);
	for (i = 0; i < n; i++) {
		struct watch w = regs_expected(&host[i].attr);

		take_out(armed, &left, &w);
	}
	EXPECT_EQ(left, 0);
}

/* After a guest, and until the vCPU is put: only the kernel runs. */
static void check_in_kernel(int n)
{
#ifndef SHIM_ARM64
	struct watch armed[REGS_MAX];
	bool all_user = true;
	int i;

	for (i = 0; i < n; i++)
		all_user &= host[i].attr.exclude_kernel;
	if (all_user) {
		EXPECT_EQ(regs_armed(armed), 0);
		return;
	}
#endif
	check_host(n);
}

/* Writes of one round trip, when others like it went before. */
static unsigned int steady(struct guest *g, int n)
{
	int i;

	for (i = 0; i < 3; i++) {
		regs_count_reset();
		stepped_guest(g);
		check_in_kernel(n);
	}
	return regs_count().master + regs_count().addr + regs_count().ctrl;
}

static unsigned int round_trip(int of_host, int of_guest)
{
	struct guest g;
	unsigned int writes;

	local_irq_disable();
	regs_guest(&g, of_guest);
	install(of_host);
	writes = steady(&g, of_host);
	stepped_put();
	check_host(of_host);
	uninstall(of_host);
	check_host(0);
	local_irq_enable();
	return writes;
}

/*
 * x86: DR7 off and on, where the host has any; those that fit beside each other stay.
 * arm64: each slot has an enable bit: of either side it is off while the other runs. A
 * guest with none has MDE off.
 */
static void test_writes(void)
{
#ifdef SHIM_ARM64
	static const int expected[3][3] = { { 0, 0, 0 }, { 0, 6, 8 }, { 0, 8, 10 } };
#else
	static const int expected[3][3] = { { 0, 0, 0 }, { 2, 2, 2 }, { 2, 2, 2 } };
#endif
	int h, g;

	if (hw_breakpoint_slots(TYPE_DATA) < 4)
		return;
	for (h = 0; h < 3; h++) {
		for (g = 0; g < 3; g++) {
			unsigned int n = round_trip(h, g);

			printf("# host %d, guest %d: %u writes\n", h, g, n);
			EXPECT_EQ(n, expected[h][g]);
		}
	}
}

#ifndef SHIM_ARM64
/* Nothing of the host's is switched on before the vCPU is put. */
static void test_user_only(void)
{
	struct guest g;
	int n, i;

	user_only = ~0;
	for (n = 0; n < 9; n++)
		EXPECT_EQ(round_trip(n / 3, n % 3), 0);
	/* More than fit: what the guest has displaced comes back all the same. */
	EXPECT_EQ(round_trip(4, 1), 2);

	local_irq_disable();
	regs_guest(&g, 0);
	install(2);
	for (i = 0; i < 3; i++) {
		regs_count_reset();
		stepped_guest(&g);
		stepped_guest(&g);
		stepped_put();
		check_host(2);
		stepped_put();
		EXPECT_EQ(regs_count().master, 2);
	}
	uninstall(2);
	user_only = 0;
	local_irq_enable();
}

/* An interrupt between two guests brings what counts in the kernel; and takes it away. */
static void test_kernel_comes(void)
{
	struct guest g;
	int i;

	local_irq_disable();
	regs_guest(&g, 1);
	for (i = 0; i < 2; i++) {
		user_only = 1;
		install(1);
		stepped_guest(&g);
		check_in_kernel(1);
		install_one(1);
		hwbp_commit();
		check_host(2);
		EXPECT_EQ(steady(&g, 2), 2);
		hwbp_del(&host[1], 0);
		hwbp_commit();
		check_host(1);
		EXPECT_EQ(steady(&g, 1), 0);
		/* nor does another of the same kind switch anything on */
		user_only = 3;
		install_one(1);
		hwbp_commit();
		check_in_kernel(2);
		uninstall(2);
		stepped_guest(&g);
		check_host(0);
		/* nothing is left to do at an exit */
		EXPECT_EQ(this_cpu_read(hwbp_silence), HWBP_GUESTS);
	}
	user_only = 0;
	local_irq_enable();
}

/* Whoever writes all registers finds, and leaves, DR7 off. */
static void test_deferred_restore(void)
{
	struct guest g;

	local_irq_disable();
	user_only = ~0;
	regs_guest(&g, 2);
	install(2);
	stepped_guest(&g);
	regs_allow_same(true);
	hw_breakpoint_refresh();
	check_in_kernel(2);
	hw_breakpoint_disable();
	regs_lose();
	hw_breakpoint_restore();
	check_in_kernel(2);
	regs_allow_same(false);
	stepped_put();
	check_host(2);
	uninstall(2);
	user_only = 0;
	local_irq_enable();
}
#endif

/* Those of the host that the guest's have displaced come back. */
static void test_displaced(void)
{
	struct guest g;
	int i, n = hw_breakpoint_slots(TYPE_DATA) < HOST ? hw_breakpoint_slots(TYPE_DATA) : HOST;

	local_irq_disable();
	for (i = 0; i <= n; i++) {
		regs_guest(&g, i);
		install(n);
		steady(&g, n);
		uninstall(n);
	}
	local_irq_enable();
}

/* It leaves in the registers what it likes; no address of the host's was there. */
static void test_owner(void)
{
	struct guest g;
	int i;

	local_irq_disable();
	install(2);
	for (i = 0; i < 20; i++) {
		regs_guest(&g, i % 3);
		g.owns = true;
		stepped_guest(&g);
		check_host(2);
	}
	uninstall(2);
	local_irq_enable();
}

#ifndef SHIM_ARM64
/*
 * APM vol. 2, 15.35: without DebugSwap nothing keeps the guest from reading DR0 to DR3.
 * They are 0, whatever the host had there; regs_run_guest() looks. Nobody knows what they
 * hold afterwards: what the host needs is written, and the zeroes before the next entry.
 */
static void test_encrypted(void)
{
	struct guest g = { .encrypted = true };
	int i;

	local_irq_disable();
	for (i = 0; i <= HOST; i++) {
		install(i);
		stepped_guest(&g);
		check_host(i);
		regs_count_reset();
		stepped_guest(&g);
		check_host(i);
		EXPECT_EQ(regs_count().addr, 4 + i);
		EXPECT_EQ(regs_count().master, i ? 2 : 0);
		uninstall(i);
		stepped_guest(&g);
		check_host(0);
	}
	local_irq_enable();
}

/* Nothing is lent, and after each exit what the host needs is written anew. */
static void test_switched(void)
{
	struct guest g = { .switched = true };
	int i, round;

	local_irq_disable();
	for (i = 0; i <= HOST; i++) {
		install(i);
		for (round = 0; round < 3; round++) {
			regs_count_reset();
			stepped_guest(&g);
			check_host(i);
			EXPECT_EQ(regs_count().addr, i);
			EXPECT_EQ(regs_count().master, i ? 2 : 0);
		}
		stepped_put();
		uninstall(i);
	}
	local_irq_enable();
}

/*
 * SDM vol. 3, 18.2.3: B0 to B3 may be set for registers that DR7 does not enable. The
 * guest is told of those that were its own while it ran, and of no other.
 */
static void test_told(void)
{
	struct guest g;
	unsigned int n;

	local_irq_disable();
	install(2);
	for (n = 0; n < 64; n++) {
		regs_guest(&g, n % 5);
		/* mov ss,[watched]; mov dr7,0: the #DB comes when nothing is enabled */
		g.owns = n & 32;
		g.hit = DR6_RESERVED | DR_STEP | 15;
		stepped_guest(&g);
		EXPECT_EQ(g.told & DR_TRAP_BITS, g.owns ? 15 : g.enabled);
		EXPECT_EQ(g.told | DR_TRAP_BITS, g.hit);
		/* nothing of it is left when it has none any more */
		g.enabled = 0;
		g.owns = false;
		stepped_guest(&g);
		EXPECT_EQ(g.told & DR_TRAP_BITS, 0);
		EXPECT_EQ(g.kept, 0);
	}
	uninstall(2);
	local_irq_enable();
}
#endif

/* Between entry and exit, and until the registers are the host's again, no hit is its. */
static void test_hits_while_lent(void)
{
	struct hwbp_image guest[HWBP_NR_SLOTS] = { };
	int i, slot;

	local_irq_disable();
	regs_allow_same(true);
	for (i = 0; i < 2; i++) {
		install(1);
		slot = hwbp_reservation(&host[0])->slot;
		EXPECT(hwbp_slot_owner(slot) == &host[0]);
		hw_breakpoint_silence();
#ifndef SHIM_ARM64
		/* there the slot is switched off, and takes no exception */
		hwbp_lend(guest, BIT(slot));
		EXPECT(!hwbp_slot_owner(slot));
#else
		hwbp_lend(guest, 0);
#endif
		regs_scramble();
		hwbp_forget();
		EXPECT(!hwbp_slot_owner(slot));
		hwbp_take_back();
		hw_breakpoint_unsilence();
		EXPECT(hwbp_slot_owner(slot) == &host[0]);
		uninstall(1);
	}
	regs_allow_same(false);
	local_irq_enable();
}

/* What the shadow says without asking the hardware, and how to have it right again. */
static void test_contents(void)
{
	struct hwbp_image image;
	int slot;

	local_irq_disable();
	install(1);
	slot = hwbp_reservation(&host[0])->slot;
	EXPECT(hw_breakpoint_contents(slot, &image));
	EXPECT_EQ(image.addr, host[0].attr.bp_addr);
	EXPECT(!hw_breakpoint_contents(-1, &image));
	EXPECT(!hw_breakpoint_contents(HWBP_NR_SLOTS, &image));
	regs_allow_same(true);
	hw_breakpoint_silence();
	regs_scramble();
	hwbp_forget();
	EXPECT(!hw_breakpoint_contents(slot, &image));
	hw_breakpoint_refresh();
	hw_breakpoint_unsilence();
	regs_allow_same(false);
	check_host(1);
	EXPECT(hw_breakpoint_contents(slot, &image));
	uninstall(1);
	local_irq_enable();
}

/* ---- tasks that die ---- */

/* How often this CPU has been healed, by the table. */
static unsigned int healed(void)
{
	char buf[256], line[16];
	unsigned int n = ~0;
	bool off = shim_irqs_off;
	char *at;

	/* A task reads the table, with interrupts on. */
	shim_irqs_off = false;
	shim_read("healed", buf, sizeof(buf), NULL);
	shim_irqs_off = off;
	snprintf(line, sizeof(line), "\n%d ", shim_cpu);
	at = strstr(buf, line);
	EXPECT(at && sscanf(at + strlen(line), "%u", &n) == 1);
	return n;
}

/* It is in @depth sections, in which somebody has written the registers. */
static void die_in_sections(unsigned int depth)
{
	while (depth--)
		hw_breakpoint_silence();
	regs_scramble();
}

/* The guest has all slots, and steps itself. */
static void die_in_loan(unsigned int unused)
{
	struct guest g;

	regs_guest(&g, hw_breakpoint_slots(TYPE_DATA));
	hw_breakpoint_silence();
	hwbp_lend(g.image, g.enabled);
#ifndef SHIM_ARM64
	set_debugreg(DR6_RESERVED | DR_STEP, 6);
#endif
}

/* A commit that is never through, and a slot that has been chosen. */
static void die_in_commit(unsigned int unused)
{
	this_cpu_write(hwbp_cpu.busy, true);
}

static void die_in_choice(unsigned int unused)
{
	this_cpu_write(hwbp_cpu.choosing, true);
}

#ifdef SHIM_ARM64
/* D2.13: nothing fires; nor does a task switch change it. */
static void die_masked(unsigned int unused)
{
	hw_breakpoint_silence();
	arch_hwbp_mask();
}
#else
/* On the way to another kernel, or to sleep. */
static void die_disabled(unsigned int unused)
{
	hw_breakpoint_disable();
}

/* A guest has run; the next entry was not through. */
static void die_deferred(unsigned int unused)
{
	struct guest g;

	regs_guest(&g, 1);
	stepped_guest(&g);
	hw_breakpoint_silence();
}

/* DR7 is about to be written, by the end of a section. */
static void die_ending(unsigned int unused)
{
	hw_breakpoint_silence();
	this_cpu_add(hwbp_silence, HWBP_ENDING - 1);
}
#endif

static const struct death {
	void		(*die)(unsigned int how);
	unsigned int	how;
} deaths[] = {
	{ die_in_sections, 1 },
	{ die_in_sections, 3 },
	{ die_in_loan },
	{ die_in_commit },
	{ die_in_choice },
#ifdef SHIM_ARM64
	{ die_masked },
#else
	{ die_disabled },
	{ die_deferred },
	{ die_ending },
#endif
};

static void die(const struct death *d, int n)
{
	unsigned int before = healed();

	install(n);
	d->die(d->how);
	hw_breakpoint_heal();
	check_host(n);
	EXPECT(!regs_masked());
	/* and nothing is left for the next */
	hw_breakpoint_heal();
	EXPECT_EQ(healed(), before + 1);
	stepped_restore();
	check_host(n);
	uninstall(n);
	check_host(0);
}

static void test_death(void)
{
	int i, n;

	local_irq_disable();
	/* Nothing is believed of what the registers hold. */
	regs_allow_same(true);
	for (i = 0; i < ARRAY_SIZE(deaths); i++) {
		for (n = 0; n <= 2; n++) {
			user_only = n & 1 ? ~0 : 0;
			die(&deaths[i], n);
		}
	}
	regs_allow_same(false);
	user_only = 0;
	local_irq_enable();
}

/* Most tasks that exit are in the middle of nothing. */
static void test_quiet_death(void)
{
	struct guest g;
	unsigned int before, i;

	local_irq_disable();
	before = healed();
	for (i = 0; i < 8; i++) {
		user_only = i & 4 ? ~0 : 0;
		install(i & 1);
		regs_guest(&g, i >> 1 & 1);
		stepped_guest(&g);
		regs_count_reset();
		hw_breakpoint_heal();
		EXPECT_EQ(regs_count().master + regs_count().addr + regs_count().ctrl, 0);
		check_in_kernel(i & 1);
		stepped_put();
		check_host(i & 1);
		uninstall(i & 1);
	}
	EXPECT_EQ(healed(), before);
	user_only = 0;
	local_irq_enable();
}

static void ignore_hit(struct hw_breakpoint_debug *bp, struct pt_regs *regs, int slot,
		       unsigned int flags)
{
}

/* What a debugger has asked for in the loan is there after it. */
static void test_debugger_waits(void)
{
	struct hw_breakpoint_debug bp = { .owner = "debugger", .hit = ignore_hit };
	struct watch armed[REGS_MAX], expected;
	struct perf_event_attr attr;
	int left;

	regs_kernel_attr(&attr, 0);
	local_irq_disable();
	regs_allow_same(true);
	die_in_loan(0);
	EXPECT_EQ(hw_breakpoint_debug_reserve(&bp, 0, attr.bp_type, 0), 0);
	EXPECT_EQ(hw_breakpoint_debug_set(&bp, attr.bp_addr, attr.bp_len, attr.bp_type), 0);
	EXPECT_EQ(regs_armed(armed), 0);
	hw_breakpoint_heal();
	left = regs_armed(armed);
	expected = regs_expected(&attr);
	take_out(armed, &left, &expected);
	EXPECT_EQ(left, 0);
	hw_breakpoint_debug_release(&bp);
	EXPECT_EQ(regs_armed(armed), 0);
	regs_allow_same(false);
	local_irq_enable();
}

static void change_host(int *n)
{
	uninstall(*n);
	*n = random_below(HOST + 1);
	if (*n > hw_breakpoint_slots(TYPE_DATA))
		*n = hw_breakpoint_slots(TYPE_DATA);
	user_only = random_below(2) ? ~0 : random_below(16);
	install(*n);
	check_dr6(*n);
}

static void check_told(const struct guest *g)
{
#ifndef SHIM_ARM64
	EXPECT_EQ(g->told, g->owns || g->encrypted ? g->hit : g->hit & g->enabled);
#endif
}

/* Host and guests of two VMs, whose vCPUs move between CPUs. */
static void test_random(void)
{
	struct guest g[3];
	unsigned long step;
	int n = 0, i;

	for (i = 0; i < 3; i++)
		regs_random_guest(&g[i]);
	local_irq_disable();
	for (step = 0; step < test_steps; step++) {
		i = random_below(3);
		if (!random_below(8))
			regs_random_guest(&g[i]);
		if (!random_below(8))
			change_host(&n);
		stepped_guest(&g[i]);
		check_in_kernel(n);
		check_told(&g[i]);
		if (random_below(4))
			continue;
		stepped_put();
		check_host(n);
		if (!random_below(4)) {
			uninstall(n);
			n = 0;
			shim_cpu = random_below(nr_cpu_ids);
		}
	}
	stepped_put();
	uninstall(n);
	user_only = 0;
	shim_cpu = 0;
	local_irq_enable();
}

const struct test tests[] = {
	{ "registers written in a round trip",		test_writes },
#ifndef SHIM_ARM64
	{ "breakpoints of user space alone",		test_user_only },
	{ "and one of the kernel's comes",		test_kernel_comes },
	{ "and all registers are written",		test_deferred_restore },
#endif
	{ "more than fit side by side",			test_displaced },
	{ "a guest that owns the registers",		test_owner },
#ifndef SHIM_ARM64
	{ "an encrypted guest",				test_encrypted },
	{ "a guest with registers of its own",		test_switched },
	{ "what a guest may see of DR6",		test_told },
#endif
	{ "a hit while the registers are lent",		test_hits_while_lent },
	{ "contents, and a refresh",			test_contents },
	{ "a task dies in the middle of nothing",	test_quiet_death },
	{ "guests that share CPUs",			test_random },
	/* after these it is not known what registers hold */
	{ "a task dies in the middle of it",		test_death },
	{ "and a debugger has been waiting",		test_debugger_waits },
	{ }
};
