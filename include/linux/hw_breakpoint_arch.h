/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The contract between the breakpoint core and a back end.
 *
 * A back end parses attributes, encodes and writes registers and decodes
 * exceptions. It finds no slots and keeps no owners: these are the core's. See
 * Documentation/core-api/hw_breakpoint-arch.rst for what a port must supply.
 *
 * Architectures that do not select HAVE_HW_BREAKPOINT_BACKEND are driven through
 * arch_install_hw_breakpoint() and arch_uninstall_hw_breakpoint() as before.
 */
#ifndef _LINUX_HW_BREAKPOINT_ARCH_H
#define _LINUX_HW_BREAKPOINT_ARCH_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_types.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uprobes.h>

struct hw_breakpoint_debug;
struct hwbp_cpu;
struct pt_regs;

/* Whose memory addresses are of. */
enum hwbp_space {
	HWBP_OF_NOBODY,
	HWBP_OF_USER,
	HWBP_OF_KERNEL,
};

/**
 * hwbp_image_equal() - do two images match the same accesses?
 * @a: registers of one slot
 * @b: registers of another
 *
 * Context: any.
 * Return: true if all their registers are the same.
 */
static inline bool hwbp_image_equal(const struct hwbp_image *a,
				    const struct hwbp_image *b)
{
	return a->addr == b->addr && a->both == b->both;
}

/* The right of an event to its slot; it has one from the start. */
static inline struct hw_breakpoint_reservation *hwbp_reservation(const struct perf_event *bp)
{
	return bp->pmu_private;
}

#ifdef CONFIG_HAVE_HW_BREAKPOINT_BACKEND

/*
 * asm/hw_breakpoint.h defines:
 *
 * HWBP_NR_SLOTS	size of the slot number space, at most 32; a slot's number
 *			is its bit in every mask below
 * HWBP_SLOT_ENABLE	the enable bit of a slot's control bits, where each slot has
 *			one in a register of its own (arm64); 0 where the master
 *			register holds them all (x86)
 * HWBP_SLOTS_REST	1 where arch_hwbp_rests() can name any
 */
#define HWBP_ALL_SLOTS	GENMASK(HWBP_NR_SLOTS - 1, 0)

/*
 * Data that nobody may watch. All tables of it are called hwbp_*entry_data[]: they can be read
 * out of object files, and compared with what the entry code there touches.
 */
struct hwbp_entry_data {
	const void __percpu	*per_cpu;	/* on every CPU; the first is at 0 there */
	const void		*global;	/* or once, else NULL */
	unsigned long		size;		/* in bytes; 0 ends the table */
};

#define HWBP_PER_CPU(var)	{ .per_cpu = &(var), .size = sizeof(var) }
#define HWBP_GLOBAL(var)	{ .global = &(var), .size = sizeof(var) }

/**
 * struct hwbp_cpu_slots - slots that a CPU has, whether or not all CPUs have them
 * @all: mask of slot numbers
 * @context: those of @all that can match a context as well as an address
 */
struct hwbp_cpu_slots {
	u32	all;
	u32	context;
};

/* The back end's; it may have more. */
extern const struct hwbp_entry_data hwbp_arch_entry_data[];

/*
 * May have some of the functions below as inline functions, each with a macro of the
 * same name: a call takes longer than most of them.
 */
#include <asm/hw_breakpoint_inline.h>

/**
 * arch_hwbp_space() - whose memory is it?
 * @tsk: task that the breakpoint is for, or NULL for a CPU's and a debugger's
 * @addr: first byte
 * @end: last byte; below @addr if the range goes beyond the last address
 *
 * As the comparator sees the address, which may look at fewer bits than there are, and
 * not as the current task does.
 *
 * Context: any, NMI included.
 * Return: HWBP_OF_USER or HWBP_OF_KERNEL if all bytes are, or may once be, of that space;
 * HWBP_OF_NOBODY if an access to some of them is not possible.
 */
enum hwbp_space arch_hwbp_space(struct task_struct *tsk, u64 addr, u64 end);

/**
 * hwbp_space() - whose memory does a breakpoint watch?
 * @bp: the event, or NULL for a debugger's
 * @attr: attributes
 *
 * An instruction is matched by its first byte.
 *
 * Context: any, NMI included.
 * Return: as arch_hwbp_space().
 */
static inline enum hwbp_space hwbp_space(const struct perf_event *bp,
					 const struct perf_event_attr *attr)
{
	u64 len = attr->bp_type == HW_BREAKPOINT_X ? 1 : attr->bp_len;

	return arch_hwbp_space(bp ? bp->hw.target : NULL, attr->bp_addr,
			       attr->bp_addr + len - 1);
}

/**
 * arch_hwbp_pool() - the slots that serve a type
 * @type: TYPE_INST or TYPE_DATA
 *
 * Context: any. Constant once the CPU features are final.
 * Return: mask of slot numbers; hweight of it equals hw_breakpoint_slots().
 */
#ifndef arch_hwbp_pool
u32 arch_hwbp_pool(int type);
#endif

/**
 * arch_hwbp_cpu_slots() - the slots that a CPU has by itself
 * @cpu: the CPU, online
 * @slots: filled
 *
 * For users who want to know what their machine has: the core uses those of arch_hwbp_pool().
 *
 * Context: any.
 */
#ifndef arch_hwbp_cpu_slots
void arch_hwbp_cpu_slots(int cpu, struct hwbp_cpu_slots *slots);
#endif

/**
 * arch_hwbp_encode() - registers for a parsed breakpoint
 * @hw: what hw_breakpoint_arch_parse() made
 * @image: filled with the slot's registers, enable bit included
 *
 * Context: any, NMI included. The same in every slot of the pool.
 */
#ifndef arch_hwbp_encode
void arch_hwbp_encode(const struct arch_hw_breakpoint *hw,
		      struct hwbp_image *image);
#endif

/**
 * arch_hwbp_write() - write one slot's registers
 * @slot: slot number
 * @have: what the registers hold, or NULL when that is not known
 * @want: what they shall hold; NULL, only with HWBP_SLOT_ENABLE: it must not match anything
 *
 * Writes only what differs. The core has made sure that the slot cannot fire
 * while it changes, unless arch_hwbp_changes_at_once().
 *
 * Context: interrupts off, or NMI.
 */
#ifndef arch_hwbp_write
void arch_hwbp_write(int slot, const struct hwbp_image *have,
		     const struct hwbp_image *want);
#endif

/**
 * arch_hwbp_switch() - write one slot's own enable bit
 * @slot: slot number
 * @ctrl: control bits of the slot; they differ from what it has in HWBP_SLOT_ENABLE alone
 *
 * Only with HWBP_SLOTS_REST.
 *
 * Context: interrupts off, or NMI; under arch_hwbp_mask().
 */
#ifndef arch_hwbp_switch
void arch_hwbp_switch(int slot, u32 ctrl);
#endif

/**
 * arch_hwbp_changes_at_once() - may a slot go on firing while it is written?
 * @have: what its registers hold
 * @want: what they shall hold
 *
 * Others define it as a macro.
 *
 * Context: interrupts off, or NMI.
 * Return: true if one write of arch_hwbp_write() makes all the difference, or nothing fires
 * under arch_hwbp_mask(): whatever fires matches one of the two.
 */
#ifndef arch_hwbp_changes_at_once
bool arch_hwbp_changes_at_once(const struct hwbp_image *have,
			       const struct hwbp_image *want);
#endif

/**
 * arch_hwbp_master() - value of the master register
 * @image: registers of every slot
 * @live: slots that shall fire; with HWBP_SLOTS_REST also those that rest
 * @quiet: slots that must not, because their registers are about to change
 *
 * With @quiet set the result may silence more than was asked for.
 *
 * Context: any, NMI included.
 * Return: opaque to the core, but 0 means that nothing can fire.
 */
#ifndef arch_hwbp_master
u64 arch_hwbp_master(const struct hwbp_image *image, u32 live, u32 quiet);
#endif

/**
 * arch_hwbp_write_master() - write the master register
 * @have: what it holds
 * @want: what it shall hold; when equal to @have it is being restored
 *
 * Ordered against the slot registers by the back end: no slot fires with registers
 * older than those written before. Between hw_breakpoint_silence() and
 * hw_breakpoint_unsilence() it is only noted what it shall hold afterwards.
 *
 * Context: interrupts off, or NMI.
 */
#ifndef arch_hwbp_write_master
void arch_hwbp_write_master(u64 have, u64 want);
#endif

/**
 * arch_hwbp_master_is_free() - does nobody else write the master register now?
 *
 * Where arch_hwbp_write_master() may find that it has to be left to somebody else, or that
 * there is more to do than to write it. Elsewhere it always is free.
 *
 * Context: interrupts off.
 * Return: true if not; good until interrupts are on, or hw_breakpoint_silence().
 */
#ifndef arch_hwbp_master_is_free
#define arch_hwbp_master_is_free()	true
#endif

/**
 * arch_hwbp_write_free_master() - arch_hwbp_write_master() without asking for that
 * @have: what it holds
 * @want: what it shall hold, something else
 *
 * Context: interrupts off; arch_hwbp_master_is_free().
 */
#ifndef arch_hwbp_write_free_master
#define arch_hwbp_write_free_master(have, want)	arch_hwbp_write_master(have, want)
#endif

/**
 * arch_hwbp_rests() - which slots must rest for now?
 * @c: the running CPU
 * @slots: slots with an owner; hwbp_wanted() says what each shall hold
 *
 * For architectures that take a breakpoint away while they step over it.
 *
 * Context: interrupts off, or NMI; asks about the running CPU.
 * Return: those of @slots that must not fire until asked again.
 */
#ifndef arch_hwbp_rests
u32 arch_hwbp_rests(const struct hwbp_cpu *c, u32 slots);
#endif

/**
 * arch_hwbp_carry_hits() - a breakpoint changes that may have been hit
 * @tsk: the task that may be about to execute the instruction; current, or not
 *	running
 * @from: its slot's registers so far
 * @to: and from now on; rests if @from does
 *
 * Only with HWBP_SLOTS_REST.
 *
 * Context: interrupts off.
 */
void arch_hwbp_carry_hits(struct task_struct *tsk, const struct hwbp_image *from,
			  const struct hwbp_image *to);

/**
 * hwbp_overlaps() - does a range have any of these bytes?
 * @addr: first byte of the range
 * @end: its last byte
 * @start: the bytes
 * @size: how many
 *
 * Context: any.
 * Return: true if so.
 */
static inline bool hwbp_overlaps(unsigned long addr, unsigned long end,
				 unsigned long start, unsigned long size)
{
	return end >= start && addr < start + size;
}

/**
 * arch_hwbp_needed_by_entry() - addresses nobody may watch
 * @addr: first byte
 * @end: last byte
 *
 * Return: true when the exception entry path touches the range.
 */
bool arch_hwbp_needed_by_entry(unsigned long addr, unsigned long end);

/**
 * arch_hwbp_mask() - let nothing interrupt that may come back to the slots
 *
 * For architectures whose debug exceptions commit. They and whatever may lead to
 * them are masked while registers are written. Others define it as a macro.
 *
 * Context: interrupts off, or NMI.
 * Return: for arch_hwbp_unmask().
 */
#ifndef arch_hwbp_mask
unsigned long arch_hwbp_mask(void);
void arch_hwbp_unmask(unsigned long flags);
#endif

/**
 * arch_hwbp_unreported() - slots that have fired, and nobody has been told
 *
 * Where an NMI may come between a hit and the report of it. Others define it as a macro.
 *
 * Context: NMI.
 * Return: mask of slot numbers, of what this NMI has interrupted; perhaps too many.
 */
#ifndef arch_hwbp_unreported
u32 arch_hwbp_unreported(void);
#endif

/*
 * Of each back end: between the two nothing fires on this CPU. They nest. What is
 * changed meanwhile is in the registers when the outermost pair ends. With
 * interrupts off, or from an NMI.
 */
#ifndef hw_breakpoint_silence
void hw_breakpoint_silence(void);
void hw_breakpoint_unsilence(void);
#endif

/**
 * arch_hwbp_abandoned() - is this CPU in a silent section?
 *
 * Asked where it can be in none: by a task that dies.
 *
 * Context: interrupts off, task context.
 * Return: true if hw_breakpoint_silence(), or what the back end has like it, was never
 * ended.
 */
bool arch_hwbp_abandoned(void);

/**
 * arch_hwbp_abandon() - all silent sections but the caller's are forgotten
 *
 * And whatever was to be done at their end. The master register lets nothing fire
 * after it, whatever it was believed to hold.
 *
 * Context: the caller's hw_breakpoint_silence(), interrupts off, task context.
 */
void arch_hwbp_abandon(void);

/**
 * arch_hwbp_end_exception() - the debug exception that this task is in never returns
 *
 * If it is in one: the hits that were being reported are nobody's, and what the
 * exception, or arch_hwbp_mask(), has masked other than interrupts is let in again.
 *
 * Context: task context. Interrupts are off after it if there was anything to let in.
 */
void arch_hwbp_end_exception(void);

/*
 * For a debugger that has a CPU execute one instruction of the kernel while it holds
 * the others, for which the CPU must not wait then: see kernel/debug/hw_break.c.
 */
bool arch_hwbp_step_is_alone(struct pt_regs *regs);
bool arch_hwbp_debug_enter(struct pt_regs *regs);
void arch_hwbp_debug_leave(struct pt_regs *regs, bool alone);

void hwbp_sync_debuggers(void);

/*
 * What the core offers a back end. The slots of a CPU are read by its exceptions alone,
 * with interrupts off.
 */

/**
 * struct hwbp_cpu - the slots of one CPU
 * @owner: event that each slot belongs to, or NULL
 * @debugger: debugger's breakpoint that each slot belongs to, where @placed
 * @aim: what debuggers watch, valid where @placed
 * @have: shadow, valid where @known
 * @owned: slots that perf has installed events in
 * @choosing: perf is about to install an event in some slot
 * @placed: slots that debuggers have; where they are @owned as well they have been
 *	taken from perf, which has yet to be told
 * @changed: slots whose owner changed since the last commit
 * @live: slots that may fire
 * @committed: slots that had an owner at the last commit
 * @armed: slots whose own enable bit is set, see HWBP_SLOT_ENABLE; they fire
 *	only if the master register lets them
 * @known: slots whose registers hold what @have says
 * @unwritten: slots with an owner whose registers do not hold what it wants; but for the
 *	enable bit, for which see @armed
 * @master: what the master register holds
 * @busy: the registers and the shadow are being changed; a debugger must not
 * @pending: debuggers' wishes have changed since they were last looked at
 * @healed: how often a task has died where none of this could go on, see
 *	hw_breakpoint_heal(); others read it
 * @unwatched: how often hwbp_note_unwatched() has been called
 * @taken: how often a debugger has taken a slot that an event had
 * @loans: how often registers have been lent to a guest
 *
 * Written by its own CPU with interrupts off, and by the control CPU while its
 * own is down. Others read @owner for the table of slots, under RCU, and what is counted.
 */
struct hwbp_cpu {
	struct perf_event	*owner[HWBP_NR_SLOTS];
	struct hw_breakpoint_debug *debugger[HWBP_NR_SLOTS];
	struct hwbp_image	aim[HWBP_NR_SLOTS];
	struct hwbp_image	have[HWBP_NR_SLOTS];
	u32			owned;
	u32			placed;
	u32			changed;
	u32			live;
	u32			committed;
	u32			armed;
	u32			known;
	u32			unwritten;
	u64			master;
	bool			choosing;
	bool			busy;
	bool			pending;
	unsigned int		healed;
	unsigned long		unwatched;
	unsigned long		taken;
	unsigned long		loans;
};

DECLARE_PER_CPU(struct hwbp_cpu, hwbp_cpu);

/* What @slot shall hold, which has an owner. */
static nokprobe_inline const struct hwbp_image *
hwbp_wanted(const struct hwbp_cpu *c, unsigned long slot)
{
	if (unlikely(c->placed & BIT(slot)))
		return &c->aim[slot];
	return &hwbp_reservation(c->owner[slot])->image;
}

/* Return: true if the registers of @slot hold @image for sure. */
static nokprobe_inline bool hwbp_holds(const struct hwbp_cpu *c, int slot,
				       const struct hwbp_image *image)
{
	return hwbp_image_equal(&c->have[slot], image) && c->known & BIT(slot);
}

/* hwbp_slot_owner(), where the caller knows the running CPU already */
static nokprobe_inline struct perf_event *hwbp_owner(const struct hwbp_cpu *c, int slot)
{
	struct perf_event *bp = c->owner[slot];

	if (!bp || (c->changed | c->placed | ~c->known) & BIT(slot))
		return NULL;
	/* What rests has been disarmed, and may have hits to be told of. */
	if (!HWBP_SLOTS_REST && !hwbp_holds(c, slot, &hwbp_reservation(bp)->image))
		return NULL;
	return bp;
}

/**
 * hwbp_slot_owner() - whose hit is it?
 * @slot: slot of this CPU
 *
 * Context: interrupts off, from the exception.
 * Return: the event, or NULL if the slot has none, is between two, or holds what is
 * not its owner's: a guest's registers, or nobody knows what.
 */
static nokprobe_inline struct perf_event *hwbp_slot_owner(int slot)
{
	return hwbp_owner(this_cpu_ptr(&hwbp_cpu), slot);
}

struct hw_breakpoint_debug *hwbp_find_slot_debugger(int slot);
bool hwbp_debugger_among(const struct hw_breakpoint_debug *debug, u32 slots);

/**
 * hwbp_slot_debugger() - is it a debugger's hit?
 * @slot: slot of this CPU
 *
 * Context: interrupts off, from the exception.
 * Return: the debugger's breakpoint, or NULL if the slot is not a debugger's, or its registers
 * do not hold what the debugger wants there now.
 */
static nokprobe_inline struct hw_breakpoint_debug *hwbp_slot_debugger(int slot)
{
	if (likely(!(__this_cpu_read(hwbp_cpu.placed) & BIT(slot))))
		return NULL;
	return hwbp_find_slot_debugger(slot);
}

/**
 * hwbp_master() - what the master register holds, or will when it is let
 *
 * Always inline, since the entry of exceptions asks, where nothing may be traced.
 *
 * Context: interrupts off, noinstr.
 * Return: as arch_hwbp_master() made it.
 */
static __always_inline u64 hwbp_master(void)
{
	return raw_cpu_read(hwbp_cpu.master);
}

/**
 * hwbp_slot_image() - what a slot's registers hold, from the shadow
 * @slot: slot of this CPU, one of hwbp_live()
 *
 * Context: interrupts off.
 * Return: the image; good until the next commit on this CPU.
 */
static nokprobe_inline const struct hwbp_image *hwbp_slot_image(unsigned long slot)
{
	return &this_cpu_ptr(&hwbp_cpu)->have[slot];
}

/**
 * hwbp_live() - the slots of this CPU that may fire
 *
 * Context: interrupts off.
 * Return: mask of slot numbers.
 */
static nokprobe_inline u32 hwbp_live(void)
{
	return __this_cpu_read(hwbp_cpu.live);
}

/**
 * hwbp_hits_reported() - an exception has told everybody whose slots have fired
 *
 * Does what an NMI has left to it, see hwbp_sync_debuggers().
 *
 * Context: interrupts off, from the exception.
 */
static nokprobe_inline void hwbp_hits_reported(void)
{
	if (unlikely(__this_cpu_read(hwbp_cpu.pending)))
		hwbp_sync_debuggers();
}

/**
 * hwbp_in_uprobe() - is a uprobe stepping the current task over a copy of an instruction?
 *
 * Signals wait for the end of the step.
 *
 * Context: any.
 * Return: true or false.
 */
static nokprobe_inline bool hwbp_in_uprobe(void)
{
#ifdef CONFIG_UPROBES
	return current->utask && current->utask->active_uprobe;
#else
	return false;
#endif
}

void hwbp_note_unwatched(unsigned long pc);
void hwbp_commit(void);
void hwbp_lend(const struct hwbp_image *guest, u32 slots);
void hwbp_guest_wrote(const struct hwbp_image *guest, u32 slots);
void hwbp_forget(void);
void hwbp_take_back(void);
void hwbp_restore(void);
void hw_breakpoint_refresh(void);
bool hw_breakpoint_contents(int slot, struct hwbp_image *image);
bool hwbp_in_entry_data(const struct hwbp_entry_data *data, unsigned long addr,
			unsigned long end);
bool hwbp_core_data(unsigned long addr, unsigned long end);

#endif /* CONFIG_HAVE_HW_BREAKPOINT_BACKEND */
#endif /* _LINUX_HW_BREAKPOINT_ARCH_H */
