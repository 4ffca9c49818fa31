// SPDX-License-Identifier: GPL-2.0
/*
 * Hardware breakpoints of kgdb and kdb.
 *
 * kgdb reserves what gdb's Z1 to Z4 and kdb's bph ask for from the breakpoint layer, on all
 * CPUs, and sets it there. A hit enters kgdb. A CPU is silent while it is in kgdb, or kgdb's own
 * code would hit what is watched. On its way out each CPU brings its slots up to date with what
 * was set meanwhile.
 *
 * To get over a breakpoint gdb removes it and has one CPU step. kgdb holds the other CPUs
 * meanwhile, or they would run past the breakpoint. So the CPU that steps may run nothing but
 * the one instruction: an interrupt on it might wait for a lock of a CPU that is held. Where kgdb
 * cannot ensure that, it lets the other CPUs go on. It lets them go on, too, if the step lasts.
 *
 * The master CPU in kgdb changes the breakpoints; the other CPUs wait meanwhile. There is one
 * exception: the task that unregisters the I/O driver removes all breakpoints, and the master may
 * have stopped that task's CPU in the middle of this. So whichever of the two clears the mark of a
 * breakpoint, @set, releases its slots:
 *
 *	free		holds no slots, or is about to hold none
 *	set		holds a slot of each CPU	kgdb_hw_set()
 *	free						release()
 *
 * Breakpoints are on from the registration of an I/O driver to the moment when it begins to
 * go. While they are off, none can be set, and no hit stops a CPU: kgdb cannot call in the other
 * CPUs any more.
 */

#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_debug.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/kdb.h>
#include <linux/kdebug.h>
#include <linux/kgdb.h>
#include <linux/kgdb_hw_break.h>
#include <linux/kprobes.h>
#include <linux/kstrtox.h>
#include <linux/moduleparam.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/sprintf.h>
#include <linux/time64.h>
#include <linux/timekeeping.h>

#include "debug_core.h"
#include "kdb/kdb_private.h"

/* kgdb.hw_take on the command line */
#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "kgdb."

/**
 * struct kgdb_hw - a hardware breakpoint of kgdb
 * @bp: what holds its slots
 * @addr: as kgdb was asked for
 * @type: as kgdb was asked for
 * @set: the breakpoint is set; whoever clears this releases the slots
 */
struct kgdb_hw {
	struct hw_breakpoint_debug	bp;
	unsigned long			addr;
	enum kgdb_bptype		type;
	bool				set;
};

/**
 * struct kgdb_hw_hit - why a CPU is in kgdb
 * @addr: address of the breakpoint that the CPU has hit; the breakpoint may have gone since
 * @type: type of that breakpoint; BP_BREAKPOINT: the CPU has hit none
 */
struct kgdb_hw_hit {
	unsigned long		addr;
	enum kgdb_bptype	type;
};

/* As many as any CPU has slots. */
static struct kgdb_hw kgdb_hw[HWBP_NR_SLOTS];

/* Breakpoints are on; written by the task that registers an I/O driver or lets it go. */
static bool kgdb_hw_on;

/* Written by the CPU itself, in the exception. */
static DEFINE_PER_CPU(struct kgdb_hw_hit, kgdb_hw_hit);

/* The CPU is in kgdb, which has silenced it; written by the CPU itself. */
static DEFINE_PER_CPU(bool, kgdb_hw_silent);

/* Far longer than an instruction takes, even on an emulator that has to wait itself. */
#define STEP_LIMIT	(5ULL * NSEC_PER_SEC)

/*
 * The time when the other CPUs stop waiting for a step; and may the CPUs that kgdb holds go on
 * before that time? Written by the CPU that steps.
 */
static u64 kgdb_hw_step_limit;
static bool kgdb_hw_step_lets_go;

/* Where no slot is left, take one from perf: the operator's choice. */
static bool kgdb_hw_take;
module_param_named(hw_take, kgdb_hw_take, bool, 0644);
MODULE_PARM_DESC(hw_take, "hardware breakpoints take slots from perf if none is free");

static unsigned int generic_type(enum kgdb_bptype type)
{
	switch (type) {
	case BP_HARDWARE_BREAKPOINT:
		return HW_BREAKPOINT_X;
	case BP_WRITE_WATCHPOINT:
		return HW_BREAKPOINT_W;
	case BP_READ_WATCHPOINT:
		return HW_BREAKPOINT_R;
	case BP_ACCESS_WATCHPOINT:
		return HW_BREAKPOINT_RW;
	default:
		return HW_BREAKPOINT_EMPTY;
	}
}

/* ---- hits ---- */

/*
 * gdb expects one stop for one exception. What this CPU has hit is remembered for gdb. If
 * another breakpoint of the same exception is still to be reported, or a single step, which
 * kgdb reports by itself, the CPU stops for that one. While breakpoints are off no CPU stops,
 * and no hit is remembered.
 */
static void kgdb_hw_stop(struct hw_breakpoint_debug *bp, struct pt_regs *regs,
			 int slot, unsigned int flags)
{
	bool stepping = flags & HW_BREAKPOINT_HIT_STEP && kgdb_hw_stepping();
	struct kgdb_hw *hw = container_of(bp, struct kgdb_hw, bp);

	if (!READ_ONCE(kgdb_hw_on))
		return;
	this_cpu_write(kgdb_hw_hit.addr, hw->addr);
	this_cpu_write(kgdb_hw_hit.type, hw->type);
	if (flags & HW_BREAKPOINT_HIT_MORE || stepping)
		return;
	/* with any other vector kdb would say that it was an oops */
	kgdb_handle_exception(0, SIGTRAP, 0, regs);
	touch_nmi_watchdog();
}
NOKPROBE_SYMBOL(kgdb_hw_stop);

static struct kgdb_hw *find_set(unsigned long addr, enum kgdb_bptype type)
{
	struct kgdb_hw *hw;

	for (hw = kgdb_hw; hw < kgdb_hw + ARRAY_SIZE(kgdb_hw); hw++) {
		if (READ_ONCE(hw->set) && hw->addr == addr && hw->type == type)
			return hw;
	}
	return NULL;
}
NOKPROBE_SYMBOL(find_set);

static struct kgdb_hw *find_free(void)
{
	struct kgdb_hw *hw;

	for (hw = kgdb_hw; hw < kgdb_hw + ARRAY_SIZE(kgdb_hw); hw++) {
		if (!READ_ONCE(hw->set))
			return hw;
	}
	return NULL;
}

/**
 * kgdb_hw_gone() - has this CPU hit what has been removed since?
 *
 * Another CPU may have been in kgdb before this one, and gdb may have removed the breakpoint
 * then. While gdb has a CPU step over a breakpoint, gdb removes all breakpoints for a moment; that
 * does not count.
 *
 * Context: the master CPU in kgdb.
 * Return: true if there is nothing to stop for.
 */
bool kgdb_hw_gone(void)
{
	struct kgdb_hw_hit *hit = this_cpu_ptr(&kgdb_hw_hit);

	if (kgdb_hw_stepping())
		return false;
	if (hit->type == BP_BREAKPOINT || find_set(hit->addr, hit->type))
		return false;
	hit->type = BP_BREAKPOINT;
	return true;
}
NOKPROBE_SYMBOL(kgdb_hw_gone);

/**
 * kgdb_hw_stop_reason() - which watchpoint has stopped this CPU?
 * @packet: end of a stop reply packet that is being made
 *
 * gdb takes a stop for a watchpoint's only if it is told so.
 *
 * Context: the master CPU in kgdb.
 * Return: the end of the packet.
 */
char *kgdb_hw_stop_reason(char *packet)
{
	static const char * const names[] = {
		[BP_BREAKPOINT]		= NULL,
		[BP_HARDWARE_BREAKPOINT] = NULL,
		[BP_WRITE_WATCHPOINT]	= "watch",
		[BP_READ_WATCHPOINT]	= "rwatch",
		[BP_ACCESS_WATCHPOINT]	= "awatch",
	};
	struct kgdb_hw_hit *hit = this_cpu_ptr(&kgdb_hw_hit);

	if (!names[hit->type])
		return packet;
	return packet + sprintf(packet, "%s:%lx;", names[hit->type], hit->addr);
}

/* ---- setting and removing ---- */

/* Says who has the slots, into the log that takes no lock. */
static void explain(unsigned int type)
{
	struct hw_breakpoint_holder holders[8];
	unsigned int i, n;

	/* The reservation is for all CPUs; any of them may have no slot left. */
	n = hw_breakpoint_debug_holders(HW_BREAKPOINT_ALL_CPUS, type, holders,
					ARRAY_SIZE(holders));
	printk_deferred("kgdb: no hardware breakpoint is free; held by:\n");
	for (i = 0; i < n; i++)
		printk_deferred("kgdb: %s, task %d, CPU %d, address %p\n",
				holders[i].comm, holders[i].pid, holders[i].cpu,
				(void *)(long)holders[i].addr);
}

/* free -> set, but for the mark */
static int reserve_and_set(struct kgdb_hw *hw, unsigned long addr, int len,
			   unsigned int type)
{
	int err;

	hw->bp.owner = "kgdb";
	hw->bp.hit = kgdb_hw_stop;
	err = hw_breakpoint_debug_reserve(&hw->bp, HW_BREAKPOINT_ALL_CPUS, type,
					  kgdb_hw_take ? HW_BREAKPOINT_TAKE : 0);
	if (err == -ENOSPC)
		explain(type);
	if (err)
		return err;
	err = hw_breakpoint_debug_set(&hw->bp, addr, len, type);
	if (err)
		hw_breakpoint_debug_release(&hw->bp);
	return err;
}

/**
 * kgdb_hw_set() - set a hardware breakpoint on all CPUs
 * @addr: first byte
 * @len: number of bytes; of no concern for a breakpoint at an instruction
 * @type: kgdb's type
 *
 * free -> set
 *
 * Context: the master CPU in kgdb.
 * Return: 0; -EINVAL, -EOPNOTSUPP or -ENOSPC; -ENODEV while breakpoints are off. After an error
 * nothing is set.
 */
int kgdb_hw_set(unsigned long addr, int len, enum kgdb_bptype type)
{
	unsigned int generic = generic_type(type);
	struct kgdb_hw *hw = find_free();
	int err;

	if (generic == HW_BREAKPOINT_EMPTY || len < 0)
		return -EINVAL;
	/* on:B, pairs with on:A */
	if (!READ_ONCE(kgdb_hw_on))
		return -ENODEV;
	if (!hw)
		return -ENOSPC;
	err = reserve_and_set(hw, addr, len, generic);
	if (!err) {
		hw->addr = addr;
		hw->type = type;
		WRITE_ONCE(hw->set, true);
	}
	return err;
}

/*
 * set -> free
 *
 * Two may remove the same breakpoint: the task in kgdb_hw_exit(), and a master CPU that has stopped
 * that task in the middle and removes all breakpoints. The one that clears @set releases the slots.
 * Nothing is set before the task is through, so nobody uses @hw again before its slots have been
 * released.
 */
static void release(struct kgdb_hw *hw)
{
	if (xchg(&hw->set, false))
		hw_breakpoint_debug_release(&hw->bp);
}

/**
 * kgdb_hw_remove() - remove a hardware breakpoint
 * @addr: as when it was set
 * @len: unused
 * @type: as when it was set
 *
 * Context: the master CPU in kgdb.
 * Return: 0, or -ENOENT if there is none.
 */
int kgdb_hw_remove(unsigned long addr, int len, enum kgdb_bptype type)
{
	struct kgdb_hw *hw = find_set(addr, type);

	if (!hw)
		return -ENOENT;
	release(hw);
	return 0;
}

/**
 * kgdb_hw_remove_all() - remove all hardware breakpoints
 *
 * Context: the master CPU in kgdb, or the task in kgdb_hw_exit().
 */
void kgdb_hw_remove_all(void)
{
	struct kgdb_hw *hw;

	for (hw = kgdb_hw; hw < kgdb_hw + ARRAY_SIZE(kgdb_hw); hw++)
		release(hw);
}

/**
 * kgdb_hw_start() - there is an I/O driver: breakpoints can be set
 *
 * off -> on
 *
 * If an I/O driver replaces another one, breakpoints are on already, and what was set stays set.
 *
 * Context: task context, or early boot; the driver has been registered, and no other one is
 * before it has gone.
 */
void kgdb_hw_start(void)
{
	WRITE_ONCE(kgdb_hw_on, true);
}

/**
 * kgdb_hw_exit() - the I/O driver is about to go
 *
 * on -> off, and all that are set -> free
 *
 * Without the driver nobody could remove the breakpoints. While the driver goes, a CPU can still
 * get into the debugger by way of it, and once it has gone another driver can be registered. So
 * all breakpoints are removed, and none can be set, before the driver begins to go.
 *
 * Breakpoints of kdb's bph would otherwise keep their slots. kdb sets them again when a CPU leaves
 * kdb the next time, so kdb_bp_remove() notes that they are not set now. kdb's breakpoints in the
 * code stay as they are.
 *
 * Context: task context with interrupts on; a CPU may get into the debugger, and stop this
 * one, at any instruction.
 */
void kgdb_hw_exit(void)
{
	WRITE_ONCE(kgdb_hw_on, false);
	/* on:A, pairs with on:B: who has seen it on has left kgdb, where interrupts are off */
	kick_all_cpus_sync();
#ifdef CONFIG_KGDB_KDB
	kdb_bp_remove();
#endif
	kgdb_hw_remove_all();
}

/* ---- steps ---- */

/**
 * kgdb_hw_stepping() - is a CPU about to execute one instruction for kgdb?
 *
 * Context: any.
 * Return: true or false.
 */
bool kgdb_hw_stepping(void)
{
	return atomic_read(&kgdb_cpu_doing_single_step) != -1;
}
NOKPROBE_SYMBOL(kgdb_hw_stepping);

/**
 * kgdb_hw_step() - this CPU is to step when it leaves kgdb
 * @regs: registers of the instruction
 *
 * With kgdb_single_step kgdb holds the other CPUs until this one is back in kgdb.
 *
 * Context: the master CPU in kgdb.
 */
void kgdb_hw_step(struct pt_regs *regs)
{
	WRITE_ONCE(kgdb_hw_step_limit, ktime_get_mono_fast_ns() + STEP_LIMIT);
	WRITE_ONCE(kgdb_hw_step_lets_go, false);
	kgdb_single_step = arch_hwbp_step_is_alone(regs);
}
NOKPROBE_SYMBOL(kgdb_hw_step);

/**
 * kgdb_hw_step_lasts() - the instruction that this CPU steps has taken an exception
 *
 * Its handler may wait for a lock of a CPU that is held, so those are let go.
 *
 * Context: exception, on the CPU that steps.
 */
void kgdb_hw_step_lasts(void)
{
	WRITE_ONCE(kgdb_hw_step_lets_go, true);
}
NOKPROBE_SYMBOL(kgdb_hw_step_lasts);

/**
 * kgdb_hw_step_faults() - a page fault with interrupts masked
 * @regs: registers of the fault
 *
 * This sets the interrupt mask in @regs to what the program had. The step ends when the fault has
 * been handled.
 *
 * Context: page fault in the kernel, on the CPU that steps or any other.
 * Return: true if interrupts were masked in @regs for kgdb's step only, and are not any more.
 */
bool kgdb_hw_step_faults(struct pt_regs *regs)
{
	bool stepped = arch_hwbp_debug_enter(regs);

	arch_hwbp_debug_leave(regs, false);
	if (stepped)
		kgdb_hw_step_lasts();
	return stepped;
}
NOKPROBE_SYMBOL(kgdb_hw_step_faults);

static bool in_time(void)
{
	return ktime_get_mono_fast_ns() < READ_ONCE(kgdb_hw_step_limit);
}

/**
 * kgdb_hw_wait_for_step() - shall this CPU wait until another one has stepped?
 * @tries: unused
 *
 * gdb expects the CPU that steps to stop next, and no other.
 *
 * Context: a CPU that has hit something while another one steps, with kgdb's master lock.
 * Return: true if this CPU shall give the lock back and try again.
 */
bool kgdb_hw_wait_for_step(int *tries)
{
	return in_time();
}
NOKPROBE_SYMBOL(kgdb_hw_wait_for_step);

/**
 * kgdb_hw_free_others() - let the CPUs go on that are held, if a step lasts
 * @master: lock of the master CPU in kgdb, which is free during a step
 * @slave: lock that holds the others; the CPU that steps has left it locked
 *
 * While this CPU has @master no other one is master, and so none takes or releases @slave,
 * or looks at kgdb_single_step.
 *
 * Context: called by each CPU that is held, again and again.
 */
void kgdb_hw_free_others(raw_spinlock_t *master, raw_spinlock_t *slave)
{
	if (!READ_ONCE(kgdb_single_step) ||
	    (!READ_ONCE(kgdb_hw_step_lets_go) && in_time()))
		return;
	if (!raw_spin_trylock(master))
		return;
	if (kgdb_single_step && kgdb_hw_stepping()) {
		kgdb_single_step = 0;
		__acquire(slave);
		raw_spin_unlock(slave);
	}
	raw_spin_unlock(master);
}
NOKPROBE_SYMBOL(kgdb_hw_free_others);

/* Return: true if this CPU steps, and the others are held. */
static bool holds_others(void)
{
	return kgdb_single_step &&
	       atomic_read(&kgdb_cpu_doing_single_step) == raw_smp_processor_id();
}
NOKPROBE_SYMBOL(holds_others);

/* ---- in and out ---- */

/**
 * kgdb_hw_enter() - this CPU enters kgdb
 * @regs: what the debugger will see
 *
 * Context: exception or NMI.
 */
void kgdb_hw_enter(struct pt_regs *regs)
{
	unsigned long flags;

	local_irq_save(flags);
	if (!__this_cpu_read(kgdb_hw_silent)) {
		hw_breakpoint_silence();
		arch_hwbp_debug_enter(regs);
	}
	__this_cpu_write(kgdb_hw_silent, true);
	local_irq_restore(flags);
}
NOKPROBE_SYMBOL(kgdb_hw_enter);

/**
 * kgdb_hw_leave() - this CPU leaves kgdb
 *
 * The hit that this CPU has stopped for is forgotten. But if another CPU has called this one in,
 * this CPU may have been about to stop for a hit of its own. Then it stops for that hit next, and
 * remembers it until then.
 *
 * Context: exception or NMI.
 */
void kgdb_hw_leave(void)
{
	hw_breakpoint_debug_sync();
	if (kgdb_info[raw_smp_processor_id()].exception_state & DCPU_WANT_MASTER)
		this_cpu_write(kgdb_hw_hit.type, BP_BREAKPOINT);
	if (__this_cpu_read(kgdb_hw_silent)) {
		__this_cpu_write(kgdb_hw_silent, false);
		arch_hwbp_debug_leave(kgdb_info[raw_smp_processor_id()].debuggerinfo,
				      holds_others());
		hw_breakpoint_unsilence();
	}
}
NOKPROBE_SYMBOL(kgdb_hw_leave);

/* ---- kdb, and gdb's monitor ---- */

#ifdef CONFIG_KGDB_KDB
static void show_holders(int cpu, unsigned int type)
{
	struct hw_breakpoint_holder holders[8];
	unsigned int i, n;

	n = hw_breakpoint_debug_holders(cpu, type, holders, ARRAY_SIZE(holders));
	for (i = 0; i < n; i++)
		kdb_printf("CPU %d: %s, task %d, address %p\n", cpu,
			   holders[i].comm, holders[i].pid, (void *)(long)holders[i].addr);
}

static int kdb_hwbp(int argc, const char **argv)
{
	int cpu;

	if (argc == 2 && !strcmp(argv[1], "take"))
		return kstrtobool(argv[2], &kgdb_hw_take) ? KDB_BADINT : 0;
	if (argc)
		return KDB_ARGCOUNT;
	for_each_online_cpu(cpu) {
		show_holders(cpu, HW_BREAKPOINT_X);
		if (TYPE_MAX > 1)
			show_holders(cpu, HW_BREAKPOINT_W);
	}
	kdb_printf("slots of perf are %s if none is free\n",
		   kgdb_hw_take ? "taken" : "not taken");
	return 0;
}

static kdbtab_t hwbp_command = {
	.name	= "hwbp",
	.func	= kdb_hwbp,
	.usage	= "[take on|off]",
	.help	= "Show who has hardware breakpoints; let bph take them from perf",
	.flags	= KDB_ENABLE_MEM_READ | KDB_ENABLE_FLOW_CTRL,
};

static int __init kgdb_hw_init(void)
{
	return kdb_register(&hwbp_command);
}
core_initcall(kgdb_hw_init);
#endif
