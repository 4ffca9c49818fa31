// SPDX-License-Identifier: GPL-2.0
/*
 * x86: debug registers that a guest and its debugger share. All that either may set of four
 * watches, in any registers, and every DR6 that could come of it; compared with what each of the
 * two would have if it were alone.
 */

#include "test.h"
#include "../../../arch/x86/kvm/hw_breakpoint_share.h"

#define REGS	4
#define WATCHES	4	/* and 0: the register is off */
#define SETS	625	/* (WATCHES + 1) to the power of REGS */

/* R/W and LEN in DR7, and the address */
static const struct {
	unsigned long addr, kind;
} watches[WATCHES] = { { 0x1000, 0x1 }, { 0x1000, 0xd }, { 0x2000, 0x1 },
	{ 0x2000, 0x0 } };

/**
 * struct set - what one of the two has set
 * @watch: for each register 0, or the number of a watch and one more
 * @db: DR0 to DR3
 * @dr7: DR7
 */
struct set {
	unsigned int	watch[REGS];
	unsigned long	db[REGS];
	unsigned long	dr7;
};

static struct set sets[SETS];
static const struct set *guest, *debugger;
static struct kvm_debug_share share;
static unsigned int kept;	/* registers for debuggers */

/* What is off has an address all the same, and a kind. Either enable bit will do, or both. */
static void make_set(struct set *set, unsigned int number)
{
	unsigned int i;

	set->dr7 = DR7_FIXED_1;
	for (i = 0; i < REGS; i++, number /= WATCHES + 1) {
		unsigned int w = number % (WATCHES + 1);

		set->watch[i] = w;
		set->db[i] = watches[(w ? w - 1 : i) % WATCHES].addr;
		set->dr7 |= watches[(w ? w - 1 : i) % WATCHES].kind << (16 + 4 * i);
		if (w)
			set->dr7 |= (unsigned long)(1 + i % 3) << 2 * i;
	}
}

static void share_them(void)
{
	struct kvm_debug_set g = { .db = guest->db, .dr7 = guest->dr7 };
	struct kvm_debug_set d = { .db = debugger->db, .dr7 = debugger->dr7 };

	kvm_share_debug_regs(&g, &d, kept, &share);
}

static void for_all_sets(void (*fn)(void))
{
	unsigned int g, d;

	for (g = 0; g < SETS; g++) {
		for (d = 0; d < SETS; d++) {
			guest = &sets[g];
			debugger = &sets[d];
			share_them();
			fn();
		}
	}
}

static void for_all(void (*fn)(void))
{
	unsigned int g;

	for (g = 0; g < SETS; g++)
		make_set(&sets[g], g);
	for (kept = 0; kept <= REGS; kept++)
		for_all_sets(fn);
	kept = 0;
}

/* What register @i watches for the hardware: 0, or the number of a watch and one more */
static unsigned int watched_by(unsigned int i)
{
	unsigned int w;

	if (!(share.dr7 >> 2 * i & 3))
		return 0;
	for (w = 0; w < WATCHES; w++) {
		if (share.db[i] == watches[w].addr &&
		    (share.dr7 >> (16 + 4 * i) & 15) == watches[w].kind)
			return w + 1;
	}
	FAIL("register %u watches what nobody has set", i);
	return 0;
}

static unsigned int set_to(const struct set *set, unsigned int w)
{
	unsigned int i, in = 0;

	for (i = 0; i < REGS; i++)
		in |= (set->watch[i] == w) << i;
	return in;
}

static unsigned int enabled_by(const struct set *set)
{
	return 15 & ~set_to(set, 0);
}

/* Each access hits what each of the two would hit alone, but for what rests. */
static void check_meaning(void)
{
	unsigned long guests, debuggers, hits;
	unsigned int i, w;

	EXPECT_EQ(share.guests & share.rest, 0);
	EXPECT_EQ(share.guests | share.rest, enabled_by(guest));
	for (w = 1; w <= WATCHES; w++) {
		hits = 0;
		for (i = 0; i < REGS; i++)
			hits |= (unsigned long)(watched_by(i) == w) << i;
		kvm_split_hits(&share, hits, &guests, &debuggers);
		EXPECT_EQ(guests, set_to(guest, w) & ~share.rest);
		EXPECT_EQ(debuggers, set_to(debugger, w));
	}
}

static void test_meaning(void)
{
	for_all(check_meaning);
}

/* What is the same for both takes one register, which is the debugger's as well. */
static unsigned int for_both(void)
{
	unsigned int w, n = 0;

	for (w = 1; w <= WATCHES; w++)
		n += set_to(guest, w) && set_to(debugger, w);
	return n;
}

static unsigned int debuggers_registers(void)
{
	unsigned int i, n = for_both();

	for (i = 0; i < REGS; i++)
		n += debugger->watch[i] && !set_to(guest, debugger->watch[i]);
	return n;
}

/* Registers that are needed, with those that are kept */
static unsigned int needed(void)
{
	return hweight8(enabled_by(guest)) - for_both() + max(debuggers_registers(), kept);
}

/* No more rest than have to: the highest of those that hold for one alone. */
static void check_rest(void)
{
	unsigned int need = needed(), i, both = 0;

	EXPECT_EQ(hweight8(share.rest), need > REGS ? need - REGS : 0);
	for (i = 0; i < REGS; i++) {
		if (debugger->watch[i])
			both |= BIT(share.place[i]);
	}
	for (i = 0; i < REGS; i++) {
		if (share.rest >> i & 1)
			EXPECT_EQ(share.guests & ~both & ~(BIT(i) - 1), 0);
	}
}

static void test_rest(void)
{
	for_all(check_rest);
}

/* A step that ends at an instruction with a breakpoint has not hit it yet. */
static void check_step(unsigned long hits)
{
	unsigned long data = 0, guests, debuggers, of_data, debuggers_of_data;
	unsigned int i;

	for (i = 0; i < REGS; i++)
		data |= watched_by(i) && watches[watched_by(i) - 1].kind & 3 ? BIT(i) : 0;
	kvm_split_hits(&share, hits | DR_STEP, &guests, &debuggers);
	kvm_split_hits(&share, hits & data, &of_data, &debuggers_of_data);
	EXPECT_EQ(guests, of_data);
	EXPECT_EQ(debuggers, debuggers_of_data);
}

/* Of all that DR6 may say no bit is seen by somebody who has not set it, or by nobody who has. */
static void check_bits(void)
{
	unsigned long hits, guests, debuggers;
	unsigned int i;

	for (hits = 0; hits < BIT(REGS); hits++) {
		kvm_split_hits(&share, hits, &guests, &debuggers);
		EXPECT_EQ(guests, hits & share.guests);
		for (i = 0; i < REGS; i++) {
			bool wanted = debugger->watch[i] && hits & BIT(share.place[i]);

			EXPECT_EQ(debuggers >> i & 1, wanted);
		}
		check_step(hits);
	}
}

static void test_bits(void)
{
	for_all(check_bits);
}

/* A debugger alone finds its own as if it had the registers for itself; and so does a guest. */
static void check_alone(void)
{
	unsigned int i;

	for (i = 0; i < REGS; i++) {
		if (!enabled_by(guest) && debugger->watch[i])
			EXPECT_EQ(share.place[i], i);
		if (!enabled_by(debugger))
			EXPECT_EQ(share.db[i], guest->db[i]);
		if (!(share.dr7 >> 2 * i & 3))
			EXPECT_EQ(share.db[i], guest->db[i]);
	}
}

static void test_alone(void)
{
	for_all(check_alone);
}

/* LE, GE, RTM and GD are the guest's. */
static void test_whole(void)
{
	struct set g, d;
	unsigned int bits;

	guest = &g;
	debugger = &d;
	for (bits = 0; bits < 256; bits++) {
		make_set(&g, 1);
		make_set(&d, 2);
		g.dr7 = (g.dr7 & ~0xff00ul) | bits << 8;
		d.dr7 |= ~bits << 8 & 0xff00;
		share_them();
		EXPECT_EQ(share.dr7 & 0xff00, (bits << 8) | DR7_FIXED_1);
	}
}

/* Each kind in each register, enabled or not */
static void test_valid(void)
{
	unsigned int i, kind, on;

	for (i = 0; i < REGS; i++) {
		for (kind = 0; kind < 16; kind++) {
			bool io = (kind & 3) == 2, odd = !(kind & 3) && kind;

			for (on = 0; on < 4; on++)
				EXPECT_EQ(kvm_debuggers_dr7_valid((u64)kind << (16 + 4 * i) |
								  (u64)on << 2 * i),
					  !on || !(io || odd));
		}
	}
	EXPECT(!kvm_debuggers_dr7_valid(BIT(13)));
	EXPECT(!kvm_debuggers_dr7_valid(BIT(32)));
	EXPECT(kvm_debuggers_dr7_valid(DR7_FIXED_1 | 0x300));
}

const struct test tests[] = {
	{ "each hits what it would hit alone",		test_meaning },
	{ "what rests",					test_rest },
	{ "every DR6",					test_bits },
	{ "one of the two alone",			test_alone },
	{ "bits of no register",			test_whole },
	{ "what a debugger may set",			test_valid },
	{ }
};
