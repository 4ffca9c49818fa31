// SPDX-License-Identifier: GPL-2.0
/*
 * Exceptions of arm64: which slots a hit is counted for, what rests while the
 * instruction is stepped, and how steps end, with the simulated registers.
 */

#include "test.h"

#define USER		0x10000UL
#define KERNEL		0xffff800000010000UL
#define MAX		8

#define READ		0UL
#define WRITE		ESR_ELx_WNR
#define FAR_INEXACT	BIT(15)
#define NUMBERED	BIT(17)
#define NUMBER(n)	((unsigned long)(n) << 18)

static struct perf_event events[MAX];
static int used;
static struct pt_regs regs;
static struct task_struct *other;

/* ---- setting up ---- */

static struct perf_event *add(u64 addr, u64 len, u32 type)
{
	struct perf_event *bp = &events[used++];

	*bp = (struct perf_event) {
		.attr = { .bp_addr = addr, .bp_len = len, .bp_type = type },
		.hw.reservation = { .slot = -1, .held = true },
	};
	EXPECT_EQ(hw_breakpoint_arch_parse(bp, &bp->attr, &bp->hw.info), 0);
	hwbp_settle(bp, &bp->hw.info);
	EXPECT_EQ(hwbp_add(bp, PERF_EF_START), 0);
	hwbp_commit();
	return bp;
}

static struct perf_event *add_break(u64 addr)
{
	return add(addr, 4, HW_BREAKPOINT_X);
}

static struct perf_event *add_watch(u64 addr, u64 len)
{
	return add(addr, len, HW_BREAKPOINT_W);
}

/* perf_bp_event() of this harness counts, and calls nobody */
static void tracers_handler(struct perf_event *bp, struct perf_sample_data *data,
			    struct pt_regs *regs)
{
}

static struct perf_event *add_tracers_watch(u64 addr)
{
	struct perf_event *bp = add_watch(addr, 8);

	bp->overflow_handler = tracers_handler;
	current->thread.debug.hbp_watch[3] = bp;
	return bp;
}

static void begin(bool user)
{
	static struct task_struct self, next;

	local_irq_disable();
	self = (struct task_struct) { };
	next = self;
	shim_current = &self;
	other = &next;
	regs = (struct pt_regs) { .user = user, .sp = 0x8000 };
	regs.pc = user ? USER + 0x1000 : KERNEL + 0x1000;
}

static void end(void)
{
	while (used)
		hwbp_del(&events[--used], 0);
	hwbp_commit();
	EXPECT(!(current->flags & TIF_SINGLESTEP));
	EXPECT(!kernel_active_single_step());
	local_irq_enable();
}

static bool armed(const struct perf_event *bp)
{
	struct watch w;

	return regs_slot_armed(bp->hw.reservation.slot, &w);
}

static bool stepping(void)
{
	return current->flags & TIF_SINGLESTEP;
}

/* The instruction is done. */
static bool step_over(void)
{
	regs.pc += 4;
	return try_step_suspended_breakpoints(&regs);
}

/* ---- in user mode ---- */

static void test_two_words(void)
{
	struct perf_event *a, *b, *far;

	begin(true);
	a = add_watch(USER, 8);
	b = add_watch(USER + 8, 8);
	far = NULL;
	if (hw_breakpoint_slots(TYPE_DATA) > 2)
		far = add_watch(USER + 0x800, 8);

	do_watchpoint(USER, WRITE, &regs);
	EXPECT(!armed(a) && armed(b) && stepping());
	do_watchpoint(USER + 8, WRITE, &regs);
	EXPECT(!armed(a) && !armed(b) && (!far || armed(far)));
	EXPECT(step_over());
	EXPECT(armed(a) && armed(b));
	EXPECT_EQ(a->hits, 1);
	EXPECT_EQ(b->hits, 1);
	EXPECT(!far || !far->hits);
	end();
}

static void test_break_and_watch(void)
{
	struct perf_event *b, *w, *next;

	begin(true);
	b = add_break(regs.pc);
	next = add_break(regs.pc + 4);
	w = add_watch(USER, 4);
	do_breakpoint(0, &regs);
	EXPECT(!armed(b) && armed(w) && armed(next));
	do_watchpoint(USER + 2, WRITE, &regs);
	EXPECT(!armed(b) && !armed(w) && armed(next));
	EXPECT(step_over());
	do_breakpoint(0, &regs);
	EXPECT(step_over());
	EXPECT_EQ(b->hits, 1);
	EXPECT_EQ(w->hits, 1);
	EXPECT_EQ(next->hits, 1);
	end();
}

/* A read and a write by one instruction. */
static void test_atomic(void)
{
	struct perf_event *r, *w;

	begin(true);
	r = add(USER, 8, HW_BREAKPOINT_R);
	w = add(USER, 8, HW_BREAKPOINT_W);
	do_watchpoint(USER, READ, &regs);
	EXPECT(!armed(r) && armed(w));
	do_watchpoint(USER, WRITE, &regs);
	EXPECT(!armed(r) && !armed(w));
	EXPECT(step_over());
	EXPECT_EQ(r->hits, 1);
	EXPECT_EQ(w->hits, 1);
	end();
}

static void test_tracers_and_ours(bool tracer_first)
{
	struct perf_event *ours, *tracers;

	begin(true);
	tracers = tracer_first ? add_tracers_watch(USER) : NULL;
	ours = add_watch(USER, 4);
	if (!tracers)
		tracers = add_tracers_watch(USER);

	do_watchpoint(USER, WRITE, &regs);
	EXPECT(!armed(ours) && armed(tracers) && stepping());
	/* He lets it run: he is told again, and the other is not counted. */
	do_watchpoint(USER, WRITE, &regs);
	EXPECT_EQ(tracers->hits, 2);
	EXPECT_EQ(ours->hits, 1);
	EXPECT(step_over());
	end();
}

static void test_tracers_alone(void)
{
	struct perf_event *tracers;

	begin(true);
	tracers = add_tracers_watch(USER);
	do_watchpoint(USER, WRITE, &regs);
	EXPECT(armed(tracers) && !stepping());
	end();
}

static void test_other_handler(void)
{
	struct perf_event *bp;

	begin(true);
	bp = add_watch(USER, 8);
	bp->overflow_handler = (perf_overflow_handler_t)test_other_handler;
	do_watchpoint(USER, WRITE, &regs);
	EXPECT(!armed(bp) && stepping());
	EXPECT(step_over());
	end();
}

static void test_tracer_steps(void)
{
	begin(true);
	add_break(regs.pc);

	/* before the hit, and after */
	user_enable_single_step(current);
	do_breakpoint(0, &regs);
	EXPECT(!hw_breakpoint_hides_step());
	EXPECT(!step_over() && stepping());
	user_disable_single_step(current);

	regs.pc -= 4;
	do_breakpoint(0, &regs);
	EXPECT(hw_breakpoint_hides_step());
	user_enable_single_step(current);
	EXPECT(!step_over() && stepping());
	user_disable_single_step(current);

	/* he does not want to any more: ours goes on */
	regs.pc -= 4;
	do_breakpoint(0, &regs);
	user_enable_single_step(current);
	user_disable_single_step(current);
	EXPECT(stepping());
	EXPECT(step_over() && !stepping());
	end();
}

static void test_switch_in_step(void)
{
	struct task_struct *self;
	struct perf_event *bp;

	begin(true);
	bp = add_break(regs.pc);
	self = current;
	do_breakpoint(0, &regs);
	hw_breakpoint_thread_switch(other);
	shim_current = other;
	EXPECT(armed(bp));
	hw_breakpoint_thread_switch(self);
	shim_current = self;
	EXPECT(!armed(bp));

	/* in another slot by now */
	hwbp_del(bp, 0);
	add_watch(USER, 8);
	EXPECT_EQ(hwbp_add(bp, PERF_EF_START), 0);
	hwbp_commit();
	EXPECT(!armed(bp));
	EXPECT(step_over() && armed(bp));
	end();
}

static void test_signal_in_step(void)
{
	struct pt_regs frame;
	struct perf_event *bp;

	begin(true);
	bp = add_break(regs.pc);
	do_breakpoint(0, &regs);
	frame = regs;
	hw_breakpoint_signal(&regs);
	EXPECT(armed(bp) && !stepping());

	/* the handler runs into it too, deeper */
	regs.sp -= 0x100;
	hw_breakpoint_sigreturn(&regs);
	EXPECT(armed(bp));
	do_breakpoint(0, &regs);
	EXPECT(step_over());
	EXPECT_EQ(bp->hits, 2);

	regs = frame;
	hw_breakpoint_sigreturn(&regs);
	EXPECT(!armed(bp) && stepping());
	EXPECT(step_over());
	EXPECT_EQ(bp->hits, 2);
	hw_breakpoint_sigreturn(&frame);
	EXPECT(armed(bp));
	end();
}

static void signal_again(void)
{
	hw_breakpoint_signal(&regs);
}

/* A handler that never returns, as @away shows: the instruction is hit anew. */
static void leave_handler(void (*away)(void))
{
	struct perf_event *bp;

	begin(true);
	bp = add_break(regs.pc);
	do_breakpoint(0, &regs);
	hw_breakpoint_signal(&regs);
	away();
	hw_breakpoint_sigreturn(&regs);
	EXPECT(armed(bp) && !stepping());
	do_breakpoint(0, &regs);
	EXPECT(step_over());
	EXPECT_EQ(bp->hits, 2);
	end();
}

/* It jumps away; the next signal comes before the instruction is hit again. */
static void test_signal_given_up(void)
{
	leave_handler(signal_again);
}

/* The same address and stack pointer, in the program that comes after. */
static void test_exec_from_handler(void)
{
	leave_handler(hw_breakpoint_forget_step);
}

/* execve() is the instruction; a tracer goes on stepping, or does not. */
static void test_exec_in_step(bool traced)
{
	struct perf_event *bp;

	begin(true);
	bp = add_break(regs.pc);
	if (traced)
		user_enable_single_step(current);
	do_breakpoint(0, &regs);
	hw_breakpoint_forget_step();
	EXPECT(armed(bp));
	EXPECT_EQ(stepping(), traced);
	EXPECT(!hw_breakpoint_hides_step());
	EXPECT(!step_over());
	user_disable_single_step(current);
	end();
}

static void test_exec(void)
{
	test_exec_from_handler();
	test_exec_in_step(false);
	test_exec_in_step(true);
}

/* ---- handlers that re-aim ---- */

static struct perf_event *re_aimed;
static u64 next_aim;

static void re_aim(struct perf_event *bp)
{
	struct perf_event_attr attr = re_aimed->attr;

	attr.bp_addr = next_aim;
	EXPECT_EQ(hwbp_change_local(re_aimed, &attr), 0);
}

/* The event has been told of the instruction, which must not count again for the new word. */
static void test_re_aims_itself(u64 base)
{
	struct perf_event *a;

	begin(base == USER);
	a = add_watch(base, 8);
	re_aimed = a;
	next_aim = base + 8;
	a->on_hit = re_aim;
	do_watchpoint(base, WRITE, &regs);
	EXPECT(!armed(a));
	EXPECT(step_over());
	EXPECT(armed(a));
	EXPECT_EQ(a->hits, 1);
	end();
}

/* The second hit of an instruction; the first rests already. */
static void test_re_aims_other(u64 base)
{
	struct perf_event *a, *b;

	begin(base == USER);
	a = add_watch(base, 8);
	b = add_watch(base + 8, 8);
	re_aimed = a;
	next_aim = base + 0x10;
	b->on_hit = re_aim;
	do_watchpoint(base, WRITE, &regs);
	do_watchpoint(base + 8, WRITE, &regs);
	EXPECT(!armed(a) && !armed(b));
	EXPECT(step_over());
	EXPECT(armed(a) && armed(b));
	end();
}

static void test_re_aims(void)
{
	test_re_aims_itself(USER);
	test_re_aims_itself(KERNEL);
	test_re_aims_other(USER);
	test_re_aims_other(KERNEL);
}

/* More words than are remembered: it ends, and nothing hits twice. */
static void test_many_words(void)
{
	int i, n = hw_breakpoint_slots(TYPE_DATA);

	begin(true);
	if (n > MAX)
		n = MAX;
	for (i = 0; i < n; i++)
		add_watch(USER + 8 * i, 8);
	for (i = 0; i < n; i++) {
		if (armed(&events[i]))
			do_watchpoint(USER + 8 * i, WRITE, &regs);
		EXPECT(!armed(&events[i]));
	}
	EXPECT(step_over());
	for (i = 0; i < n; i++)
		EXPECT_EQ(events[i].hits, i <= HWBP_MAX_HITS);
	end();
}

/* ---- in the kernel ---- */

static void test_kernel_step(void)
{
	struct perf_event *b, *w, *user;

	begin(false);
	regs.pstate = PSR_A_BIT;
	b = add_break(regs.pc);
	w = add_watch(KERNEL, 8);
	user = add_watch(USER, 8);
	do_breakpoint(0, &regs);
	EXPECT(kernel_active_single_step() && !armed(b) && armed(w));
	EXPECT(regs.pstate & PSR_I_BIT && regs.pstate & PSR_F_BIT);
	do_watchpoint(KERNEL, WRITE, &regs);
	EXPECT(!armed(b) && !armed(w));
	/* a uaccess is not told of */
	do_watchpoint(USER, WRITE, &regs);
	EXPECT(!armed(user));
	EXPECT(step_over());
	EXPECT(armed(b) && armed(w) && armed(user));
	EXPECT_EQ(regs.pstate & DAIF_MASK, PSR_A_BIT);
	EXPECT_EQ(b->hits, 1);
	EXPECT_EQ(w->hits, 1);
	EXPECT_EQ(user->hits, 0);
	end();
}

static void test_kernel_fault(bool given_up)
{
	struct hwbp_kernel_step saved, none;
	struct perf_event *b, *w;

	begin(false);
	b = add_break(regs.pc);
	w = add_watch(KERNEL, 8);
	do_breakpoint(0, &regs);
	hw_breakpoint_suspend_step(&saved, &regs);
	EXPECT(armed(b) && !kernel_active_single_step());
	EXPECT_EQ(regs.pstate & DAIF_MASK, 0);
	hw_breakpoint_suspend_step(&none, &regs);
	EXPECT_EQ(none.hits.n, 0);

	regs.pc += given_up ? 0x40 : 0;
	hw_breakpoint_resume_step(&saved, &regs);
	EXPECT_EQ(kernel_active_single_step(), !given_up);
	EXPECT_EQ(armed(b), given_up);
	EXPECT(armed(w));
	EXPECT_EQ(step_over(), !given_up);
	EXPECT_EQ(b->hits, 1);
	EXPECT_EQ(regs.pstate & DAIF_MASK, 0);
	end();
}

static void test_kgdb_steps(void)
{
	begin(false);
	add_break(regs.pc);
	kernel_enable_single_step(&regs);
	do_breakpoint(0, &regs);
	EXPECT(!step_over());
	EXPECT(kernel_active_single_step());
	EXPECT_EQ(regs.pstate & DAIF_MASK, 0);
	kernel_disable_single_step();
	end();
}

/* kgdb sees what the program has masked, and is told of its step. */
static void test_kgdb_alone(void)
{
	struct perf_event *w;

	begin(false);
	regs.pstate = PSR_A_BIT;
	w = add_watch(KERNEL, 8);
	EXPECT(arch_hwbp_step_is_alone(&regs));
	EXPECT(!arch_hwbp_debug_enter(&regs));
	kernel_enable_single_step(&regs);
	arch_hwbp_debug_leave(&regs, true);
	EXPECT_EQ(regs.pstate & DAIF_MASK, PSR_A_BIT | PSR_I_BIT | PSR_F_BIT);
	do_watchpoint(KERNEL, WRITE, &regs);
	EXPECT(!armed(w));
	EXPECT(!step_over());
	EXPECT(armed(w) && kernel_active_single_step());
	EXPECT_EQ(regs.pstate & DAIF_MASK, PSR_A_BIT);
	EXPECT_EQ(w->hits, 1);
	kernel_disable_single_step();
	end();
}

/* It stops in the middle of its step. */
static void test_kgdb_again(void)
{
	begin(false);
	kernel_enable_single_step(&regs);
	arch_hwbp_debug_leave(&regs, true);
	EXPECT(arch_hwbp_debug_enter(&regs));
	EXPECT_EQ(regs.pstate & DAIF_MASK, 0);
	kernel_disable_single_step();
	arch_hwbp_debug_leave(&regs, false);
	EXPECT_EQ(regs.pstate & DAIF_MASK, 0);
	end();
}

/* It has the CPU in the middle of a step of ours. */
static void test_kgdb_in_step(bool elsewhere)
{
	struct perf_event *w;

	begin(false);
	w = add_watch(KERNEL, 8);
	do_watchpoint(KERNEL, WRITE, &regs);
	arch_hwbp_debug_enter(&regs);
	EXPECT_EQ(regs.pstate & DAIF_MASK, 0);
	EXPECT(!kernel_active_single_step());
	regs.pc += elsewhere ? 0x40 : 0;
	arch_hwbp_debug_leave(&regs, false);
	EXPECT_EQ(armed(w), elsewhere);
	EXPECT_EQ(step_over(), !elsewhere);
	EXPECT(armed(w));
	EXPECT_EQ(regs.pstate & DAIF_MASK, 0);
	EXPECT_EQ(w->hits, 1);
	end();
}

static void test_kgdb_stays(void)
{
	test_kgdb_in_step(false);
}

static void test_kgdb_elsewhere(void)
{
	test_kgdb_in_step(true);
}

static void alone_or_not(u32 insn, u64 pstate, bool alone)
{
	begin(false);
	shim_insn = insn;
	regs.pstate = pstate;
	EXPECT_EQ(arch_hwbp_step_is_alone(&regs), alone);
	shim_insn = 0;
	end();
}

static void test_alone(void)
{
	alone_or_not(0xd503201f, 5, true);			/* nop */
	alone_or_not(0xd503201f, PSR_D_BIT | 5, false);
	alone_or_not(0xd69f03e0, 5, false);			/* eret */
	alone_or_not(0xd69f0bff, 5, false);			/* eretaa */
	alone_or_not(0xd69f0fff, 5, false);			/* eretab */
	alone_or_not(0xd65f03c0, 5, true);			/* ret */
}

/* The step of an instruction that is simulated ends at once, PSTATE.D or not. */
static void test_kgdb_simulated(void)
{
	begin(false);
	shim_insn = 0xd5034fdf;					/* daifset, #15 */
	kernel_enable_single_step(&regs);
	arch_hwbp_debug_leave(&regs, true);
	shim_insn = 0;
	EXPECT_EQ(regs.pc, KERNEL + 0x1004);
	EXPECT(!(regs.pstate & (PSR_D_BIT | DBG_SPSR_SS)));
	EXPECT(!try_step_suspended_breakpoints(&regs));
	EXPECT_EQ(regs.pstate & DAIF_MASK, DAIF_MASK);
	kernel_disable_single_step();
	end();
}

static void simulated(u32 insn, u64 before, u64 x5, u64 after, u64 x5_after)
{
	begin(false);
	add_break(regs.pc);
	shim_insn = insn;
	regs.pstate = before;
	regs.regs[5] = x5;
	do_breakpoint(0, &regs);
	shim_insn = 0;
	EXPECT_EQ(regs.pc, KERNEL + 0x1004);
	EXPECT_EQ(regs.pstate, after);
	EXPECT_EQ(regs.regs[5], x5_after);
	EXPECT(!kernel_active_single_step() && armed(&events[0]));
	EXPECT_EQ(events[0].hits, 1);
	end();
}

/* What touches PSTATE.DAIF, as the assembler has it. */
static void test_simulation(void)
{
	simulated(0xd50342df, 5, 0, PSR_I_BIT | 5, 0);		/* daifset, #2 */
	simulated(0xd5034fff, 0x3c5, 0, 5, 0);			/* daifclr, #15 */
	simulated(0xd50348ff, 0x3c5, 0, 0x1c5, 0);		/* daifclr, #8 */
	simulated(0xd53b4225, 0x80000085, 1, 0x80000085, 0x80);	/* mrs x5, daif */
	simulated(0xd51b4225, 0x3c5, 0xffffff80, 0x385, 0xffffff80);
	simulated(0xd51b423f, 0x3c5, 7, 5, 7);			/* msr daif, xzr */
}

/* ---- what FAR_EL1 and the syndrome say ---- */

static int hits_after(u64 far, unsigned long esr, const struct perf_event *bp)
{
	int before = bp->hits;

	do_watchpoint(far, esr, &regs);
	EXPECT(stepping());
	EXPECT(step_over());
	return bp->hits - before;
}

static void test_far(void)
{
	struct perf_event *a, *b;

	begin(true);
	a = add_watch(USER + 0x10, 4);
	b = add_watch(USER + 0x20, 8);
	EXPECT_EQ(hits_after(USER + 0x12, WRITE, a), 1);
	EXPECT_EQ(hits_after(0xab00000000000000 | (USER + 0x10), WRITE, a), 1);
	/* the access began below */
	EXPECT_EQ(hits_after(USER, WRITE, a), 1);
	EXPECT_EQ(hits_after(USER, WRITE, b), 0);
	/* one byte above a, but nothing below an access fires */
	EXPECT_EQ(hits_after(USER + 0x14, WRITE, a), 0);
	EXPECT_EQ(hits_after(USER + 0x14, WRITE, b), 1);
	/* DC ZVA */
	EXPECT_EQ(hits_after(USER + 0x3c, WRITE, b), 1);
	/* another block: nobody's, but it ends */
	EXPECT_EQ(hits_after(USER - 1, WRITE, a), 0);
	EXPECT_EQ(hits_after(USER + 0x40, WRITE, b), 0);
	EXPECT_EQ(hits_after(USER + 0x40, WRITE | FAR_INEXACT, b), 1);
	EXPECT_EQ(hits_after(USER - 1, WRITE | FAR_INEXACT, a), 0);
	/* a read: of an atomic that is called so */
	EXPECT_EQ(hits_after(USER + 0x10, READ, a), 1);
	EXPECT_EQ(hits_after(USER, READ, a), 0);
	end();
}

/* KASAN's tags: an access is by a pointer with a tag, whatever was asked for. */
static void test_kernel_tag(void)
{
	struct perf_event *a;

	begin(false);
	a = add_watch(KERNEL, 8);
	do_watchpoint(KERNEL & ~(0xaUL << 56), WRITE, &regs);
	EXPECT(!armed(a) && kernel_active_single_step());
	EXPECT(step_over());
	EXPECT_EQ(a->hits, 1);
	end();
}

static int parse(u64 addr, u32 type, struct arch_hw_breakpoint *hw)
{
	struct perf_event_attr attr = { .bp_addr = addr, .bp_len = 4, .bp_type = type };

	*hw = (struct arch_hw_breakpoint) { };
	return hw_breakpoint_arch_parse(NULL, &attr, hw);
}

/*
 * A processor may look at fewer bits than an address has: what nobody may watch cannot
 * be had by another name.
 */
static void test_other_names(void)
{
	static const u64 bits[] = { 0xfUL << 56, 0x7fUL << 49, 0xfffUL << 52 };
	struct arch_hw_breakpoint hw;
	u64 own;
	int i;

	begin(false);
	own = (u64)hwbp_slot_image(0) & ~3ULL;
	EXPECT_EQ(parse(KERNEL & ~(0xaUL << 56), HW_BREAKPOINT_W, &hw), 0);
	EXPECT_EQ(hw.address, KERNEL);
	EXPECT_EQ(hw.ctrl.privilege, AARCH64_BREAKPOINT_EL1);
	/* where this program's data are, are no addresses of the kernel's but by another name */
	EXPECT_EQ(parse(own, HW_BREAKPOINT_W, &hw), 0);
	shim_blacklisted = KERNEL;
	EXPECT_EQ(parse(KERNEL, HW_BREAKPOINT_X, &hw), -EINVAL);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(parse(KERNEL & ~bits[i], HW_BREAKPOINT_X, &hw), -EINVAL);
		EXPECT_EQ(parse(own | bits[i], HW_BREAKPOINT_W, &hw), -EINVAL);
	}
	shim_blacklisted = 0;
	end();
}

/* All of the user's rest; the kernel is not what is stepped. */
static void test_nobodys(void)
{
	struct perf_event *user, *kernel;

	begin(true);
	user = add_watch(USER, 8);
	kernel = add_watch(KERNEL, 8);
	do_watchpoint(USER + 0x1000, WRITE, &regs);
	EXPECT(!armed(user) && armed(kernel));
	EXPECT(step_over());
	EXPECT_EQ(user->hits + kernel->hits, 0);
	end();
}

static void test_numbered(void)
{
	struct perf_event *a, *b;
	int n;

	begin(true);
	a = add_watch(USER, 8);
	b = add_watch(USER + 8, 8);
	n = b->hw.reservation.slot - ARM_MAX_BRP;
	EXPECT_EQ(hits_after(USER, WRITE | NUMBERED | NUMBER(n), b), 1);
	EXPECT_EQ(a->hits, 0);
	/* no such slot: what FAR_EL1 says */
	EXPECT_EQ(hits_after(USER, WRITE | NUMBERED | NUMBER(63), a), 1);
	/* FAR_EL1 says nothing */
	EXPECT_EQ(hits_after(USER, WRITE | BIT(10), a), 0);
	end();
}

static void test_both_orders(void)
{
	test_tracers_and_ours(false);
	test_tracers_and_ours(true);
}

static void test_kernel_faults(void)
{
	test_kernel_fault(false);
	test_kernel_fault(true);
}

const struct test tests[] = {
	{ "an instruction that hits two words",		test_two_words },
	{ "an instruction that breaks and writes",	test_break_and_watch },
	{ "an instruction that reads and writes",	test_atomic },
	{ "a tracer's and ours on one word",		test_both_orders },
	{ "a tracer's alone is left to him",		test_tracers_alone },
	{ "any other handler's is stepped over",	test_other_handler },
	{ "a tracer steps",				test_tracer_steps },
	{ "a task switch in a step",			test_switch_in_step },
	{ "a signal in a step",				test_signal_in_step },
	{ "a signal after a handler that jumps away",	test_signal_given_up },
	{ "another program after a step",		test_exec },
	{ "a handler that re-aims",			test_re_aims },
	{ "an instruction that hits many words",	test_many_words },
	{ "a step in the kernel",			test_kernel_step },
	{ "an exception in a step in the kernel",	test_kernel_faults },
	{ "kgdb steps",					test_kgdb_steps },
	{ "kgdb steps with interrupts masked",		test_kgdb_alone },
	{ "kgdb stops in the middle of its step",	test_kgdb_again },
	{ "kgdb stops in the middle of a step",		test_kgdb_stays },
	{ "kgdb goes on elsewhere",			test_kgdb_elsewhere },
	{ "what kgdb steps with interrupts masked",	test_alone },
	{ "kgdb steps what is simulated",		test_kgdb_simulated },
	{ "instructions that read or write DAIF",	test_simulation },
	{ "where FAR_EL1 may be",			test_far },
	{ "an address of the kernel's with a tag",	test_kernel_tag },
	{ "one address by many names",			test_other_names },
	{ "nobody's hit",				test_nobodys },
	{ "the syndrome names the slot",		test_numbered },
	{ }
};
