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
		.attr = {
			.bp_addr = addr,
			.bp_len = 1,
			.bp_type = HW_BREAKPOINT_W,
			.disabled = 1,
			.exclude_kernel = 1,
		},
		.hw.reservation = { .slot = -1, .held = true },
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
		.attr = {
			.bp_addr = addr,
			.bp_len = 8,
			.bp_type = HW_BREAKPOINT_X,
		},
		.hw.reservation = { .slot = -1, .held = true },
	};
	EXPECT_EQ(hw_breakpoint_arch_parse(bp, &bp->attr, &hw), 0);
	hwbp_settle(bp, &hw);
	local_irq_disable();
	EXPECT_EQ(hwbp_add(bp, PERF_EF_START), 0);
	hwbp_commit();
	return bp;
}

/* Return: whether RF is set when a #DB of @dr6 at @ip is over. */
static bool passes(unsigned long dr6, unsigned long ip)
{
	struct pt_regs regs = { .ip = ip };
	struct die_args args = { .regs = &regs, .err = (long)&dr6 };

	hw_breakpoint_exceptions_notify(NULL, DIE_DEBUG, &args);
	return regs.flags & 0x10000;
}

/* Without RF the instruction would raise the same #DB again, for ever. */
static void test_execute_passes(void)
{
	struct perf_event *bp = execute_at(0x1234);
	unsigned long dr6 = BIT(bp->hw.reservation.slot);

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

/* A tracer is told in user mode; what he reads in DR6 is nothing to kgdb's notifier. */
static void test_tracer_is_told(void)
{
	struct perf_event *bp = execute_at(0x1234);
	unsigned long dr6 = BIT(bp->hw.reservation.slot);
	struct pt_regs regs = { .ip = 0x1234 };
	struct die_args args = { .regs = &regs, .err = (long)&dr6 };

	current->thread.virtual_dr6 = BIT(2);
	EXPECT_EQ(hw_breakpoint_exceptions_notify(NULL, DIE_DEBUG, &args), NOTIFY_STOP);
	dr6 = BIT(bp->hw.reservation.slot);
	regs.user = true;
	EXPECT_EQ(hw_breakpoint_exceptions_notify(NULL, DIE_DEBUG, &args), NOTIFY_DONE);
	current->thread.virtual_dr6 = 0;
	hwbp_del(bp, 0);
	hwbp_commit();
	local_irq_enable();
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

/* A mask with more bits than the register has would watch less than asked for. */
/* ---- a debugger's steps ---- */

static void test_alone(void)
{
	static const struct {
		u8	insn[8];
		bool	alone;
	} cases[] = {
		{ { 0x90 },				true },
		{ { 0x55 },				true },
		{ { 0xf0, 0x48, 0x0f, 0xb1, 0x0f },	true },
		{ { 0x65, 0x48, 0x8b, 0x04, 0x25 },	true },
		{ { 0x0f, 0x01, 0xca },			true },		/* clac */
		{ { 0x0f, 0x01, 0xc9 },			false },	/* mwait */
		{ { 0xf2, 0x0f, 0x01, 0xca },		false },	/* erets */
		{ { 0xf3, 0x0f, 0x01, 0xca },		false },	/* eretu */
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
	struct pt_regs regs = { };
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		regs.ip = (unsigned long)cases[i].insn;
		EXPECT_EQ(arch_hwbp_step_is_alone(&regs), cases[i].alone);
	}
	regs.ip = (unsigned long)cases[0].insn;
	regs.user = true;
	EXPECT(!arch_hwbp_step_is_alone(&regs));
}

static void test_step_without_if(void)
{
	struct pt_regs regs = { .flags = X86_EFLAGS_TF | X86_EFLAGS_IF };
	struct pt_regs nmi = { };

	local_irq_disable();
	arch_hwbp_debug_leave(&regs, false);
	EXPECT_EQ(regs.flags, X86_EFLAGS_TF | X86_EFLAGS_IF);
	arch_hwbp_debug_leave(&regs, true);
	EXPECT_EQ(regs.flags, X86_EFLAGS_TF);
	/* on top of it */
	EXPECT(!arch_hwbp_debug_enter(&nmi));
	EXPECT_EQ(nmi.flags, 0);
	EXPECT(arch_hwbp_debug_enter(&regs));
	EXPECT_EQ(regs.flags, X86_EFLAGS_TF | X86_EFLAGS_IF);

	/* it was clear */
	regs.flags = X86_EFLAGS_TF;
	arch_hwbp_debug_leave(&regs, true);
	EXPECT(!arch_hwbp_debug_enter(&regs));
	EXPECT_EQ(regs.flags, X86_EFLAGS_TF);
	local_irq_enable();
}

static void test_range_bounds(void)
{
	u32 ecx = regs_cpuid_ecx;

	EXPECT_EQ(parse_range(0x10000, 16), 0);
	EXPECT_EQ(parse_range(0x100000000, 0x100000000), 0);
	EXPECT_EQ(parse_range(0, 0x200000000), -EOPNOTSUPP);
	EXPECT_EQ(parse_range(0x10008, 16), -EINVAL);
	EXPECT_EQ(parse_range(0x10000, 24), -EINVAL);

	regs_cpuid_ecx = 0;
	EXPECT_EQ(parse_range(0x10000, 0x1000), 0);
	EXPECT_EQ(parse_range(0x10000, 0x2000), -EOPNOTSUPP);
	regs_cpuid_ecx = ecx;
}

const struct test tests[] = {
	{ "DR7 of a traced task",		test_dr7 },
	{ "DR7 is written whole or not at all",	test_dr7_refused },
	{ "an instruction is passed once",	test_execute_passes },
	{ "what is left for others",		test_tracer_is_told },
	{ "back from another kernel",		test_kexec_jump },
	{ "what somebody else has switched on",	test_refresh },
	{ "ranges have bounds",			test_range_bounds },
	{ "what is stepped without IF",		test_alone },
	{ "a debugger sees the program's IF",	test_step_without_if },
	{ }
};
