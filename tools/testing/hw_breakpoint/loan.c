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
		.attr.exclude_kernel = user_only >> i & 1,
		.hw.reservation = { .slot = -1, .held = true },
	};
	regs_attr(&host[i].attr, i);
	EXPECT_EQ(hw_breakpoint_arch_parse(&host[i], &host[i].attr, &hw), 0);
	hwbp_settle(&host[i], &hw);
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

static void check_host(int n)
{
	struct watch armed[REGS_MAX];
	int i, left = regs_armed(armed);

#ifndef SHIM_ARM64
	/* or the next #DB is taken for what was in a guest */
	if (left)
		EXPECT_EQ(regs_get_debugreg(6), DR6_RESERVED);
#endif
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
		EXPECT_EQ(this_cpu_read(hwbp_silence), 0);
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

static void test_encrypted(void)
{
#ifndef SHIM_ARM64
	struct guest g = { .encrypted = true };
	int i;

	local_irq_disable();
	for (i = 0; i < 8; i++) {
		install(i / 2);
		stepped_guest(&g);
		check_host(i / 2);
		uninstall(i / 2);
		stepped_guest(&g);
		check_host(0);
	}
	local_irq_enable();
#endif
}

/* What the shadow says without asking the hardware, and how to have it right again. */
static void test_contents(void)
{
	struct hwbp_image image;
	int slot;

	local_irq_disable();
	install(1);
	slot = host[0].hw.reservation.slot;
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

static void change_host(int *n)
{
	uninstall(*n);
	*n = random_below(HOST + 1);
	if (*n > hw_breakpoint_slots(TYPE_DATA))
		*n = hw_breakpoint_slots(TYPE_DATA);
	user_only = random_below(2) ? ~0 : random_below(16);
	install(*n);
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
	{ "an encrypted guest",				test_encrypted },
	{ "contents, and a refresh",			test_contents },
	{ "guests that share CPUs",			test_random },
	{ }
};
