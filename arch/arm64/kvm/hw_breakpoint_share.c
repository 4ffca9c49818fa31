// SPDX-License-Identifier: GPL-2.0
/*
 * Who has which debug register of a vCPU that its guest and the guest's debugger share.
 *
 * The guest's keep their numbers, for it has chosen them, and others may be linked to them. The
 * debugger's go where the guest has enabled nothing. What does not fit is the guest's with the
 * highest numbers: these rest, and so does what is linked to one of them.
 *
 * The registers follow from what the two have set and from nothing else. So whoever finds out
 * whose a hit is finds the same places as the one who has filled the registers, and nothing has to
 * be moved to another machine but what the two have set.
 *
 * References are to the Arm Architecture Reference Manual, DDI 0487.
 */

#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/kvm_host.h>
#include <linux/minmax.h>

#include <asm/hw_breakpoint.h>

#include "hw_breakpoint_share.h"

#define BREAKS		GENMASK(ARM_MAX_BRP - 1, 0)
#define WATCHES		GENMASK(KVM_SHARED_SLOTS - 1, ARM_MAX_BRP)

/* DBGBCR<n>_EL1 and DBGWCR<n>_EL1 */
#define CTRL_PAC_EL1	BIT(1)
#define CTRL_PAC_EL0	BIT(2)
#define CTRL_SSC	GENMASK(15, 14)
#define CTRL_LBN	GENMASK(19, 16)
#define BCR_BT		GENMASK(23, 20)
#define WCR_LSC_LOAD	BIT(3)
#define WCR_LSC_STORE	BIT(4)
#define WCR_WT		BIT(20)
#define WCR_MASK	GENMASK(28, 24)

/* The types of a breakpoint that have to do with a context, and those that are linked */
#define BT_CONTEXT	(BIT(1) | BIT(3))
#define BT_LINKED	BIT(0)

/* ISS of a watchpoint exception: its number, and whether that is there */
#define ISS_WNR		BIT(6)
#define ISS_WPTV	BIT(17)
#define ISS_WPT		GENMASK(23, 18)

#define LOWEST_BITS	52	/* an address is never longer than these and copies of the last */

/* FAR is in the same aligned block of this size as what was hit, at most (D2.10.5). */
#define FAR_BLOCK	2048

static bool is_watch(int slot)
{
	return slot >= ARM_MAX_BRP;
}

static struct kvm_debug_slot load(const struct kvm_guest_debug_arch *regs, int slot)
{
	int n = slot % ARM_MAX_BRP;

	return (struct kvm_debug_slot) {
		.addr = is_watch(slot) ? regs->dbg_wvr[n] : regs->dbg_bvr[n],
		.ctrl = is_watch(slot) ? regs->dbg_wcr[n] : regs->dbg_bcr[n],
	};
}

/* It matches nothing by itself: others are linked to it. */
static bool is_linked_context(u64 ctrl, int slot)
{
	unsigned int type = FIELD_GET(BCR_BT, ctrl);

	return !is_watch(slot) && type & BT_CONTEXT && type & BT_LINKED;
}

/* Return: the slot that @ctrl is linked to, or -1. */
static int linked_to(u64 ctrl, int slot)
{
	unsigned int type = FIELD_GET(BCR_BT, ctrl);
	bool linked = is_watch(slot) ? ctrl & WCR_WT : type & BT_LINKED && !(type & BT_CONTEXT);

	return linked ? (int)FIELD_GET(CTRL_LBN, ctrl) : -1;
}

/*
 * Debug exceptions of EL1 that go to EL2 ask neither KDE nor PSTATE.D (D2.4): what KDE masks is
 * taken out here.
 */
static struct kvm_debug_slot of_set(const struct kvm_debug_set *set, int slot)
{
	struct kvm_debug_slot is = load(set->regs, slot);

	if (set->el1 || is_linked_context(is.ctrl, slot) || !(is.ctrl & CTRL_PAC_EL1))
		return is;
	is.ctrl &= ~(CTRL_PAC_EL1 | DBG_CTRL_HMC);
	if (!(is.ctrl & CTRL_PAC_EL0))
		is.ctrl &= ~DBG_CTRL_E;
	return is;
}

static u32 enabled(const struct kvm_debug_set *set, u32 slots)
{
	u32 on = 0, left;

	if (!set->on)
		return 0;
	for (left = slots & set->slots; left; left &= left - 1) {
		if (of_set(set, __ffs(left)).ctrl & DBG_CTRL_E)
			on |= BIT(__ffs(left));
	}
	return on;
}

/* Of @pool, which is of one kind, the guest keeps as many as the debugger leaves. */
static u32 that_fit(u32 guests, u32 debuggers, u32 pool)
{
	u32 fit = guests & pool;

	while (hweight32(fit) + hweight32(debuggers & pool) > hweight32(pool))
		fit &= ~BIT(__fls(fit));
	return fit;
}

/*
 * What is linked to a breakpoint that is off is never hit, and need not be if that is not about a
 * context (D2.9.2).
 *
 * Return: the others of @guests.
 */
static u32 with_links(const struct kvm_debug_share *share, u32 guests)
{
	const struct kvm_guest_debug_arch *regs = share->guest.regs;
	u32 left, with = guests;
	int to;

	for (left = guests; left; left &= left - 1) {
		to = linked_to(load(regs, __ffs(left)).ctrl, __ffs(left));
		if (to >= 0 && !(guests & BIT(to) && is_linked_context(load(regs, to).ctrl, to)))
			with &= ~BIT(__ffs(left));
	}
	return with;
}

/* The debugger's @n keeps its number if it can; the others take the highest, away from guests. */
static void place_debuggers(struct kvm_debug_share *share, u32 pool)
{
	u32 unused = pool & ~share->guests, wants = share->debuggers & pool, left;
	u32 keep = wants & unused;

	unused &= ~keep;
	for (left = wants; left; left &= left - 1) {
		int n = __ffs(left), slot = keep & BIT(n) ? n : (int)__fls(unused);

		share->place[n] = slot;
		share->placed |= BIT(slot);
		unused &= ~BIT(slot);
	}
}

/**
 * kvm_share_debug_regs() - who has which slot
 * @share: with what the two have set; the rest is filled in
 * @slots: that there are
 *
 * Context: any.
 */
void kvm_share_debug_regs(struct kvm_debug_share *share, u32 slots)
{
	u32 wants = with_links(share, enabled(&share->guest, slots));

	share->placed = 0;
	share->debuggers = enabled(&share->debugger, slots);
	share->guests = that_fit(wants, share->debuggers, slots & BREAKS) |
			that_fit(wants, share->debuggers, slots & WATCHES);
	share->guests = with_links(share, share->guests);
	share->rest = wants & ~share->guests;
	place_debuggers(share, slots & BREAKS);
	place_debuggers(share, slots & WATCHES);
}

/**
 * kvm_debuggers_number() - which of the debugger's is there?
 * @share: who has which
 * @slot: that it may be in
 *
 * Context: any.
 * Return: the debugger's number of it, or -1.
 */
int kvm_debuggers_number(const struct kvm_debug_share *share, int slot)
{
	u32 left;

	for (left = share->debuggers; left; left &= left - 1) {
		if (share->place[__ffs(left)] == slot)
			return __ffs(left);
	}
	return -1;
}

/**
 * kvm_shared_slot() - what a slot shall hold
 * @share: who has which
 * @slot: one that the guest or the debugger has
 *
 * Context: any.
 * Return: its registers.
 */
struct kvm_debug_slot kvm_shared_slot(const struct kvm_debug_share *share, int slot)
{
	if (share->guests & BIT(slot))
		return of_set(&share->guest, slot);
	return of_set(&share->debugger, kvm_debuggers_number(share, slot));
}

/* ---- whose is a hit? ---- */

/* A debugger's breakpoint is at an address, and an instruction of 32-bit code may be at half. */
static bool breaks_at(const struct kvm_debug_slot *is, const struct kvm_debug_hit *hit)
{
	u64 level = hit->el1 ? CTRL_PAC_EL1 : CTRL_PAC_EL0;

	return is->ctrl & level && (is->addr | 3) == (hit->pc | 3) &&
	       FIELD_GET(DBG_CTRL_BAS, is->ctrl) >> (hit->pc & 3) & 1;
}

/**
 * kvm_break_hit() - which of the debugger's breakpoints was hit?
 * @share: what the registers held
 * @hit: a breakpoint exception
 *
 * What the guest has set may be about contexts, and is not looked at: it was hit if nothing of the
 * debugger's was. If both were the debugger comes first. The guest's is hit when the instruction
 * is executed, for it has not been.
 *
 * Context: any.
 * Return: its slot, or -1.
 */
int kvm_break_hit(const struct kvm_debug_share *share, const struct kvm_debug_hit *hit)
{
	u32 left;

	for (left = share->placed & BREAKS; left; left &= left - 1) {
		struct kvm_debug_slot is = kvm_shared_slot(share, __ffs(left));

		if (breaks_at(&is, hit))
			return __ffs(left);
	}
	return -1;
}

/* How far @addr is from what is watched */
static u64 distance(const struct kvm_debug_slot *is, u64 addr)
{
	unsigned int bytes = FIELD_GET(DBG_CTRL_BAS, is->ctrl);
	unsigned int mask = FIELD_GET(WCR_MASK, is->ctrl);
	u64 from = is->addr, to;

	if (mask) {
		from &= ~GENMASK_ULL(mask - 1, 0);
		to = from + GENMASK_ULL(mask - 1, 0);
	} else if (bytes) {
		to = from + __fls(bytes);
		from += __ffs(bytes);
	} else {
		return U64_MAX / 4;
	}
	if (addr < from)
		return min(from - addr, U64_MAX / 4);
	return addr > to ? min(addr - to, U64_MAX / 4) : 0;
}

/*
 * One for the other kind of access was not hit, but for an atomic access, which an emulator may
 * report as a store though a load was watched: only if no other is near enough. An access of
 * EL1's may be an unprivileged one, LDTR or STTR, which matches as one of EL0; of two at one place
 * the one for EL1 was hit. The syndrome does not say.
 */
static u64 unlikeliness(const struct kvm_debug_slot *is, const struct kvm_debug_hit *hit)
{
	u64 kind = hit->esr & ISS_WNR ? WCR_LSC_STORE : WCR_LSC_LOAD;
	u64 level = hit->el1 ? CTRL_PAC_EL1 | CTRL_PAC_EL0 : CTRL_PAC_EL0;
	u64 far = distance(is, hit->far);

	if (!(is->ctrl & level))
		return U64_MAX;
	if (!(is->ctrl & kind))
		far += FAR_BLOCK;
	return 2 * far + (hit->el1 && !(is->ctrl & CTRL_PAC_EL1));
}

/**
 * kvm_watch_hit() - which watchpoint was hit?
 * @share: what the registers held
 * @hit: a watchpoint exception
 *
 * The syndrome may name the register. If it does not, FAR is somewhere in what the instruction
 * accesses, perhaps below what is watched (D2.10.5): the nearest was hit. The debugger comes first
 * if both were; the guest's is hit when the instruction is executed, for it has not been.
 *
 * Context: any.
 * Return: its slot, or -1 if there is none.
 */
int kvm_watch_hit(const struct kvm_debug_share *share, const struct kvm_debug_hit *hit)
{
	int named = ARM_MAX_BRP + FIELD_GET(ISS_WPT, hit->esr) % ARM_MAX_WRP, found = -1;
	u32 both = (share->guests | share->placed) & WATCHES, left;
	u64 least = U64_MAX;

	if (hit->esr & ISS_WPTV && both & BIT(named))
		return named;
	for (left = both; left; left &= left - 1) {
		int slot = __ffs(left);
		struct kvm_debug_slot is = kvm_shared_slot(share, slot);
		u64 far = unlikeliness(&is, hit);

		if (far < least || (far == least && far != U64_MAX &&
				    share->placed & BIT(slot) && share->guests & BIT(found))) {
			least = far;
			found = slot;
		}
	}
	return found;
}

/**
 * kvm_debuggers_esr() - the syndrome of a debugger's hit
 * @share: what the registers held
 * @esr: ESR_EL2
 * @slot: a watchpoint of the debugger's, which was hit
 *
 * Context: any.
 * Return: @esr with the debugger's number, if it has one.
 */
u64 kvm_debuggers_esr(const struct kvm_debug_share *share, u64 esr, int slot)
{
	u64 n = kvm_debuggers_number(share, slot) - ARM_MAX_BRP;

	if (!(esr & ISS_WPTV))
		return esr;
	return (esr & ~ISS_WPT) | FIELD_PREP(ISS_WPT, n);
}

/* ---- what may a debugger have? ---- */

/* An instruction or half of it, or some bytes: without any it depends on the CPU what is hit. */
static bool valid_bytes(u64 ctrl, int slot)
{
	u64 bytes = FIELD_GET(DBG_CTRL_BAS, ctrl);

	return is_watch(slot) ? bytes : bytes == 0x3 || bytes == 0xc || bytes == 0xf;
}

static bool valid(const struct kvm_debug_slot *is, int slot)
{
	u64 must_not = DBG_CTRL_HMC | CTRL_SSC | (is_watch(slot) ? WCR_WT : BCR_BT);

	return !(is->ctrl & must_not) && valid_bytes(is->ctrl, slot) &&
	       sign_extend64(is->addr, LOWEST_BITS) == (s64)is->addr;
}

/**
 * kvm_unshared_slots() - what a debugger that shares the registers cannot have
 * @regs: what the debugger wants
 * @slots: that there are
 *
 * An address and nothing else: what is linked or about a context would have to keep its number,
 * which the guest may have. And no other level than EL0 and EL1.
 *
 * Context: any.
 * Return: a bit for each of its registers that is enabled, and does not exist or does not mean the
 * same whatever the guest does.
 */
u32 kvm_unshared_slots(const struct kvm_guest_debug_arch *regs, u32 slots)
{
	u32 unshared = 0;
	int slot;

	for (slot = 0; slot < KVM_SHARED_SLOTS; slot++) {
		struct kvm_debug_slot is = load(regs, slot);

		if (is.ctrl & DBG_CTRL_E && !(slots & BIT(slot) && valid(&is, slot)))
			unshared |= BIT(slot);
	}
	return unshared;
}
