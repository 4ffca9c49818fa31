// SPDX-License-Identifier: GPL-2.0
/*
 * Who has which debug register of a vCPU that its guest and the guest's debugger share.
 *
 * The guest's keep their numbers, for it has chosen them. The debugger's go where the guest has
 * enabled nothing; if both want the very same, one register holds it for both. What does not fit
 * is the guest's with the highest numbers: these rest. So does what of the guest's would be in a
 * register that is kept for debuggers, whether there is a debugger or not.
 *
 * The registers follow from what the two have set and from nothing else. So whoever splits a hit
 * finds the same places as the one who has filled the registers, and nothing has to be moved to
 * another machine but what the two have set.
 *
 * References are to the Intel Software Developer's Manual, vol. 3, 18.2.
 */

#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/minmax.h>

#include <asm/debugreg.h>

#include "hw_breakpoint_share.h"

#define ALL	GENMASK(KVM_SHARED_REGS - 1, 0)

/* LE, GE, RTM and GD: not of one register */
#define DR7_WHOLE	GENMASK(15, 8)
#define GENERAL_DETECT	BIT(13)

/* L<n> and G<n> */
static unsigned long enable_bits(unsigned int n)
{
	return (unsigned long)(DR_LOCAL_ENABLE | DR_GLOBAL_ENABLE) << (n * DR_ENABLE_SIZE);
}

/* R/W<n> and LEN<n> of @dr7 */
static unsigned long kind(unsigned long dr7, unsigned int n)
{
	return dr7 >> (DR_CONTROL_SHIFT + n * DR_CONTROL_SIZE) & 0xf;
}

static unsigned int enabled(unsigned long dr7)
{
	unsigned int n, on = 0;

	for (n = 0; n < KVM_SHARED_REGS; n++) {
		if (dr7 & enable_bits(n))
			on |= BIT(n);
	}
	return on;
}

/* Puts number @from of @set into register @to. */
static void put(struct kvm_debug_share *share, const struct kvm_debug_set *set,
		unsigned int from, unsigned int to)
{
	unsigned long on = (set->dr7 & enable_bits(from)) >> (from * DR_ENABLE_SIZE);

	share->db[to] = set->db[from];
	share->dr7 |= on << (to * DR_ENABLE_SIZE);
	share->dr7 |= kind(set->dr7, from) << (DR_CONTROL_SHIFT + to * DR_CONTROL_SIZE);
}

/* Return: the guest's number of what the debugger's @n is, too, or -1. */
static int same(const struct kvm_debug_set *guest, const struct kvm_debug_set *debugger,
		unsigned int n)
{
	unsigned int m;

	for (m = 0; m < KVM_SHARED_REGS; m++) {
		if (guest->dr7 & enable_bits(m) && guest->db[m] == debugger->db[n] &&
		    kind(guest->dr7, m) == kind(debugger->dr7, n))
			return m;
	}
	return -1;
}

/*
 * Return: the guest's that hold for both. @left is what the debugger wants, and then what it needs
 * registers of its own for.
 */
static unsigned int find_same(struct kvm_debug_share *share, const struct kvm_debug_set *guest,
			      const struct kvm_debug_set *debugger, unsigned int *left)
{
	unsigned int both = 0, n;
	int m;

	for (n = 0; n < KVM_SHARED_REGS; n++) {
		m = *left & BIT(n) ? same(guest, debugger, n) : -1;
		if (m < 0)
			continue;
		share->place[n] = m;
		both |= BIT(m);
		*left &= ~BIT(n);
	}
	return both;
}

/* The debugger's @n keeps its number if it can; the others take the highest, away from guests. */
static void place_debuggers(struct kvm_debug_share *share, const struct kvm_debug_set *debugger,
			    unsigned int left)
{
	unsigned int unused = ALL & ~share->guests, keep = left & unused, n;

	unused &= ~keep;
	for (n = 0; n < KVM_SHARED_REGS; n++) {
		if (!(left & BIT(n)))
			continue;
		share->place[n] = keep & BIT(n) ? n : __fls(unused);
		unused &= ~BIT(share->place[n]);
		put(share, debugger, n, share->place[n]);
	}
}

/* Return: how many the guest may have for itself, beside @debuggers. */
static unsigned int room(unsigned int debuggers, unsigned int kept)
{
	return KVM_SHARED_REGS - max(debuggers, kept);
}

/**
 * kvm_share_debug_regs() - who has which register
 * @guest: what the guest has set
 * @debugger: what its debugger has set
 * @kept: how many are kept for debuggers
 * @share: what the registers shall hold
 *
 * A register that is disabled has the guest's address: nothing of the debugger's is where nothing
 * can be hit.
 *
 * Context: any.
 */
void kvm_share_debug_regs(const struct kvm_debug_set *guest, const struct kvm_debug_set *debugger,
			  unsigned int kept, struct kvm_debug_share *share)
{
	unsigned int left = enabled(debugger->dr7), has = enabled(guest->dr7), n, both, may;

	*share = (struct kvm_debug_share) {
		.dr7 = DR7_FIXED_1 | (guest->dr7 & DR7_WHOLE),
		.debuggers = left,
		.guests = has,
	};
	both = find_same(share, guest, debugger, &left);
	may = room(hweight8(left) + hweight8(both), kept);
	while (hweight8(share->guests & ~both) > may)
		share->guests &= ~BIT(__fls(share->guests & ~both));
	share->rest = has & ~share->guests;
	for (n = 0; n < KVM_SHARED_REGS; n++) {
		share->db[n] = guest->db[n];
		if (share->guests & BIT(n))
			put(share, guest, n, n);
	}
	place_debuggers(share, debugger, left);
}

/* Registers for instructions, enabled or not */
static unsigned int for_instructions(unsigned long dr7)
{
	unsigned int n, found = 0;

	for (n = 0; n < KVM_SHARED_REGS; n++) {
		if (!(kind(dr7, n) & 3))
			found |= BIT(n);
	}
	return found;
}

/**
 * kvm_split_hits() - whose hits are these?
 * @share: what the registers held
 * @dr6: B0 to B3, and BS
 * @guests: set to those of B0 to B3 that the guest may see
 * @debuggers: set to the debugger's, by its own numbers
 *
 * A bit may be set for a register that is not enabled, if its address matches (18.2.3). It is
 * nobody's. A step that ends where a breakpoint is may have that one's bit (QEMU): the instruction
 * has not been executed, and hits by itself when it is.
 *
 * Context: any.
 */
void kvm_split_hits(const struct kvm_debug_share *share, unsigned long dr6,
		    unsigned long *guests, unsigned long *debuggers)
{
	unsigned int hits = dr6 & ALL, n;

	if (dr6 & DR_STEP)
		hits &= ~for_instructions(share->dr7);
	*guests = hits & share->guests;
	*debuggers = 0;
	for (n = 0; n < KVM_SHARED_REGS; n++) {
		if (share->debuggers & BIT(n) && hits & BIT(share->place[n]))
			*debuggers |= BIT(n);
	}
}

/**
 * kvm_debuggers_dr7_valid() - may a debugger that shares the registers set this?
 * @dr7: DR7
 *
 * GD is the guest's alone. What R/W = 2 means depends on the guest's CR4.DE, which may change
 * (18.2.4); and an instruction has length 0.
 *
 * Context: any.
 * Return: whether each of its registers means the same whatever the guest does.
 */
bool kvm_debuggers_dr7_valid(u64 dr7)
{
	unsigned int n;

	if (dr7 >> 32 || dr7 & GENERAL_DETECT)
		return false;
	for (n = 0; n < KVM_SHARED_REGS; n++) {
		unsigned long k = kind(dr7, n);

		if (dr7 & enable_bits(n) && ((k & 3) == 2 || (!(k & 3) && k)))
			return false;
	}
	return true;
}
