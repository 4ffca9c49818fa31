/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Breakpoints off and on again, for code that must not be hit: exception entry,
 * KVM's entry of a guest, text poking. Included by asm/debugreg.h.
 *
 * Such sections nest, and in the innermost a debugger may set or remove breakpoints.
 * So nobody keeps what DR7 was: cpu_dr7 always is what DR7 shall be, and the end of
 * the outermost section writes that.
 */
#ifndef _ASM_X86_HW_BREAKPOINT_ENTRY_H
#define _ASM_X86_HW_BREAKPOINT_ENTRY_H

#include <linux/compiler.h>
#include <linux/percpu.h>

struct pt_regs;

/*
 * How many sections this CPU is in (HWBP_SECTIONS), and flags. Only this CPU changes its word, by
 * single instructions. hw_breakpoint_unsilence() counts HWBP_ENDING while it writes DR7: that is
 * no section, but DR7 may be what cpu_dr7 was before. HWBP_ACTIVE is set while DR7 is to have an
 * enable bit: it is here so that one look at the word tells both.
 *
 * HWBP_DEFERRED counts as a section, and DR7 is off then: a guest has run, and nothing that is
 * to fire counts hits in the kernel. It ends with hw_breakpoint_rearm(), or as soon as something
 * is to fire that counts them.
 *
 * HWBP_GUESTS is set while a vCPU is loaded on this CPU: DR6 may be what its guest has
 * left, whenever nothing is to fire.
 */
DECLARE_PER_CPU(unsigned int, hwbp_silence);
DECLARE_PER_CPU(unsigned int, hwbp_unreported);

#define HWBP_SECTIONS	0xff
#define HWBP_DEFERRED	0x80
#define HWBP_ENDING	0x100
#define HWBP_ENDINGS	0xff00
#define HWBP_ACTIVE	0x10000
#define HWBP_GUESTS	0x20000

/**
 * hw_breakpoint_active() - does the host want any breakpoint on this CPU?
 *
 * Context: preemption disabled.
 * Return: true if so, whether DR7 is off for the moment or not.
 */
static __always_inline bool hw_breakpoint_active(void)
{
	return __this_cpu_read(hwbp_silence) & HWBP_ACTIVE;
}

/**
 * hw_breakpoint_silence() - nothing fires on this CPU from here
 *
 * Begins a section. An NMI that comes before this has written DR7 runs in a section already, and
 * leaves DR7 off at its end. If the NMI has ended HWBP_DEFERRED, DR7 is written once more than
 * needed.
 *
 * Context: any, noinstr; stays on this CPU until hw_breakpoint_unsilence().
 */
static __always_inline void hw_breakpoint_silence(void)
{
	this_cpu_inc(hwbp_silence);
	/* dr7:C, pairs with dr7:A and dr7:B, which an NMI may have interrupted */
	if (this_cpu_read(cpu_dr7) ||
	    this_cpu_read(hwbp_silence) & HWBP_ENDINGS) {
		if (!(this_cpu_read(hwbp_silence) & HWBP_DEFERRED))
			set_debugreg(DR7_FIXED_1, 7);
	}
	barrier();	/* silence:A: nothing of the section moves up */
}

#define hw_breakpoint_silence hw_breakpoint_silence

/**
 * hw_breakpoint_unsilence() - end of hw_breakpoint_silence()
 *
 * Writes DR7 at the end of the outermost section. An NMI that comes before that writes DR7, too;
 * if the NMI has changed cpu_dr7, this writes DR7 again. Until then DR7 may have bits that cpu_dr7
 * has not: HWBP_ENDING has another NMI switch DR7 off even if it finds 0 in cpu_dr7.
 *
 * Context: any, noinstr.
 */
static __always_inline void hw_breakpoint_unsilence(void)
{
	unsigned long dr7;

	barrier();	/* silence:A: nothing of the section moves down */
	if (this_cpu_dec_return(hwbp_silence) & HWBP_SECTIONS)
		return;
	if (!this_cpu_read(cpu_dr7))
		return;
	this_cpu_add(hwbp_silence, HWBP_ENDING);
	do {
		dr7 = this_cpu_read(cpu_dr7);
		set_debugreg(dr7 | DR7_FIXED_1, 7);
		barrier();	/* dr7:D, pairs with an NMI's writes of cpu_dr7 */
	} while (unlikely(this_cpu_read(cpu_dr7) != dr7));
	this_cpu_sub(hwbp_silence, HWBP_ENDING);
}

#define hw_breakpoint_unsilence hw_breakpoint_unsilence

/*
 * hw_breakpoint_silence() and _unsilence() under the names that the kernel's entry code has for
 * them. The value that it hands from one to the other is unused: what DR7 shall be is in cpu_dr7.
 */
static __always_inline unsigned long local_db_save(void)
{
	hw_breakpoint_silence();
	return 0;
}

static __always_inline void local_db_restore(unsigned long unused)
{
	hw_breakpoint_unsilence();
}

/**
 * hw_breakpoint_note_hits() - slots have fired, by DR6
 * @dr6: what DR6 holds; the caller is about to clear DR6
 *
 * From the moment when a slot fires until its hit has been reported, a debugger in an NMI changes
 * no slots.
 *
 * Context: #DB, noinstr.
 */
static __always_inline void hw_breakpoint_note_hits(unsigned long dr6)
{
	this_cpu_or(hwbp_unreported, dr6 & DR_TRAP_BITS);
	barrier();	/* hits:A, pairs with hits:B in an NMI */
}

/**
 * hw_breakpoint_end_copy() - DR6 of a #DB from user mode has been read
 *
 * Ends the section that hw_breakpoint_copy_regs() may have begun. There is no other: a CPU in user
 * mode is in no section.
 *
 * Context: #DB from user mode, interrupts off, noinstr.
 */
static __always_inline void hw_breakpoint_end_copy(void)
{
	if (unlikely(this_cpu_read(hwbp_silence) & HWBP_SECTIONS))
		hw_breakpoint_unsilence();
}

bool hw_breakpoint_debug_exception(struct pt_regs *regs, unsigned long *dr6);
void hw_breakpoint_tell_tracer(struct pt_regs *regs);
void hw_breakpoint_disable(void);
void hw_breakpoint_restore(void);

void hw_breakpoint_lend(const unsigned long *addr, unsigned long dr7);
void hw_breakpoint_guest_wrote(const unsigned long *addr);
void hw_breakpoint_forget(void);
void __hw_breakpoint_take_back(void);

/**
 * hw_breakpoint_take_back() - a guest has run
 *
 * Ends hw_breakpoint_lend() or hw_breakpoint_silence(), whichever KVM has called before the
 * entry. If neither, nothing was to fire when KVM looked. A debugger's NMI may have set DR7
 * between that look and the entry, and the exit has cleared DR7.
 *
 * Context: interrupts off. hw_breakpoint_rearm() has to follow before this CPU is in user
 * mode again; guests may run before that.
 */
static __always_inline void hw_breakpoint_take_back(void)
{
	/* __this_cpu_read() is not volatile, so one instruction tests the mask */
	if (unlikely(__this_cpu_read(hwbp_silence) & (HWBP_ACTIVE | HWBP_SECTIONS)))
		__hw_breakpoint_take_back();
}

/**
 * hw_breakpoint_expect_guests() - guests may run on this CPU from here
 *
 * They may until hw_breakpoint_rearm().
 *
 * Context: preemption disabled.
 */
static __always_inline void hw_breakpoint_expect_guests(void)
{
	this_cpu_or(hwbp_silence, HWBP_GUESTS);
}

void hw_breakpoint_rearm(void);

#endif /* _ASM_X86_HW_BREAKPOINT_ENTRY_H */
