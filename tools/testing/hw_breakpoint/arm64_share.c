// SPDX-License-Identifier: GPL-2.0
/*
 * arm64: debug registers that a guest and its debugger share. Every pair of sets that the two may
 * have enabled, where there are few registers, and every pair of numbers where there are many;
 * whose each hit is; and what becomes of a vCPU that has had one.
 */

#include "test.h"
#include "../../../arch/arm64/kvm/hw_breakpoint.h"
#include "../../../arch/arm64/kvm/hw_breakpoint_share.h"
#include "../../../arch/arm64/kvm/hw_breakpoint_step.h"

#define E		BIT(0)
#define EL1		BIT(1)
#define EL0		BIT(2)
#define STORE		BIT(4)
#define LOAD		BIT(3)
#define BCR		(0xful << 5 | EL1 | EL0)
#define WCR		(0xfful << 5 | EL1 | EL0 | STORE)
#define LINKED_ADDRESS	BIT(20)
#define LINKED_CONTEXT	(3ul << 20)
#define LBN(n)		((u64)(n) << 16)

#define GUEST_AT	0x10000
#define DEBUGGER_AT	0x20000

#define ISS_WNR		BIT(6)
#define ISS_WPTV	BIT(17)
#define ISS_WPT(n)	((u64)(n) << 18)

static struct kvm_guest_debug_arch guest, debugger;
static struct kvm_debug_share share;

static unsigned int brps(void)
{
	return hw_breakpoint_slots(TYPE_INST);
}

static unsigned int wrps(void)
{
	return hw_breakpoint_slots(TYPE_DATA);
}

static u32 slots(void)
{
	return (BIT(brps()) - 1) | (BIT(wrps()) - 1) << ARM_MAX_BRP;
}

/* Each has its own words and instructions, by number. */
static void set(struct kvm_guest_debug_arch *regs, u32 on, u64 at)
{
	int i;

	for (i = 0; i < ARM_MAX_BRP; i++) {
		regs->dbg_bvr[i] = at + 0x100 * i;
		regs->dbg_bcr[i] = BCR | (on >> i & 1);
		regs->dbg_wvr[i] = at + 0x8000 + 0x100 * i;
		regs->dbg_wcr[i] = WCR | (on >> (ARM_MAX_BRP + i) & 1);
	}
}

static void share_them(void)
{
	share.guest = (struct kvm_debug_set) {
		.regs = &guest, .slots = ~0u, .on = true, .el1 = true,
	};
	share.debugger = (struct kvm_debug_set) {
		.regs = &debugger, .slots = ~0u, .on = true, .el1 = true,
	};
	kvm_share_debug_regs(&share, slots());
}

static void set_both(u32 g, u32 d)
{
	set(&guest, g, GUEST_AT);
	set(&debugger, d, DEBUGGER_AT);
	share_them();
}

static u64 address(int slot, u64 at)
{
	return at + (slot < ARM_MAX_BRP ? 0x100 * slot : 0x8000 + 0x100 * (slot - ARM_MAX_BRP));
}

static void check_places(u32 g, u32 d)
{
	u32 placed = 0, left;

	EXPECT_EQ(share.debuggers, d);
	for (left = d; left; left &= left - 1) {
		int n = __ffs(left), slot = share.place[n];

		EXPECT(slots() & BIT(slot) && n / ARM_MAX_BRP == slot / ARM_MAX_BRP);
		EXPECT(!((placed | share.guests) & BIT(slot)));
		EXPECT(slot == n || share.guests & BIT(n));
		EXPECT_EQ(kvm_shared_slot(&share, slot).addr, address(n, DEBUGGER_AT));
		EXPECT_EQ(kvm_debuggers_number(&share, slot), n);
		placed |= BIT(slot);
	}
	EXPECT_EQ(share.placed, placed);
	for (left = share.guests; left; left &= left - 1)
		EXPECT_EQ(kvm_shared_slot(&share, __ffs(left)).addr,
			  address(__ffs(left), GUEST_AT));
}

/* Of one kind */
static void check_rest(u32 g, u32 d, u32 pool)
{
	int over = hweight32(g & pool) + hweight32(d & pool) - hweight32(pool);
	u32 rest = share.rest & pool, kept = share.guests & pool;

	EXPECT_EQ(hweight32(rest), over > 0 ? over : 0);
	EXPECT_EQ(rest | kept, g & pool);
	EXPECT(!rest || !kept || __ffs(rest) > __fls(kept));
}

static void check_pair(u32 g, u32 d)
{
	set_both(g, d);
	check_places(g, d);
	check_rest(g, d, slots() & 0xffff);
	check_rest(g, d, slots() & 0xffff0000);
}

/* @n of the lowest @of bits, by chance */
static u32 some(unsigned int n, unsigned int of)
{
	u32 bits = 0;

	while (hweight32(bits) < n)
		bits |= BIT(random_below(of));
	return bits;
}

static void check_all_sets(unsigned int of, unsigned int shift)
{
	u32 g, d;

	for (g = 0; g < BIT(of); g++) {
		for (d = 0; d < BIT(of); d++)
			check_pair(g << shift, d << shift);
	}
}

static void check_all_numbers(unsigned int of, unsigned int shift)
{
	unsigned int g, d, i;

	for (g = 0; g <= of; g++) {
		for (d = 0; d <= of; d++) {
			for (i = 0; i < 20; i++)
				check_pair(some(g, of) << shift, some(d, of) << shift);
		}
	}
}

static void test_places(void)
{
	unsigned int i;

	(brps() > 6 ? check_all_numbers : check_all_sets)(brps(), 0);
	(wrps() > 6 ? check_all_numbers : check_all_sets)(wrps(), ARM_MAX_BRP);
	for (i = 0; i < test_steps; i++)
		check_pair(some(random_below(brps() + 1), brps()) |
			   some(random_below(wrps() + 1), wrps()) << ARM_MAX_BRP,
			   some(random_below(brps() + 1), brps()) |
			   some(random_below(wrps() + 1), wrps()) << ARM_MAX_BRP);
}

/* What is linked to a context that rests does so, too; nothing is linked to the debugger's. */
static void test_links(void)
{
	unsigned int last = brps() - 1, n;

	for (n = 0; n <= brps(); n++) {
		set(&guest, BIT(last) | BIT(0) | BIT(ARM_MAX_BRP), GUEST_AT);
		set(&debugger, BIT(n) - 1, DEBUGGER_AT);
		guest.dbg_bcr[last] |= LINKED_CONTEXT;
		guest.dbg_bcr[0] |= LINKED_ADDRESS | LBN(last);
		guest.dbg_wcr[0] |= LINKED_ADDRESS | LBN(last);
		share_them();
		if (n + 2 <= brps())
			EXPECT_EQ(share.rest, 0);
		else
			EXPECT_EQ(share.rest, BIT(last) | BIT(0) | BIT(ARM_MAX_BRP));
	}
	/* To one that is off: it is never hit, whoever has that register, and nobody is told. */
	set(&guest, BIT(0), GUEST_AT);
	set(&debugger, BIT(last), DEBUGGER_AT);
	guest.dbg_bcr[0] |= LINKED_ADDRESS | LBN(last);
	share_them();
	EXPECT_EQ(share.guests | share.rest, 0);
}

/* What KDE masks is not there, but for contexts that others are linked to. */
static void test_kde(void)
{
	unsigned int last = brps() - 1;

	set(&guest, BIT(0) | BIT(last) | 3 << ARM_MAX_BRP, GUEST_AT);
	set(&debugger, 0, DEBUGGER_AT);
	guest.dbg_bcr[last] |= LINKED_CONTEXT;
	guest.dbg_bcr[last] &= ~EL0;
	guest.dbg_wcr[0] &= ~EL0;
	share.guest = (struct kvm_debug_set) { .regs = &guest, .slots = ~0u, .on = true };
	share.debugger = (struct kvm_debug_set) { .regs = &debugger, .slots = ~0u };
	kvm_share_debug_regs(&share, slots());
	EXPECT_EQ(share.guests, BIT(0) | BIT(last) | BIT(ARM_MAX_BRP + 1));
	EXPECT_EQ(kvm_shared_slot(&share, 0).ctrl & (EL1 | EL0), EL0);
	EXPECT_EQ(kvm_shared_slot(&share, last).ctrl & (EL1 | EL0), EL1);
	share.guest.on = false;
	kvm_share_debug_regs(&share, slots());
	EXPECT_EQ(share.guests | share.rest, 0);
}

/* ---- whose is a hit? ---- */

static void test_breaks(void)
{
	u32 all = BIT(brps()) - 1, g, d;
	unsigned int i;

	for (i = 0; i < 100; i++) {
		struct kvm_debug_hit hit = { .el1 = i & 1 };
		u32 left;

		g = some(random_below(brps() + 1), brps());
		d = some(random_below(brps() + 1), brps());
		set_both(g, d);
		for (left = all; left; left &= left - 1) {
			hit.pc = address(__ffs(left), DEBUGGER_AT);
			EXPECT_EQ(kvm_break_hit(&share, &hit),
				  d & BIT(__ffs(left)) ? share.place[__ffs(left)] : -1);
			hit.pc = address(__ffs(left), GUEST_AT);
			EXPECT_EQ(kvm_break_hit(&share, &hit), -1);
		}
	}
	/* At another level it does not match. */
	set_both(0, 1);
	debugger.dbg_bcr[0] &= ~EL0;
	EXPECT_EQ(kvm_break_hit(&share, &(struct kvm_debug_hit){ .pc = DEBUGGER_AT }), -1);
	EXPECT_EQ(kvm_break_hit(&share, &(struct kvm_debug_hit){ .pc = DEBUGGER_AT, .el1 = true }),
		  0);
}

static void expect_watch(u64 far, u64 esr, int slot)
{
	struct kvm_debug_hit hit = { .far = far, .esr = esr, .el1 = true };

	EXPECT_EQ(kvm_watch_hit(&share, &hit), slot);
}

/* Where FAR is in what is watched, below it or above: the nearest, and the one for the access */
static void test_watches(void)
{
	int g = ARM_MAX_BRP, d = ARM_MAX_BRP + 1;

	set_both(BIT(g), BIT(d));
	guest.dbg_wvr[0] = 0x1000;
	debugger.dbg_wvr[1] = 0x2000;
	expect_watch(0x1000, ISS_WNR, g);
	expect_watch(0x1007, ISS_WNR, g);
	expect_watch(0x0ff0, ISS_WNR, g);
	expect_watch(0x1ff0, ISS_WNR, d);
	expect_watch(0x2008, ISS_WNR, d);
	/* a range of 4 KB */
	guest.dbg_wcr[0] |= 12 << 24;
	expect_watch(0x1ff0, ISS_WNR, g);
	expect_watch(0x2008, ISS_WNR, d);
	/* some bytes of the same word, and all of it: the debugger comes first */
	guest.dbg_wcr[0] = (WCR & ~(0xfful << 5)) | 0x3c << 5 | E;
	guest.dbg_wvr[0] = 0x2000;
	expect_watch(0x2004, ISS_WNR, d);
	debugger.dbg_wcr[1] = (WCR & ~(0xfful << 5)) | 0x3 << 5 | E;
	expect_watch(0x2004, ISS_WNR, g);
	expect_watch(0x2001, ISS_WNR, d);
	/* one for loads and one for stores */
	guest.dbg_wcr[0] = (WCR ^ LOAD ^ STORE) | E;
	debugger.dbg_wcr[1] = WCR | E;
	expect_watch(0x2000, 0, g);
	expect_watch(0x2000, ISS_WNR, d);
	/*
	 * a store of two words, of which the first is watched for loads; and a load that an
	 * emulator calls a store, while what is watched for stores is elsewhere
	 */
	debugger.dbg_wcr[1] = (WCR ^ LOAD ^ STORE) | E;
	guest.dbg_wcr[0] = WCR | E;
	guest.dbg_wvr[0] = 0x2008;
	expect_watch(0x2000, ISS_WNR, g);
	guest.dbg_wvr[0] = 0x4000;
	expect_watch(0x2000, ISS_WNR, d);
	guest.dbg_wvr[0] = 0x2000;
	debugger.dbg_wcr[1] = WCR | E;
	/* the syndrome knows */
	expect_watch(0x2000, ISS_WNR | ISS_WPTV | ISS_WPT(0), g);
	expect_watch(0x9000, ISS_WPTV | ISS_WPT(1), d);
}

/* An access at EL1 may be unprivileged, and then hits what is watched at EL0. */
static void test_unprivileged(void)
{
	int g = ARM_MAX_BRP, d = ARM_MAX_BRP + 1;
	struct kvm_debug_hit user = { .far = 0x2000, .esr = ISS_WNR };

	set_both(BIT(g), BIT(d));
	guest.dbg_wvr[0] = 0x1000;
	guest.dbg_wcr[0] = (WCR & ~EL1) | E;
	debugger.dbg_wvr[1] = 0x2000;
	expect_watch(0x1000, ISS_WNR, g);
	expect_watch(0x2000, ISS_WNR, d);
	debugger.dbg_wcr[1] = (WCR & ~EL1) | E;
	expect_watch(0x2000, ISS_WNR, d);
	/* one for each level, at the same word */
	guest.dbg_wvr[0] = 0x2000;
	guest.dbg_wcr[0] = (WCR & ~EL0) | E;
	expect_watch(0x2000, ISS_WNR, g);
	EXPECT_EQ(kvm_watch_hit(&share, &user), d);
	guest.dbg_wcr[0] = WCR | E;
	EXPECT_EQ(kvm_watch_hit(&share, &user), d);
	/* for a level that it was not, there is none */
	set_both(BIT(g), 0);
	guest.dbg_wcr[0] = (WCR & ~EL0) | E;
	EXPECT_EQ(kvm_watch_hit(&share, &user), -1);
}

/* The debugger's own number takes the place of the register's. */
static void test_number(void)
{
	set_both(BIT(ARM_MAX_BRP), BIT(ARM_MAX_BRP));
	EXPECT_EQ(kvm_debuggers_esr(&share, ISS_WPTV | ISS_WPT(wrps() - 1) | ISS_WNR,
				    share.place[ARM_MAX_BRP]), ISS_WPTV | ISS_WNR);
	EXPECT_EQ(kvm_debuggers_esr(&share, ISS_WPT(1), share.place[ARM_MAX_BRP]), ISS_WPT(1));
}

/* ---- what may a debugger have? ---- */

static bool may(u64 addr, u64 bcr, u64 wcr)
{
	struct kvm_guest_debug_arch regs = { };

	regs.dbg_bvr[1] = addr;
	regs.dbg_bcr[1] = bcr;
	regs.dbg_wvr[1] = addr;
	regs.dbg_wcr[1] = wcr;
	return !kvm_unshared_slots(&regs, slots());
}

static void test_valid(void)
{
	struct kvm_guest_debug_arch regs;
	unsigned int i;

	EXPECT(may(0x1000, BCR | E, WCR | E));
	EXPECT(may(0xffff800000001000, BCR | E, WCR | E));
	EXPECT(!may(0x0080000000001000, BCR | E, 0));
	EXPECT(!may(0x0080000000001000, 0, WCR | E));
	EXPECT(may(0x0080000000001000, 0, 0));
	for (i = 20; i < 24; i++)
		EXPECT(!may(0x1000, BCR | E | BIT(i), 0));
	EXPECT(!may(0x1000, 0, WCR | E | BIT(20)));
	for (i = 13; i < 16; i++) {
		EXPECT(!may(0x1000, BCR | E | BIT(i), 0));
		EXPECT(!may(0x1000, 0, WCR | E | BIT(i)));
	}
	/* which bytes, of an instruction and of a word */
	for (i = 0; i < 16; i++)
		EXPECT_EQ(may(0x1000, (BCR & ~(0xful << 5)) | i << 5 | E, 0),
			  i == 3 || i == 12 || i == 15);
	for (i = 0; i < 256; i++)
		EXPECT_EQ(may(0x1000, 0, (WCR & ~(0xfful << 5)) | i << 5 | E), i != 0);
	for (i = 0; i < KVM_SHARED_SLOTS; i++) {
		set(&regs, BIT(i), DEBUGGER_AT);
		EXPECT_EQ(kvm_unshared_slots(&regs, slots()), BIT(i) & ~slots());
	}
}

/* ---- a vCPU ---- */

#define EC(ec)		((u64)(ec) << ESR_ELx_EC_SHIFT)
#define PSTATE_EL1	5
#define SHARED		(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SHARE_HW | KVM_GUESTDBG_USE_HW)

static struct kvm kvm;
static struct kvm_vcpu vcpu;
static struct kvm_run run;

static void begin_vcpu(unsigned long control)
{
	kvm.dfr0 = shim_dfr0;
	vcpu = (struct kvm_vcpu) {
		.kvm = &kvm, .run = &run, .initialized = true,
		.cpu = -1, .cpsr = PSTATE_EL1 | DBG_SPSR_SS,
	};
	run = (struct kvm_run) { };
	set(&vcpu.arch.vcpu_debug_state, BIT(0) | BIT(ARM_MAX_BRP), GUEST_AT);
	set(&vcpu.arch.external_debug_state, BIT(1) | BIT(ARM_MAX_BRP + 1), DEBUGGER_AT);
	vcpu.arch.sys_regs[MDSCR_EL1] = MDSCR_EL1_MDE | MDSCR_EL1_KDE;
	vcpu.arch.guest_debug_preserved.mdscr_el1 = MDSCR_EL1_MDE | MDSCR_EL1_KDE;
	kvm_arm_begin_debug(&vcpu, control);
}

static u64 ctrl(const struct kvm_guest_debug_arch *regs, int slot)
{
	return slot < ARM_MAX_BRP ? regs->dbg_bcr[slot] : regs->dbg_wcr[slot - ARM_MAX_BRP];
}

/* Whatever is in the others: what can be shared is as it was, and nothing else is enabled. */
static void check_unshared(void)
{
	struct kvm_guest_debug dbg = { .control = SHARED };
	struct kvm_guest_debug_arch before;
	u32 unshared;
	int i;

	for (i = 0; i < (int)sizeof(before); i++)
		((u8 *)&before)[i] = random_below(256);
	before.dbg_bvr[1] = 0x1000;
	before.dbg_bcr[1] = BCR | E;
	dbg.arch = before;
	unshared = kvm_unshared_slots(&before, slots());
	EXPECT(!(unshared & BIT(1)));
	EXPECT_EQ(kvm_arm_may_share_debug_regs(&vcpu, &dbg), !unshared);
	kvm_arch_leave_unshared(&dbg);
	EXPECT(kvm_arm_may_share_debug_regs(&vcpu, &dbg));
	for (i = 0; i < KVM_SHARED_SLOTS; i++)
		EXPECT_EQ(ctrl(&dbg.arch, i), unshared & BIT(i) ? 0 : ctrl(&before, i));
}

static void test_unshared(void)
{
	int n;

	begin_vcpu(0);
	for (n = 0; n < 1000; n++)
		check_unshared();
}

/* Return: whether the guest goes on; then it is ready for that. */
static bool hits(u64 ec, u64 at, u64 *esr)
{
	bool goes_on;

	vcpu.cpu = 0;
	vcpu.pended = EXCEPT_NONE;
	vcpu.pc = at;
	vcpu.arch.fault.far_el2 = at;
	*esr = EC(ec) | (ec == ESR_ELx_EC_SOFTSTP_LOW ? 0 : ISS_WNR) | 0x22;
	goes_on = kvm_arm_guests_debug_exception(&vcpu, esr);
	kvm_arm_exit_handled(&vcpu, goes_on);
	vcpu.cpu = -1;
	vcpu.guest_debug &= ~(INACTIVE | STEPPED);
	return goes_on;
}

/* The guest's is given to it as the hardware would have, from either level. */
static void test_given(void)
{
	int el1;
	u64 esr;

	for (el1 = 0; el1 < 2; el1++) {
		begin_vcpu(SHARED);
		vcpu.cpsr = (el1 ? PSTATE_EL1 : PSR_D_BIT) | DBG_SPSR_SS;
		EXPECT(hits(ESR_ELx_EC_WATCHPT_LOW, address(16, GUEST_AT), &esr));
		EXPECT_EQ(vcpu.pended, EXCEPT_AA64_EL1_SYNC);
		EXPECT_EQ(vcpu.arch.sys_regs[ESR_EL1], EC(0x34 + el1) | ISS_WNR | 0x22);
		EXPECT_EQ(vcpu.arch.sys_regs[FAR_EL1], address(16, GUEST_AT));
		EXPECT(hits(ESR_ELx_EC_BREAKPT_LOW, GUEST_AT, &esr));
		EXPECT_EQ(vcpu.arch.sys_regs[ESR_EL1], EC(0x30 + el1) | ISS_WNR | 0x22);
		EXPECT(hits(ESR_ELx_EC_BRK64, GUEST_AT, &esr));
		EXPECT_EQ(vcpu.arch.sys_regs[ESR_EL1], EC(0x3c) | ISS_WNR | 0x22);
		EXPECT(!hits(ESR_ELx_EC_WATCHPT_LOW, address(17, DEBUGGER_AT), &esr));
		EXPECT(!hits(ESR_ELx_EC_BREAKPT_LOW, address(1, DEBUGGER_AT), &esr));
		EXPECT_EQ(vcpu.pended, EXCEPT_NONE);
	}
	begin_vcpu(SHARED | KVM_GUESTDBG_USE_SW_BP);
	EXPECT(!hits(ESR_ELx_EC_BRK64, GUEST_AT, &esr));
}

/* FAR has the tag of the address, and the guest is told of it with the tag. */
static void test_tagged(void)
{
	u64 tag, esr, at = address(16, GUEST_AT);

	for (tag = 0; tag < 256; tag++) {
		begin_vcpu(SHARED);
		EXPECT(hits(ESR_ELx_EC_WATCHPT_LOW, tag << 56 | at, &esr));
		EXPECT_EQ(vcpu.arch.sys_regs[FAR_EL1], tag << 56 | at);
		EXPECT(!hits(ESR_ELx_EC_WATCHPT_LOW, tag << 56 | address(17, DEBUGGER_AT), &esr));
	}
	/* and one of the kernel's, which is not the same as without its highest bits */
	begin_vcpu(SHARED);
	vcpu.arch.vcpu_debug_state.dbg_wvr[0] = 0xffff800000010000;
	EXPECT(hits(ESR_ELx_EC_WATCHPT_LOW, 0x0fff800000010000, &esr));
}

/* A guest is not given what it has not set. */
static void test_nobodys(void)
{
	u64 esr;

	begin_vcpu(SHARED);
	set(&vcpu.arch.vcpu_debug_state, 0, GUEST_AT);
	EXPECT(!hits(ESR_ELx_EC_BREAKPT_LOW, GUEST_AT, &esr));
	EXPECT(!hits(ESR_ELx_EC_WATCHPT_LOW, GUEST_AT, &esr));
	set(&vcpu.arch.external_debug_state, 0, DEBUGGER_AT);
	EXPECT(!hits(ESR_ELx_EC_WATCHPT_LOW, GUEST_AT, &esr));
	set(&vcpu.arch.vcpu_debug_state, BIT(0), GUEST_AT);
	EXPECT(!hits(ESR_ELx_EC_WATCHPT_LOW, GUEST_AT, &esr));
	set(&vcpu.arch.vcpu_debug_state, BIT(ARM_MAX_BRP), GUEST_AT);
	EXPECT(!hits(ESR_ELx_EC_BREAKPT_LOW, GUEST_AT, &esr));
	EXPECT_EQ(vcpu.pended, EXCEPT_NONE);
}

static u32 guests_now(void)
{
	kvm_arm_share_debug_regs(&vcpu, &share);
	return share.guests;
}

static void mask_by_kde(void)
{
	vcpu.arch.sys_regs[MDSCR_EL1] &= ~MDSCR_EL1_KDE;
	vcpu.arch.guest_debug_preserved.mdscr_el1 &= ~MDSCR_EL1_KDE;
}

/* One that the guest masks is stepped over: none of its own is there until the step is over. */
static void test_masked(void)
{
	struct kvm_guest_debug is = { };
	unsigned long control;
	int i, stepping;
	u64 esr;

	for (i = 0; i < 8; i++) {
		stepping = i & 1;
		control = SHARED | (stepping ? KVM_GUESTDBG_SINGLESTEP : 0);
		begin_vcpu(control);
		if (i & 4)
			mask_by_kde();
		else
			vcpu.cpsr |= PSR_D_BIT;
		EXPECT(hits(i & 2 ? ESR_ELx_EC_WATCHPT_LOW : ESR_ELx_EC_BREAKPT_LOW,
			    i & 2 ? address(16, GUEST_AT) : GUEST_AT, &esr));
		EXPECT_EQ(vcpu.pended, EXCEPT_NONE);
		EXPECT(vcpu.guest_debug & KVM_GUESTDBG_SINGLESTEP);
		kvm_arch_vcpu_get_guest_debug(&vcpu, &is);
		EXPECT_EQ(is.control, control);
		EXPECT_EQ(guests_now(), 0);
		EXPECT_EQ(share.placed, BIT(1) | BIT(17));
		EXPECT_EQ(hits(ESR_ELx_EC_SOFTSTP_LOW, GUEST_AT + 4, &esr), !stepping);
		EXPECT_EQ(vcpu.guest_debug, control);
		EXPECT_EQ(guests_now(), BIT(0) | BIT(16));
		/* the debugger changes something in the middle */
		hits(ESR_ELx_EC_BREAKPT_LOW, GUEST_AT, &esr);
		kvm_arm_begin_debug(&vcpu, control);
		EXPECT_EQ(vcpu.guest_debug, control);
		EXPECT_EQ(guests_now(), BIT(0) | BIT(16));
	}
}

/* One instruction's exclusive load, and its store behind it: neither is hit. */
static void test_masked_pair(void)
{
	u64 esr;

	begin_vcpu(SHARED);
	vcpu.cpsr |= PSR_D_BIT;
	EXPECT(hits(ESR_ELx_EC_WATCHPT_LOW, address(16, GUEST_AT), &esr));
	EXPECT(vcpu.guest_debug & KVM_GUESTDBG_SINGLESTEP);
	esr = EC(ESR_ELx_EC_SOFTSTP_LOW) | BIT(6);
	vcpu.cpu = 0;
	EXPECT(kvm_arm_guests_debug_exception(&vcpu, &esr));
	kvm_arm_exit_handled(&vcpu, 1);
	EXPECT(!(vcpu.guest_debug & KVM_GUESTDBG_SINGLESTEP));
	EXPECT_EQ(guests_now(), 0);
	kvm_arm_exit_handled(&vcpu, 1);
	EXPECT_EQ(guests_now(), BIT(0) | BIT(16));
	EXPECT_EQ(vcpu.guest_debug & ~(INACTIVE | RETURN_STEPS), SHARED);
}

/* The guest enables more than fit: told once, at that write, and until the debugger acts */
static void test_told(void)
{
	u32 all = slots() & 0xffff;
	int i;

	for (i = 0; i < 2; i++) {
		begin_vcpu(SHARED | (i ? KVM_GUESTDBG_EXIT_REST : 0));
		vcpu.wants_to_run = true;
		EXPECT_EQ(kvm_arm_exit_handled(&vcpu, 1), brps() < 2 && i ? 0 : 1);
		set(&vcpu.arch.vcpu_debug_state, all, GUEST_AT);
		EXPECT_EQ(kvm_arm_exit_handled(&vcpu, 1), !i);
		EXPECT_EQ(run.exit_reason, i ? KVM_EXIT_DEBUG : 0);
		EXPECT_EQ(vcpu.guest_debug_rest, BIT(brps() - 1));
		EXPECT_EQ(run.flags & KVM_RUN_DEBUG_RESTED, KVM_RUN_DEBUG_RESTED);
		EXPECT_EQ(!!(run.flags & KVM_RUN_DEBUG_RESTS), i);
		/* nothing new: the next KVM_RUN, as it begins */
		run.flags &= KVM_RUN_DEBUG_RESTED;
		EXPECT_EQ(kvm_arm_exit_handled(&vcpu, 1), 1);
		EXPECT_EQ(run.flags, KVM_RUN_DEBUG_RESTED);
		/* the debugger has changed something, and is told again, but not by an exit */
		vcpu.wants_to_run = false;
		kvm_arm_begin_debug(&vcpu, vcpu.guest_debug);
		EXPECT_EQ(run.flags, 0);
		/* of what user space has set by the next KVM_RUN it is told, and not by an exit */
		vcpu.wants_to_run = true;
		kvm_arm_begin_run(&vcpu);
		vcpu.wants_to_run = false;
		EXPECT_EQ(run.flags, KVM_RUN_DEBUG_RESTED);
		kvm_arm_begin_debug(&vcpu, vcpu.guest_debug);
		EXPECT(!kvm_arm_note_resting(&vcpu));
		EXPECT_EQ(run.flags, KVM_RUN_DEBUG_RESTED);
		vcpu.wants_to_run = true;
		EXPECT_EQ(kvm_arm_exit_handled(&vcpu, 1), 1);
	}
}

static bool may_share(u32 control, u64 bcr)
{
	struct kvm_guest_debug dbg = { .control = control, .arch.dbg_bcr = { bcr } };

	return kvm_arm_may_share_debug_regs(&vcpu, &dbg);
}

static void test_refused(void)
{
	begin_vcpu(0);
	EXPECT(may_share(SHARED, BCR | E));
	EXPECT(!may_share(SHARED, BCR | E | LINKED_ADDRESS));
	EXPECT(may_share(SHARED & ~KVM_GUESTDBG_USE_HW, BCR | E | LINKED_ADDRESS));
	EXPECT(may_share(SHARED & ~KVM_GUESTDBG_SHARE_HW, BCR | E | LINKED_ADDRESS));
	EXPECT(may_share(SHARED | KVM_GUESTDBG_EXIT_REST, BCR | E));
	EXPECT(!may_share(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_EXIT_REST, 0));
	vcpu.no_sharing = true;
	EXPECT(!may_share(SHARED, BCR | E));
	vcpu.no_sharing = false;
	vcpu.initialized = false;
	EXPECT(!may_share(SHARED, BCR | E));
	EXPECT(may_share(SHARED & ~KVM_GUESTDBG_SHARE_HW, BCR | E));
}

const struct test tests[] = {
	{ "who has which register",			test_places },
	{ "what is linked",				test_links },
	{ "what KDE masks",				test_kde },
	{ "whose breakpoint was hit",			test_breaks },
	{ "whose watchpoint was hit",			test_watches },
	{ "an access of EL1's that is unprivileged",	test_unprivileged },
	{ "the number in the syndrome",			test_number },
	{ "what a debugger may set",			test_valid },
	{ "what it cannot have is left out",		test_unshared },
	{ "a hit of the guest's",			test_given },
	{ "a hit at a tagged address",			test_tagged },
	{ "a hit that is nobody's",			test_nobodys },
	{ "a hit that the guest masks",			test_masked },
	{ "the same of an exclusive load",		test_masked_pair },
	{ "the debugger is told what rests",		test_told },
	{ "what is refused",				test_refused },
	{ }
};
