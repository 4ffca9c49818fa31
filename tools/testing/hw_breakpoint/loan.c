// SPDX-License-Identifier: GPL-2.0
/*
 * Slots on loan to guests: what a round trip writes, and what is there after it.
 * regs_run_guest() checks what is there while the guest runs.
 */

#include "test.h"

#define HOST	4

static struct perf_event host[HOST];

static void install(int n)
{
	struct arch_hw_breakpoint hw = { };
	int i;

	for (i = 0; i < n; i++) {
		host[i] = (struct perf_event) {
			.hw.reservation = { .slot = -1, .held = true },
		};
		regs_attr(&host[i].attr, i);
		EXPECT_EQ(hw_breakpoint_arch_parse(&host[i], &host[i].attr, &hw), 0);
		hwbp_settle(&host[i], &hw);
		EXPECT_EQ(hwbp_add(&host[i], PERF_EF_START), 0);
	}
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

/* Writes of one round trip, when others like it went before. */
static unsigned int steady(struct guest *g, int n)
{
	int i;

	for (i = 0; i < 3; i++) {
		regs_count_reset();
		stepped_guest(g);
		check_host(n);
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
	hwbp_lost();
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
		check_host(n);
		if (!random_below(16)) {
			uninstall(n);
			n = 0;
			shim_cpu = random_below(nr_cpu_ids);
		}
	}
	uninstall(n);
	shim_cpu = 0;
	local_irq_enable();
}

const struct test tests[] = {
	{ "registers written in a round trip",		test_writes },
	{ "more than fit side by side",			test_displaced },
	{ "a guest that owns the registers",		test_owner },
	{ "an encrypted guest",				test_encrypted },
	{ "contents, and a refresh",			test_contents },
	{ "guests that share CPUs",			test_random },
	{ }
};
