// SPDX-License-Identifier: GPL-2.0
/* What only x86 has: a traced task's DR7, faults that need RF, range masks. */

#include "test.h"

/* ---- a traced task ---- */

#define WRITE_1		1
#define WRITE_8		9
#define ENABLED(nr, control) (1UL << (nr) * 2 | (u64)(control) << (16 + (nr) * 4))

static struct perf_event_context context;
static struct perf_event events[4];
static struct task_struct task;

static void set_event(int nr, u64 addr)
{
	events[nr] = (struct perf_event) {
		SHIM_RESERVATION(events[nr]),
		.attr = {
			.bp_addr = addr,
			.bp_len = 1,
			.bp_type = HW_BREAKPOINT_W,
			.disabled = 1,
			.exclude_kernel = 1,
		},
		.shim_own.held = true,
		.ctx = &context,
		.oncpu = -1,
	};
	task.thread.ptrace_bps[nr] = &events[nr];
}

/* DR0 to DR2 have addresses, DR3 has none. */
static void trace(void)
{
	task = (struct task_struct) { };
	set_event(0, 0x1000);
	set_event(1, 0x2000);
	set_event(2, 0x3001);
}

static void expect_event(int nr, u64 len, bool enabled)
{
	EXPECT_EQ(events[nr].attr.bp_len, len);
	EXPECT_EQ(events[nr].attr.disabled, !enabled);
}

/* A register without an address is remembered, and takes no event. */
static void test_dr7(void)
{
	u64 dr7 = ENABLED(0, WRITE_8) | ENABLED(2, WRITE_1) | ENABLED(3, WRITE_1);

	trace();
	EXPECT_EQ(hw_breakpoint_ptrace_dr7(&task, dr7), 0);
	EXPECT_EQ(task.thread.ptrace_dr7, dr7);
	expect_event(0, 8, true);
	expect_event(1, 1, false);
	expect_event(2, 1, true);
	EXPECT(!task.thread.ptrace_bps[3]);

	/* What is off is one byte, whatever its length says. */
	EXPECT_EQ(hw_breakpoint_ptrace_dr7(&task, 0xffff0000), 0);
	expect_event(0, 1, false);
	expect_event(2, 1, false);
	EXPECT_EQ(hw_breakpoint_ptrace_address(&task, 0, 0x1003), 0);
	EXPECT_EQ(events[0].attr.bp_addr, 0x1003);
}

static void refused(u64 old, u64 dr7)
{
	EXPECT_EQ(hw_breakpoint_ptrace_dr7(&task, dr7), -EINVAL);
	EXPECT_EQ(task.thread.ptrace_dr7, old);
	expect_event(0, 1, false);
	expect_event(1, 8, true);
	expect_event(2, 1, false);
}

/* The last of four is what cannot be; the first three would have changed. */
static void test_dr7_refused(void)
{
	u64 good = ENABLED(0, WRITE_8), old = ENABLED(1, WRITE_8);

	trace();
	EXPECT_EQ(hw_breakpoint_ptrace_dr7(&task, old), 0);
	/* not aligned; I/O; eight bytes of code; the same without an address */
	refused(old, good | ENABLED(2, WRITE_8));
	refused(old, good | ENABLED(2, 2));
	refused(old, good | ENABLED(2, 8));
	refused(old, good | ENABLED(3, 2));
	/* a kernel address */
	EXPECT_EQ(hw_breakpoint_ptrace_address(&task, 1, -0x1000UL), -EINVAL);
	EXPECT_EQ(events[1].attr.bp_addr, 0x2000);
	refused(old, good | ENABLED(2, WRITE_8));
}

/* ---- faults ---- */

static struct perf_event *execute_at(u64 addr)
{
	struct perf_event *bp = &events[0];
	struct arch_hw_breakpoint hw = { };

	*bp = (struct perf_event) {
		SHIM_RESERVATION(*bp),
		.attr = {
			.bp_addr = addr,
			.bp_len = 8,
			.bp_type = HW_BREAKPOINT_X,
		},
		.shim_own.held = true,
	};
	EXPECT_EQ(hw_breakpoint_arch_parse(bp, &bp->attr, &hw), 0);
	hwbp_set_info(bp, &hw);
	local_irq_disable();
	EXPECT_EQ(hwbp_add(bp, PERF_EF_START), 0);
	hwbp_commit();
	return bp;
}

/* Return: whether RF is set when a #DB of @dr6 at @ip is over. */
static bool passes(unsigned long dr6, unsigned long ip)
{
	struct pt_regs regs = { .ip = ip };

	hw_breakpoint_debug_exception(&regs, &dr6);
	return regs.flags & 0x10000;
}

/* Without RF the instruction would raise the same #DB again, for ever. */
static void test_execute_passes(void)
{
	struct perf_event *bp = execute_at(0x1234);
	unsigned long dr6 = BIT(hwbp_reservation(bp)->slot);

	/* INT1 in front of the instruction names no cause, and must not hide the fault */
	EXPECT(!passes(0, 0x1234));
	EXPECT(passes(dr6, 0x1234));
	EXPECT_EQ(bp->hits, 1);
	/* a step is reported first, and the fault comes again */
	EXPECT(!passes(dr6 | 0x4000, 0x1234));
	/* its owner has gone, DR7 is not written yet */
	hwbp_del(bp, 0);
	EXPECT(passes(dr6, 0x1234));
	/* DR7 is written, and somebody has written the old value back over it */
	hwbp_commit();
	EXPECT_EQ(hwbp_live(), 0);
	EXPECT(passes(dr6, 0x1234));
	/* a bit of DR6 that says nothing */
	EXPECT(!passes(dr6, 0x1235));
	EXPECT(!passes(0x4000, 0x1234));
	EXPECT_EQ(bp->hits, 1);
	local_irq_enable();
}

/* A tracer is told in user mode; what it reads in DR6 is nothing to kgdb's notifier. */
static void test_tracer_is_told(void)
{
	struct perf_event *bp = execute_at(0x1234);
	unsigned long dr6 = BIT(hwbp_reservation(bp)->slot);
	struct pt_regs regs = { .ip = 0x1234 };

	current->thread.virtual_dr6 = BIT(2);
	EXPECT(hw_breakpoint_debug_exception(&regs, &dr6));
	dr6 = BIT(hwbp_reservation(bp)->slot);
	regs.user = true;
	EXPECT(!hw_breakpoint_debug_exception(&regs, &dr6));
	current->thread.virtual_dr6 = 0;
	hwbp_del(bp, 0);
	hwbp_commit();
	local_irq_enable();
}

/* ---- uprobes ---- */

#define COPY	0x9000

/*
 * A uprobe's notifier comes next, and takes any #DB for the end of its step. What the #DB is
 * at the copy's first byte is an instruction breakpoint there: nothing has been executed.
 */
static void test_uprobe_gets_its_step(void)
{
	struct perf_event *bp = execute_at(COPY);
	struct uprobe_task probed = { .active_uprobe = &probed, .xol_vaddr = COPY };
	unsigned long hit = BIT(hwbp_reservation(bp)->slot), dr6 = hit | DR_STEP;
	struct pt_regs regs = { .ip = COPY + 3, .user = true };

	current->utask = &probed;
	current->thread.virtual_dr6 = hit;
	EXPECT(!hw_breakpoint_debug_exception(&regs, &dr6));
	regs.ip = COPY;
	dr6 = hit;
	EXPECT(hw_breakpoint_debug_exception(&regs, &dr6));
	current->thread.virtual_dr6 = 0;
	current->utask = NULL;
	hwbp_del(bp, 0);
	hwbp_commit();
	local_irq_enable();
}

/* Return: the signals that a #DB sends which the uprobe has taken. */
static int told(unsigned long virtual_dr6, bool traced)
{
	struct uprobe_task probed = { .active_uprobe = &probed, .autask.saved_tf = traced };
	struct pt_regs regs = { .ip = COPY + 3, .user = true };

	current->utask = &probed;
	current->thread.virtual_dr6 = virtual_dr6;
	shim_signals = 0;
	local_irq_disable();
	hw_breakpoint_tell_tracer(&regs);
	EXPECT(irqs_disabled());
	local_irq_enable();
	current->utask = NULL;
	return shim_signals;
}

static void test_uprobe_took_it(void)
{
	/* nothing of the tracer's */
	EXPECT_EQ(told(DR_STEP, false), 0);
	EXPECT_EQ(told(0, false), 0);
	/* the tracer's hit, in the uprobe's step, or in its own */
	EXPECT_EQ(told(BIT(1) | DR_STEP, false), 1);
	EXPECT_EQ(current->thread.virtual_dr6, BIT(1));
	EXPECT_EQ(shim_si_code, TRAP_HWBKPT);
	EXPECT_EQ(told(BIT(1) | DR_STEP, true), 1);
	EXPECT_EQ(current->thread.virtual_dr6, BIT(1) | DR_STEP);
	EXPECT_EQ(shim_si_code, TRAP_TRACE);
	current->thread.virtual_dr6 = 0;
}

/* ---- others who write the registers ---- */

/* Back from another kernel: switched off on the way there and once more on the way back. */
static void test_kexec_jump(void)
{
	struct perf_event *bp = execute_at(0x1234);
	struct watch w;

	regs_allow_same(true);
	hw_breakpoint_disable();
	EXPECT(!regs_may_fire(&w));
	regs_lose();
	hw_breakpoint_disable();
	hw_breakpoint_restore();
	EXPECT_EQ(regs_may_fire(&w), 1);
	/* a suspend */
	hw_breakpoint_disable();
	hw_breakpoint_restore();
	EXPECT_EQ(regs_may_fire(&w), 1);
	regs_allow_same(false);
	hwbp_del(bp, 0);
	hwbp_commit();
	EXPECT(!regs_may_fire(&w));
	local_irq_enable();
}

static void test_refresh(void)
{
	struct watch w[4];

	local_irq_disable();
	EXPECT(!regs_may_fire(w));
	regs_meddle();
	EXPECT_EQ(regs_may_fire(w), 1);
	hw_breakpoint_refresh();
	EXPECT(!regs_may_fire(w));
	local_irq_enable();
}

/* ---- the copy of a user's registers ---- */

/* Writes of DR7 for one, as sync_regs() makes it, from the end of a stack; @off: nothing fires. */
static unsigned int copy_from(unsigned long end_of_stack, bool off)
{
	struct pt_regs to = { }, from = { .ip = 0x1234 };
	struct watch w;

	this_cpu_write(cea_exception_stacks.DB, end_of_stack ?: (unsigned long)(&from + 1));
	regs_count_reset();
	if (hwbp_master() & HWBP_MASTER_IN_KERNEL)
		hw_breakpoint_copy_regs(&to, &from);
	else
		to = from;
	EXPECT_EQ(to.ip, 0x1234);
	EXPECT_EQ(regs_may_fire(&w), !off);
	/* DR6 has been read */
	hw_breakpoint_end_copy();
	EXPECT_EQ(regs_may_fire(&w), 1);
	return regs_count().master;
}

/* Only what is in the kernel's memory could be hit, and only on the stack of #DB it matters. */
static void test_copy_regs(void)
{
	struct perf_event *bp;

	regs_allow_same(true);
	bp = execute_at(0x1234);
	EXPECT_EQ(copy_from(0, false), 0);
	hwbp_del(bp, 0);
	hwbp_commit();
	local_irq_enable();

	bp = execute_at(0xffffffff81001234);
	EXPECT_EQ(copy_from(0, true), 2);
	EXPECT_EQ(copy_from(64, false), 0);
	hwbp_del(bp, 0);
	hwbp_commit();
	regs_allow_same(false);
	local_irq_enable();
}

/* ---- what a guest leaves in DR6 ---- */

/* BS, BD, BT, B0 to B3; BLD and RTM, which are clear when they say something (SDM 18.2.3) */
static const unsigned long left_in_dr6[] = {
	DR6_RESERVED | BIT(14), DR6_RESERVED | BIT(13), DR6_RESERVED | BIT(15),
	DR6_RESERVED | 0xf, DR6_RESERVED & ~BIT(11), DR6_RESERVED & ~BIT(16),
};

static struct perf_event *watch_after(unsigned long dr6, bool in_nmi)
{
	struct perf_event *bp;

	/* a test before this one has forgotten what is there */
	regs_allow_same(true);
	bp = execute_at(0x1234);
	regs_allow_same(false);
	hwbp_del(bp, 0);
	hwbp_commit();
	hw_breakpoint_expect_guests();
	set_debugreg(dr6, 6);
	EXPECT_EQ(hwbp_add(bp, PERF_EF_START), 0);
	shim_in_nmi = in_nmi;
	hwbp_commit();
	shim_in_nmi = false;
	return bp;
}

static void unwatch(struct perf_event *bp)
{
	hwbp_del(bp, 0);
	hwbp_commit();
	local_irq_enable();
	hw_breakpoint_rearm();
}

/*
 * A guest has stepped itself while nobody had a breakpoint: the entry loads DR6 and the exit
 * does not restore it (APM vol. 2, 15.5.1 and 15.6). The next #DB would report it.
 */
static void test_left_in_dr6(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(left_in_dr6); i++) {
		struct perf_event *bp = watch_after(left_in_dr6[i], false);

		EXPECT_EQ(regs_get_debugreg(6), DR6_RESERVED);
		unwatch(bp);
	}
}

/* The vCPU has been put: nobody looks at DR6 before something may fire, so it is clean. */
static void test_dr6_when_put(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(left_in_dr6); i++) {
		local_irq_disable();
		hw_breakpoint_expect_guests();
		set_debugreg(left_in_dr6[i], 6);
		hw_breakpoint_rearm();
		EXPECT_EQ(regs_get_debugreg(6), DR6_RESERVED);
		EXPECT_EQ(this_cpu_read(hwbp_silence), 0);
		local_irq_enable();
	}
}

/* An NMI may have come before the handler of a #DB, which has yet to read DR6. */
static void test_dr6_in_nmi(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(left_in_dr6); i++) {
		struct perf_event *bp = watch_after(left_in_dr6[i], true);

		EXPECT_EQ(regs_get_debugreg(6), left_in_dr6[i]);
		local_irq_enable();
		shim_run_irq_work();
		local_irq_disable();
		EXPECT_EQ(regs_get_debugreg(6), DR6_RESERVED);
		unwatch(bp);
	}
}

/* ---- ranges ---- */

static int parse_range(u64 addr, u64 len)
{
	struct perf_event_attr attr = {
		.bp_addr = addr,
		.bp_len = len,
		.bp_type = HW_BREAKPOINT_RW,
	};
	struct arch_hw_breakpoint hw = { };
	int err = hw_breakpoint_arch_parse(&events[0], &attr, &hw);

	if (!err)
		EXPECT_EQ(hw.mask, len - 1);
	return err;
}

/* ---- a debugger's steps ---- */

static const struct {
	u8	insn[8];
	bool	alone;
} steps[] = {
	{ { 0x90 },				true },
	{ { 0x55 },				true },
	{ { 0xf0, 0x48, 0x0f, 0xb1, 0x0f },	true },
	{ { 0x65, 0x48, 0x8b, 0x04, 0x25 },	true },
	{ { 0x0f, 0x01, 0xca },			true },		/* clac */
	{ { 0x0f, 0x01, 0xcb },			true },		/* stac */
	{ { 0x0f, 0x01, 0xf8 },			true },		/* swapgs */
	{ { 0x0f, 0x01, 0xf9 },			true },		/* rdtscp */
	{ { 0x0f, 0x01, 0x38 },			true },		/* invlpg [rax] */
	{ { 0x0f, 0xae, 0xf0 },			true },		/* mfence */
	{ { 0x66, 0x0f, 0xae, 0x30 },		true },		/* clwb [rax] */
	{ { 0x8e, 0xd8 },			true },		/* mov ds, ax */
	{ { 0xc7, 0x00, 0, 0, 0, 0 },		true },		/* mov [rax], 0 */
	{ { 0x0f, 0x01, 0xc9 },			false },	/* mwait */
	{ { 0x0f, 0x01, 0xfb },			false },	/* mwaitx */
	{ { 0xf2, 0x0f, 0xae, 0xf1 },		false },	/* umwait */
	{ { 0x66, 0x0f, 0xae, 0xf1 },		false },	/* tpause */
	{ { 0xf2, 0x0f, 0x01, 0xca },		false },	/* erets */
	{ { 0xf3, 0x0f, 0x01, 0xca },		false },	/* eretu */
	{ { 0xf3, 0x0f, 0x01, 0xec },		false },	/* uiret */
	{ { 0x0f, 0x01, 0xc1 },			false },	/* vmcall */
	{ { 0x0f, 0x01, 0xc2 },			false },	/* vmlaunch */
	{ { 0x0f, 0x01, 0xc3 },			false },	/* vmresume */
	{ { 0x0f, 0x01, 0xd8 },			false },	/* vmrun */
	{ { 0x0f, 0x01, 0xd9 },			false },	/* vmmcall */
	{ { 0x0f, 0x01, 0xdc },			false },	/* stgi */
	{ { 0x0f, 0x01, 0xdd },			false },	/* clgi */
	{ { 0x0f, 0x01, 0xde },			false },	/* skinit */
	{ { 0x66, 0x0f, 0x01, 0xcc },		false },	/* tdcall */
	{ { 0x66, 0x0f, 0x01, 0xcf },		false },	/* seamcall */
	{ { 0x0f, 0x01, 0xcf },			false },	/* encls */
	{ { 0x0f, 0x37 },			false },	/* getsec */
	{ { 0x0f, 0xaa },			false },	/* rsm */
	{ { 0x8e, 0xd0 },			false },	/* mov ss, ax */
	{ { 0x66, 0x8e, 0x10 },			false },	/* mov ss, [rax] */
	{ { 0x17 },				false },	/* pop ss */
	{ { 0xc7, 0xf8, 0, 0, 0, 0 },		false },	/* xbegin */
	{ { 0x0f, 0xb9, 0xc0 },			false },	/* ud1 */
	{ { 0x0f, 0xff, 0xc0 },			false },	/* ud0 */
	{ { 0x9c },				false },
	{ { 0x66, 0x9d },			false },
	{ { 0xfa },				false },
	{ { 0xfb },				false },
	{ { 0xf4 },				false },
	{ { 0x48, 0xcf },			false },
	{ { 0xcc },				false },
	{ { 0x48, 0x0f, 0x07 },			false },
	{ { 0x0f, 0x0b },			false },
};

static void test_alone(void)
{
	struct pt_regs regs = { };
	int i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		regs.ip = (unsigned long)steps[i].insn;
		EXPECT_EQ(arch_hwbp_step_is_alone(&regs), steps[i].alone);
	}
	regs.ip = (unsigned long)steps[0].insn;
	shim_thread_flags = BIT(TIF_BLOCKSTEP);
	EXPECT(!arch_hwbp_step_is_alone(&regs));
	shim_thread_flags = 0;
	regs.user = true;
	EXPECT(!arch_hwbp_step_is_alone(&regs));
}

/* Whether the debugger's step from @flags ends with IF. */
static bool step_leaves_if(unsigned long flags)
{
	struct pt_regs regs = { .flags = flags | X86_EFLAGS_TF };

	arch_hwbp_debug_leave(&regs, true);
	EXPECT_EQ(regs.flags, X86_EFLAGS_TF);
	EXPECT_EQ(arch_hwbp_debug_enter(&regs), !!(flags & X86_EFLAGS_IF));
	return regs.flags & X86_EFLAGS_IF;
}

static void test_step_without_if(void)
{
	struct pt_regs regs = { .flags = X86_EFLAGS_TF | X86_EFLAGS_IF };

	local_irq_disable();
	arch_hwbp_debug_leave(&regs, false);
	EXPECT_EQ(regs.flags, X86_EFLAGS_TF | X86_EFLAGS_IF);
	EXPECT(!arch_hwbp_debug_enter(&regs));
	EXPECT(step_leaves_if(X86_EFLAGS_IF));
	EXPECT(!step_leaves_if(0));
	local_irq_enable();
}

/* On top of a step the debugger stops in an NMI, and steps there: each gets its own IF. */
static void test_step_in_step(void)
{
	struct pt_regs regs = { .flags = X86_EFLAGS_TF | X86_EFLAGS_IF };
	struct pt_regs nmi = { };

	local_irq_disable();
	arch_hwbp_debug_leave(&regs, true);
	EXPECT(!arch_hwbp_debug_enter(&nmi));
	EXPECT_EQ(nmi.flags, 0);
	arch_hwbp_debug_leave(&nmi, false);
	EXPECT(!step_leaves_if(0));
	EXPECT(arch_hwbp_debug_enter(&regs));
	EXPECT_EQ(regs.flags, X86_EFLAGS_TF | X86_EFLAGS_IF);
	local_irq_enable();
}

/*
 * SDM vol. 3, 28.5.3: an exit from a guest loads RFLAGS with 2; a task that oopses in its
 * step does not come back at all. No #DB comes of such a step.
 */
static void test_step_lost(void)
{
	struct pt_regs regs = { .flags = X86_EFLAGS_TF | X86_EFLAGS_IF };
	int i;

	local_irq_disable();
	for (i = 0; i < 100; i++) {
		regs.flags = X86_EFLAGS_TF | X86_EFLAGS_IF;
		arch_hwbp_debug_leave(&regs, true);
		regs.flags = 0;
		EXPECT(!arch_hwbp_debug_enter(&regs));
		arch_hwbp_debug_leave(&regs, false);
		EXPECT(!step_leaves_if(0));
		EXPECT(step_leaves_if(X86_EFLAGS_IF));
	}
	/* one that is not alone has IF as it is */
	regs.flags = X86_EFLAGS_TF;
	arch_hwbp_debug_leave(&regs, false);
	EXPECT(!arch_hwbp_debug_enter(&regs));
	EXPECT_EQ(regs.flags, X86_EFLAGS_TF);
	local_irq_enable();
}

/* The step that @task begins is never over. */
static void lose_step_of(struct task_struct *task)
{
	struct pt_regs regs = { .flags = X86_EFLAGS_TF | X86_EFLAGS_IF };

	shim_current = task;
	arch_hwbp_debug_leave(&regs, true);
}

/* What is left of it is nothing of a task whose step, which was not alone, ends here. */
static void test_step_of_another(void)
{
	struct task_struct *self = shim_current, other = { };
	struct pt_regs moved = { .flags = X86_EFLAGS_TF };

	local_irq_disable();
	lose_step_of(self);
	shim_current = &other;
	EXPECT(!arch_hwbp_debug_enter(&moved));
	EXPECT_EQ(moved.flags, X86_EFLAGS_TF);
	lose_step_of(self);
	shim_current = &other;
	EXPECT(step_leaves_if(X86_EFLAGS_IF));
	EXPECT(!arch_hwbp_debug_enter(&moved));
	EXPECT_EQ(moved.flags, X86_EFLAGS_TF);
	shim_current = self;
	EXPECT(step_leaves_if(X86_EFLAGS_IF));
	EXPECT(!step_leaves_if(0));
	local_irq_enable();
}

/* A mask with more bits than the register has would watch less than asked for. */
static void test_range_bounds(void)
{
	EXPECT_EQ(parse_range(0x10000, 16), 0);
	EXPECT_EQ(parse_range(0x100000000, 0x100000000), 0);
	EXPECT_EQ(parse_range(0, 0x200000000), -EOPNOTSUPP);
	EXPECT_EQ(parse_range(0x10008, 16), -EINVAL);
	EXPECT_EQ(parse_range(0x10000, 24), -EINVAL);

	regs_mask_ext = false;
	EXPECT_EQ(parse_range(0x10000, 0x1000), 0);
	EXPECT_EQ(parse_range(0x10000, 0x2000), -EOPNOTSUPP);
	regs_mask_ext = true;
}

/* ---- whose memory it is ---- */

static int parse_as(u64 addr, u64 len, u32 type)
{
	struct perf_event bp = {
		SHIM_RESERVATION(bp),
		.attr = { .bp_addr = addr, .bp_len = len, .bp_type = type },
	};
	struct arch_hw_breakpoint hw = { };

	return hwbp_parse(&bp, &bp.attr, &hw);
}

static int parse_aim(u64 addr, u64 len, u32 type)
{
	struct hw_breakpoint_aim aim = { .addr = addr, .len = len, .type = type };
	struct arch_hw_breakpoint hw = { };

	return hwbp_parse_debugger(&aim, &hw);
}

static void expect_space(u64 addr, u64 len, enum hwbp_space space)
{
	int err = space == HWBP_OF_NOBODY ? -EINVAL : 0;

	EXPECT_EQ(parse_as(addr, len, HW_BREAKPOINT_W), err);
	EXPECT_EQ(parse_aim(addr, len, HW_BREAKPOINT_W), space == HWBP_OF_KERNEL ? 0 : -EINVAL);
}

/* An instruction is matched by its first byte (SDM vol. 3, 18.2.5). */
static void expect_code(u64 addr, enum hwbp_space space)
{
	EXPECT_EQ(parse_as(addr, 8, HW_BREAKPOINT_X), space == HWBP_OF_NOBODY ? -EINVAL : 0);
	EXPECT_EQ(parse_aim(addr, 8, HW_BREAKPOINT_X), space == HWBP_OF_KERNEL ? 0 : -EINVAL);
}

static void expect_halves(u64 half)
{
	/* the last page of the user's half is not the user's */
	expect_space(half - 0x1008, 8, HWBP_OF_USER);
	expect_space(half - 0x1000, 1, HWBP_OF_NOBODY);
	expect_space(half - 1, 1, HWBP_OF_NOBODY);
	expect_space(half, 8, HWBP_OF_NOBODY);
	expect_space(1UL << 62 | 0x1000, 8, HWBP_OF_NOBODY);
	expect_space(1UL << 63, 8, HWBP_OF_NOBODY);
	expect_space(-half - 1, 1, HWBP_OF_NOBODY);
	expect_space(-half, 8, HWBP_OF_KERNEL);
	expect_space(-8UL, 8, HWBP_OF_KERNEL);
	expect_code(half - 0x1001, HWBP_OF_USER);
	expect_code(half - 0x1000, HWBP_OF_NOBODY);
	expect_code(-half, HWBP_OF_KERNEL);
	/* ranges: as far as they go, and one byte too far */
	expect_space(half - 0x2000, 0x1000, HWBP_OF_USER);
	expect_space(half - 0x2000, 0x2000, HWBP_OF_NOBODY);
	expect_space(half - 0x80000000, 0x80000000, HWBP_OF_NOBODY);
	expect_space(-half - 0x1000, 0x1000, HWBP_OF_NOBODY);
	expect_space(-half, 0x80000000, HWBP_OF_KERNEL);
}

static void test_halves(void)
{
	expect_halves(1UL << 47);
	shim_va_shift = 56;
	expect_space(1UL << 47, 8, HWBP_OF_USER);
	expect_halves(1UL << 56);
	shim_va_shift = 47;
}

const struct test tests[] = {
	{ "DR7 of a traced task",		test_dr7 },
	{ "DR7 is written whole or not at all",	test_dr7_refused },
	{ "an instruction is passed once",	test_execute_passes },
	{ "what is left for others",		test_tracer_is_told },
	{ "a uprobe gets its step",		test_uprobe_gets_its_step },
	{ "a uprobe has taken a tracer's exception",	test_uprobe_took_it },
	{ "back from another kernel",		test_kexec_jump },
	{ "what somebody else has switched on",	test_refresh },
	{ "the copy of a user's registers",	test_copy_regs },
	{ "what a guest has left in DR6",	test_left_in_dr6 },
	{ "DR6 when the vCPU has been put",	test_dr6_when_put },
	{ "what an NMI finds in DR6",		test_dr6_in_nmi },
	{ "ranges have bounds",			test_range_bounds },
	{ "both halves, and nothing between",	test_halves },
	{ "what is stepped without IF",		test_alone },
	{ "a debugger sees the program's IF",	test_step_without_if },
	{ "a step in an NMI on top of a step",	test_step_in_step },
	{ "a step that never ends",		test_step_lost },
	{ "and one of another task",		test_step_of_another },
	{ }
};
