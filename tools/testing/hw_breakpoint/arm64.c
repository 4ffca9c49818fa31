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
		SHIM_RESERVATION(*bp),
		.attr = { .bp_addr = addr, .bp_len = len, .bp_type = type },
		.shim_own.held = true,
	};
	EXPECT_EQ(hw_breakpoint_arch_parse(bp, &bp->attr, &bp->hw.info), 0);
	hwbp_set_info(bp, &bp->hw.info);
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

	return regs_slot_armed(hwbp_reservation(bp)->slot, &w);
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
	/* The tracer lets the task run: it is told again, and the other is not counted. */
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

	/* the tracer does not step any more: our step goes on */
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

/*
 * Each handler runs into the breakpoint, deeper, and the next signal comes before the instruction.
 * With one more than are kept the outermost is hit anew.
 */
static void nest_signals(int n)
{
	struct pt_regs frames[HWBP_MAX_LEFT + 1];
	struct perf_event *bp;
	int i;

	begin(true);
	bp = add_break(regs.pc);
	for (i = 0; i < n; i++) {
		do_breakpoint(0, &regs);
		frames[i] = regs;
		hw_breakpoint_signal(&regs);
		EXPECT(armed(bp) && !stepping());
		regs.sp -= 0x100;
	}
	while (i--) {
		regs = frames[i];
		hw_breakpoint_sigreturn(&regs);
		EXPECT_EQ(stepping(), i || n <= HWBP_MAX_LEFT);
		if (!stepping())
			do_breakpoint(0, &regs);
		EXPECT(!armed(bp) && step_over());
	}
	EXPECT_EQ(bp->hits, n + (n > HWBP_MAX_LEFT));
	end();
}

static void test_nested_signals(void)
{
	nest_signals(2);
	nest_signals(HWBP_MAX_LEFT);
	nest_signals(HWBP_MAX_LEFT + 1);
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

/* ---- system calls ---- */

/* The svc has hit; a signal restarts its system call, which is executed anew. */
static void test_restart(void)
{
	struct perf_event *bp;
	struct pt_regs frame;

	begin(true);
	bp = add_break(regs.pc);
	do_breakpoint(0, &regs);
	hw_breakpoint_syscall();
	EXPECT(armed(bp) && !stepping());
	frame = regs;
	hw_breakpoint_signal(&regs);
	regs = frame;
	hw_breakpoint_sigreturn(&regs);
	EXPECT(armed(bp) && !stepping());
	do_breakpoint(0, &regs);
	hw_breakpoint_syscall();
	EXPECT_EQ(bp->hits, 2);
	end();
}

/* The handler's own svc, which returns from it, has a breakpoint, too. */
static void test_hit_in_sigreturn(void)
{
	struct perf_event *bp, *svc;
	struct pt_regs frame;

	begin(true);
	bp = add_break(regs.pc);
	svc = add_break(USER + 0x2000);
	do_breakpoint(0, &regs);
	frame = regs;
	hw_breakpoint_signal(&regs);
	regs.pc = USER + 0x2000;
	do_breakpoint(0, &regs);
	hw_breakpoint_syscall();
	regs = frame;
	hw_breakpoint_sigreturn(&regs);
	EXPECT(!armed(bp) && armed(svc) && hw_breakpoint_hides_step());
	EXPECT(step_over());
	EXPECT_EQ(bp->hits, 1);
	EXPECT_EQ(svc->hits, 1);
	end();
}

/* A tracer steps over the svc, or does not. */
static void test_traced_call(void)
{
	begin(true);
	add_break(regs.pc);
	user_enable_single_step(current);
	do_breakpoint(0, &regs);
	hw_breakpoint_syscall();
	EXPECT(stepping() && !hw_breakpoint_hides_step());
	user_disable_single_step(current);
	EXPECT(!stepping());
	end();
}

/* A tracer or rseq sends the task elsewhere before the instruction is executed. */
static void test_sent_elsewhere(void)
{
	struct perf_event *bp;
	u64 pc;

	begin(true);
	bp = add_watch(USER, 8);
	pc = regs.pc;
	do_watchpoint(USER, WRITE, &regs);
	hw_breakpoint_go_on(&regs, pc);
	EXPECT(!armed(bp) && stepping());
	regs.pc += 0x40;
	hw_breakpoint_go_on(&regs, pc);
	EXPECT(armed(bp) && !stepping());
	end();
}

/* ---- uprobes ---- */

#define COPY	(USER + 0x8000)

static struct uprobe_task probed;

/* The probed instruction's copy is stepped, as by arch_uprobe_pre_xol() */
static void begin_probe(void)
{
	u64 pc = regs.pc;

	probed = (struct uprobe_task) { .active_uprobe = &probed, .xol_vaddr = COPY };
	current->utask = &probed;
	regs.pc = COPY;
	hw_breakpoint_begin_probe();
	user_enable_single_step(current);
	hw_breakpoint_go_on(&regs, pc);
	shim_signals = 0;
}

static void end_probe(bool done)
{
	regs.pc = USER + 0x1000 + (done ? 4 : 0);
	if (!hw_breakpoint_end_probe(&regs, done))
		user_disable_single_step(current);
	current->utask = NULL;
}

/* The tracer's signal waits for the end of the step, and that must come. */
static void test_probe_hits_tracers(bool steps)
{
	struct perf_event *tracers, *ours;

	begin(true);
	tracers = add_tracers_watch(USER);
	ours = add_watch(USER, 4);
	if (steps)
		user_enable_single_step(current);
	begin_probe();
	do_watchpoint(USER, WRITE, &regs);
	EXPECT(!armed(tracers) && !armed(ours));
	/* the step is the probe's */
	EXPECT(!step_over());
	EXPECT(armed(tracers) && armed(ours));
	end_probe(true);
	EXPECT_EQ(tracers->hits, 1);
	EXPECT_EQ(ours->hits, 1);
	EXPECT_EQ(shim_signals, steps);
	EXPECT_EQ(stepping(), steps);
	user_disable_single_step(current);
	end();
}

/* The breakpoint comes before the probe, and is over when the copy is executed. */
static void test_break_on_probe(bool steps)
{
	struct perf_event *bp;

	begin(true);
	bp = add_break(regs.pc);
	if (steps)
		user_enable_single_step(current);
	do_breakpoint(0, &regs);
	EXPECT(!armed(bp));
	begin_probe();
	EXPECT(armed(bp) && stepping());
	EXPECT(!step_over());
	end_probe(true);
	EXPECT_EQ(bp->hits, 1);
	EXPECT_EQ(shim_signals, steps);
	EXPECT_EQ(stepping(), steps);
	user_disable_single_step(current);
	end();
}

static void test_simulated_probe(bool steps)
{
	struct perf_event *bp;
	u64 pc;

	begin(true);
	bp = add_break(regs.pc);
	if (steps)
		user_enable_single_step(current);
	do_breakpoint(0, &regs);
	shim_signals = 0;
	pc = regs.pc;
	regs.pc += 4;
	hw_breakpoint_probe_simulated(&regs);
	hw_breakpoint_go_on(&regs, pc);
	EXPECT(armed(bp));
	EXPECT_EQ(shim_signals, steps);
	EXPECT_EQ(stepping(), steps);
	user_disable_single_step(current);
	end();
}

/* The copy faults, and is given up. */
static void test_aborted_probe(bool steps)
{
	begin(true);
	if (steps)
		user_enable_single_step(current);
	begin_probe();
	end_probe(false);
	EXPECT_EQ(shim_signals, 0);
	EXPECT_EQ(stepping(), steps);
	user_disable_single_step(current);
	end();
}

static void test_uprobes(void)
{
	int steps;

	for (steps = 0; steps < 2; steps++) {
		test_probe_hits_tracers(steps);
		test_break_on_probe(steps);
		test_simulated_probe(steps);
		test_aborted_probe(steps);
	}
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

/* ---- what a step writes, and what may come in between ---- */

/* Control registers alone, and no more than one for each slot that rests or fires again. */
static void expect_writes(unsigned int ctrl)
{
	struct regs_count count = regs_count();

	EXPECT_EQ(count.ctrl, ctrl);
	EXPECT_EQ(count.addr, 0);
	EXPECT_EQ(count.master, 0);
	regs_count_reset();
}

/* @others: events beside the one that is hit; kernel's, for one of user mode and the reverse */
static void test_writes_of(u64 base, bool others)
{
	struct perf_event *bp;

	begin(base == USER);
	bp = add_watch(base, 8);
	if (others) {
		add_watch(base == USER ? KERNEL : USER, 8);
		add_break(regs.pc + 0x40);
	}
	regs_count_reset();
	do_watchpoint(base, WRITE, &regs);
	EXPECT(!armed(bp) && regs.pstate & DBG_SPSR_SS);
	expect_writes(1);
	EXPECT(step_over());
	EXPECT(armed(bp));
	expect_writes(1);
	end();
}

static void test_writes(void)
{
	test_writes_of(USER, false);
	test_writes_of(USER, true);
	test_writes_of(KERNEL, false);
	test_writes_of(KERNEL, true);
}

static struct hw_breakpoint_debug debugger;

static void debugger_hit(struct hw_breakpoint_debug *bp, struct pt_regs *at, int slot,
			 unsigned int flags)
{
}

static void others_come_and_go(void)
{
	struct perf_event *other = &events[1];

	hwbp_del(other, 0);
	hwbp_commit();
	EXPECT_EQ(hwbp_add(other, PERF_EF_START), 0);
	hwbp_commit();
}

static void other_is_put_back(void)
{
	struct perf_event *other = &events[1];

	hwbp_del(other, 0);
	EXPECT_EQ(hwbp_add(other, PERF_EF_START), 0);
	hwbp_commit();
}

static void it_comes_and_goes(void)
{
	hwbp_del(&events[0], 0);
	EXPECT_EQ(hwbp_add(&events[0], PERF_EF_START), 0);
	hwbp_commit();
}

static void they_change_places(void)
{
	hwbp_del(&events[0], 0);
	hwbp_del(&events[1], 0);
	EXPECT_EQ(hwbp_add(&events[1], PERF_EF_START), 0);
	EXPECT_EQ(hwbp_add(&events[0], PERF_EF_START), 0);
	hwbp_commit();
}

static void other_is_re_aimed(void)
{
	struct perf_event_attr attr = events[1].attr;

	attr.bp_addr += 0x100;
	EXPECT_EQ(hwbp_change_local(&events[1], &attr), 0);
}

static void guest_runs(void)
{
	struct guest g;

	regs_guest(&g, 1);
	hw_breakpoint_silence();
	hwbp_lend(g.image, g.enabled);
	hwbp_take_back();
	hw_breakpoint_unsilence();
}

static void all_is_lost(void)
{
	regs_lose();
	regs_restore();
}

static void debugger_comes(void)
{
	debugger.hit = debugger_hit;
	EXPECT_EQ(hw_breakpoint_debug_reserve(&debugger, shim_cpu, HW_BREAKPOINT_X, 0), 0);
	EXPECT_EQ(hw_breakpoint_debug_set(&debugger, KERNEL + 0x2000, 4, HW_BREAKPOINT_X), 0);
}

static void debugger_comes_and_goes(void)
{
	debugger_comes();
	hw_breakpoint_debug_release(&debugger);
}

static void silence_comes_and_goes(void)
{
	hw_breakpoint_silence();
	hw_breakpoint_unsilence();
}

/* The same where nothing else may fire: MDE and KDE stay on, or come back. */
static void test_alone_in_between(u64 base, void (*happens)(void))
{
	begin(base == USER);
	add_watch(base, 8);
	do_watchpoint(base, WRITE, &regs);
	happens();
	EXPECT(!armed(&events[0]));
	EXPECT(step_over());
	EXPECT(armed(&events[0]));
	EXPECT_EQ(events[0].hits, 1);
	end();
}

/* The hit goes on resting and the other on firing, whatever is written; and after it both fire. */
static void test_in_between(u64 base, void (*happens)(void))
{
	begin(base == USER);
	add_watch(base, 8);
	add_watch(base + 0x800, 8);
	do_watchpoint(base, WRITE, &regs);
	EXPECT(!armed(&events[0]) && armed(&events[1]));
	happens();
	EXPECT(!armed(&events[0]) && armed(&events[1]));
	EXPECT(step_over());
	EXPECT(armed(&events[0]) && armed(&events[1]));
	EXPECT_EQ(events[0].hits, 1);
	EXPECT_EQ(events[1].hits, 0);
	/* and each hit is its owner's */
	do_watchpoint(events[1].attr.bp_addr, WRITE, &regs);
	EXPECT(step_over());
	EXPECT_EQ(events[1].hits, 1);
	end();
}

static void test_changes_in_step(void)
{
	static void (* const happens[])(void) = {
		it_comes_and_goes, guest_runs, all_is_lost, debugger_comes_and_goes,
		silence_comes_and_goes, others_come_and_go, other_is_put_back,
		they_change_places, other_is_re_aimed,
	};
	unsigned int i;

	for (i = 0; i < sizeof(happens) / sizeof(happens[0]); i++) {
		test_in_between(USER, happens[i]);
		test_in_between(KERNEL, happens[i]);
		if (i >= 5)
			continue;
		test_alone_in_between(USER, happens[i]);
		test_alone_in_between(KERNEL, happens[i]);
	}
	test_in_between(USER, debugger_comes);
	hw_breakpoint_debug_release(&debugger);
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

/* The registers of an exception that the handler of a hit takes */
static struct pt_regs handler;

static void begin_fault(struct hwbp_kernel_step *saved)
{
	handler = (struct pt_regs) { .sp = 0x7000, .pc = KERNEL + 0x2000, .pstate = DAIF_MASK };
	hw_breakpoint_suspend_step(saved, &handler);
}

static void fault(struct perf_event *bp)
{
	struct hwbp_kernel_step saved;

	begin_fault(&saved);
	EXPECT_EQ(saved.hits.n, 0);
	EXPECT_EQ(handler.pstate, DAIF_MASK);
	EXPECT(kernel_active_single_step() && !armed(&events[0]));
	hw_breakpoint_resume_step(&saved, &handler);
	EXPECT_EQ(handler.pstate, DAIF_MASK);
}

/* The second hit's handler takes an exception: that is none of the instruction's. */
static void test_handler_faults(void)
{
	struct perf_event *b, *w;

	begin(false);
	regs.pstate = PSR_A_BIT;
	b = add_break(regs.pc);
	w = add_watch(KERNEL, 8);
	w->on_hit = fault;
	do_breakpoint(0, &regs);
	do_watchpoint(KERNEL, WRITE, &regs);
	EXPECT(kernel_active_single_step() && !armed(b) && !armed(w));
	EXPECT(step_over());
	EXPECT(armed(b) && armed(w));
	EXPECT_EQ(regs.pstate & DAIF_MASK, PSR_A_BIT);
	end();
}

/* Its task dies of that, and never comes back to the instruction. */
static void test_handler_dies(void)
{
	struct hwbp_kernel_step lost;
	struct perf_event *bp;
	unsigned long flags;

	begin(false);
	bp = add_break(regs.pc);
	do_breakpoint(0, &regs);
	flags = arch_hwbp_mask();
	begin_fault(&lost);
	arch_hwbp_end_exception();
	arch_hwbp_unmask(flags);
	EXPECT(armed(bp) && !kernel_active_single_step());
	EXPECT(!try_step_suspended_breakpoints(&regs));
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

/* What it steps oopses. The next step is of code that has interrupts masked. */
static void test_kgdb_lost(void)
{
	struct hwbp_kernel_step lost;

	begin(false);
	kernel_enable_single_step(&regs);
	arch_hwbp_debug_leave(&regs, true);
	hw_breakpoint_suspend_step(&lost, &regs);
	EXPECT_EQ(regs.pstate & DAIF_MASK, 0);
	EXPECT(!kernel_active_single_step());

	regs.pstate = PSR_I_BIT;
	EXPECT(!arch_hwbp_debug_enter(&regs));
	EXPECT_EQ(regs.pstate & DAIF_MASK, PSR_I_BIT);
	kernel_enable_single_step(&regs);
	arch_hwbp_debug_leave(&regs, true);
	EXPECT(!step_over());
	EXPECT_EQ(regs.pstate & DAIF_MASK, PSR_I_BIT);
	kernel_disable_single_step();
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

/* ---- probes and pairs in the kernel ---- */

static void test_kprobe_masks(void)
{
	begin(false);
	EXPECT_EQ(hw_breakpoint_kprobe_masks(DAIF_MASK, false), DAIF_MASK & ~PSR_D_BIT);
	EXPECT_EQ(hw_breakpoint_kprobe_masks(DAIF_MASK, true), DAIF_MASK);
	end();
}

#define NOP	0xd503201f
#define LDXR	0xc85f7c41	/* ldxr x1, [x2] */
#define STXR	0xc8037c41	/* stxr w3, x1, [x2] */

static unsigned long unwatched(void)
{
	return this_cpu_ptr(&hwbp_cpu)->unwatched;
}

/* The code around regs.pc: @load and @store are so many instructions from there. */
static void code(int load, int store)
{
	int i;

	for (i = 0; i < SHIM_CODE; i++)
		shim_code[i] = NOP;
	shim_code_at = KERNEL + 0x1000 - 4 * SHIM_CODE / 2;
	shim_code[SHIM_CODE / 2 + load] = LDXR;
	shim_code[SHIM_CODE / 2 + store] = STXR;
}

/* A hit at @pc, which is stepped over if it has to be. */
static void hit_at(u64 pc)
{
	regs.pc = pc;
	do_watchpoint(KERNEL, WRITE, &regs);
	if (kernel_active_single_step())
		step_over();
}

/* @hits by the same instruction; the last makes its slot rest without a step, or none. */
static void pair(int load, int store, int hits, bool rests)
{
	struct perf_event *bp;
	unsigned long before;
	int i;

	begin(false);
	code(load, store);
	bp = add_watch(KERNEL, 8);
	before = unwatched();
	hit_at(KERNEL);
	for (i = 0; i < hits; i++) {
		EXPECT(armed(bp));
		hit_at(KERNEL + 0x1000);
	}
	EXPECT_EQ(armed(bp), !rests);
	EXPECT_EQ(unwatched(), before + rests);
	EXPECT(!rests || current->flags & TIF_NOTIFY_RESUME);
	EXPECT_EQ(bp->hits, hits + 1);
	EXPECT_EQ(regs.pstate & DAIF_MASK, 0);
	hw_breakpoint_go_on(&regs, regs.pc);
	EXPECT(armed(bp));
	shim_code_at = 0;
	end();
}

static void test_pairs(void)
{
	/* the pair itself, at once */
	pair(-4, 0, 1, true);
	pair(0, 4, 1, true);
	/* between: when it hits again */
	pair(-2, 2, 1, false);
	pair(-2, 2, 2, true);
	/* beside it, or too far away */
	pair(-4, -1, 40, false);
	pair(1, 4, 40, false);
	pair(-32, 2, 40, false);
	/* a load that no store follows: __cmpwait() */
	pair(-2, -10, 40, false);
}

static void break_at(u64 pc)
{
	regs.pc = pc;
	do_breakpoint(0, &regs);
	if (kernel_active_single_step())
		step_over();
}

/*
 * Two breakpoints at such instructions, in one loop: each is hit between two hits of the
 * other. @first: the first is between the two as well
 */
static void two_in_pair(int load, int store, bool first)
{
	struct perf_event *a, *b;

	begin(false);
	code(load, store);
	a = add_break(KERNEL + 0x1000);
	b = add_break(KERNEL + 0x1004);
	add_watch(KERNEL, 8);
	hit_at(KERNEL);
	break_at(KERNEL + 0x1000);
	EXPECT(armed(a));
	break_at(KERNEL + 0x1004);
	EXPECT(!armed(b));
	break_at(KERNEL + 0x1000);
	EXPECT_EQ(armed(a), !first);
	hw_breakpoint_thread_switch(other);
	EXPECT(armed(a) && armed(b));
	shim_code_at = 0;
	end();
}

static void test_two_in_pair(void)
{
	two_in_pair(-2, 3, true);
	/* before the pair, and its half */
	two_in_pair(1, 3, false);
}

/* Before the pair, and between: the hit before was of another instruction each time. */
static void test_one_in_pair(void)
{
	struct perf_event *before, *bp;

	begin(false);
	code(-1, 3);
	before = add_break(KERNEL + 0x1000 - 8);
	bp = add_break(KERNEL + 0x1000);
	add_watch(KERNEL, 8);
	hit_at(KERNEL);
	break_at(KERNEL + 0x1000 - 8);
	break_at(KERNEL + 0x1000);
	EXPECT(armed(before) && !armed(bp));
	hw_breakpoint_thread_switch(other);
	shim_code_at = 0;
	end();
}

/* The code changes under an address that has hit before. */
static void test_pair_appears(void)
{
	struct perf_event *bp;
	int i;

	begin(false);
	code(1, 2);
	bp = add_watch(KERNEL, 8);
	hit_at(KERNEL);
	for (i = 0; i < 600 && armed(bp); i++) {
		if (i == 3)
			code(-2, 2);
		hit_at(KERNEL + 0x1000);
	}
	EXPECT(i > 3 && i < 600);
	/* the task's turn is over in the kernel */
	hw_breakpoint_thread_switch(other);
	EXPECT(armed(bp));
	shim_code_at = 0;
	end();
}

/* casp, whose encoding is next to theirs, is one instruction and steps. */
static void test_casp(void)
{
	struct perf_event *bp;

	begin(false);
	bp = add_watch(KERNEL, 8);
	hit_at(KERNEL);
	shim_insn = 0x48207c82;					/* casp x0, x1, x2, x3, [x4] */
	do_watchpoint(KERNEL, WRITE, &regs);
	EXPECT(!armed(bp) && kernel_active_single_step());
	EXPECT(step_over());
	shim_insn = 0;
	EXPECT(armed(bp));
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

/* ---- whose memory it is ---- */

static struct task_struct native, compat = { .flags = SHIM_COMPAT };

static int parse(struct task_struct *tsk, u64 addr, u32 type, struct arch_hw_breakpoint *hw)
{
	struct perf_event bp = {
		SHIM_RESERVATION(bp),
		.attr = { .bp_addr = addr, .bp_len = 4, .bp_type = type },
		.hw.target = tsk,
	};

	*hw = (struct arch_hw_breakpoint) { };
	return hwbp_parse(&bp, &bp.attr, hw);
}

/* The word at @addr, to every kind of client */
static void expect_space(struct task_struct *tsk, u64 addr, enum hwbp_space space)
{
	static const u32 types[] = { HW_BREAKPOINT_W, HW_BREAKPOINT_X };
	struct hw_breakpoint_aim aim = { .addr = addr, .len = 4 };
	struct arch_hw_breakpoint hw;
	int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		EXPECT_EQ(parse(tsk, addr, types[i], &hw), space == HWBP_OF_NOBODY ? -EINVAL : 0);
		if (space != HWBP_OF_NOBODY)
			EXPECT_EQ(hw.ctrl.privilege, space == HWBP_OF_KERNEL ?
				  AARCH64_BREAKPOINT_EL1 : AARCH64_BREAKPOINT_EL0);
		aim.type = types[i];
		hw = (struct arch_hw_breakpoint) { };
		if (!tsk)
			EXPECT_EQ(hwbp_parse_debugger(&aim, &hw),
				  space == HWBP_OF_KERNEL ? 0 : -EINVAL);
	}
}

/* Both halves have as many bits as the page tables; there is nothing between. */
static void test_halves(void)
{
	static const int bits[] = { 39, 48, 52 };
	int i;

	begin(true);
	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		u64 half = 1UL << bits[i];

		shim_va_bits = bits[i];
		expect_space(NULL, 0, HWBP_OF_USER);
		expect_space(NULL, half - 4, HWBP_OF_USER);
		expect_space(NULL, half, HWBP_OF_NOBODY);
		expect_space(NULL, USER | 1UL << 55, HWBP_OF_NOBODY);
		expect_space(NULL, -half - 4, HWBP_OF_NOBODY);
		expect_space(NULL, -half, HWBP_OF_KERNEL);
		expect_space(NULL, -4UL, HWBP_OF_KERNEL);
		expect_space(&native, half - 4, HWBP_OF_USER);
		expect_space(&native, half, HWBP_OF_NOBODY);
		expect_space(&native, -half, HWBP_OF_KERNEL);
	}
	shim_va_bits = 48;
	end();
}

/* What counts is the task that is watched, not who asks. */
static void test_words_of_tasks(void)
{
	struct task_struct *asking[] = { &native, &compat };
	int i;

	begin(true);
	for (i = 0; i < ARRAY_SIZE(asking); i++) {
		shim_current = asking[i];
		expect_space(&compat, TASK_SIZE_32 - 4, HWBP_OF_USER);
		expect_space(&compat, TASK_SIZE_32, HWBP_OF_NOBODY);
		expect_space(&compat, 1UL << 40, HWBP_OF_NOBODY);
		expect_space(&compat, KERNEL, HWBP_OF_KERNEL);
		expect_space(&native, 1UL << 40, HWBP_OF_USER);
		expect_space(NULL, 1UL << 40, HWBP_OF_USER);
	}
	shim_current = &native;
	end();
}

/* A user's tag would be left out; the kernel's is KASAN's, where KASAN is. */
static void test_tags(void)
{
	struct arch_hw_breakpoint hw;
	u64 tagged = KERNEL & ~(0xaUL << 56);
	int bit;

	begin(true);
	for (bit = 56; bit < 64; bit++) {
		expect_space(NULL, USER | 1UL << bit, HWBP_OF_NOBODY);
		expect_space(&native, USER | 1UL << bit, HWBP_OF_NOBODY);
		expect_space(&compat, USER | 1UL << bit, HWBP_OF_NOBODY);
	}
	expect_space(NULL, tagged, HWBP_OF_KERNEL);
	EXPECT_EQ(parse(NULL, tagged, HW_BREAKPOINT_RW, &hw), 0);
	EXPECT_EQ(hw.address, KERNEL);
	shim_blacklisted = KERNEL;
	EXPECT_EQ(parse(NULL, tagged, HW_BREAKPOINT_X, &hw), -EINVAL);
	EXPECT_EQ(parse(NULL, KERNEL, HW_BREAKPOINT_X, &hw), -EINVAL);
	shim_blacklisted = 0;
	shim_kernel_tags = false;
	expect_space(NULL, tagged, HWBP_OF_NOBODY);
	expect_space(NULL, KERNEL, HWBP_OF_KERNEL);
	shim_kernel_tags = true;
	end();
}

/*
 * A processor may look at fewer bits than an address has (D24.3, DBGWVR<n>_EL1.RESS), not
 * fewer than its page tables: what is watched has no other name.
 */
static void test_other_names(void)
{
	static const struct {
		int	va_bits, last_bit;
	} machines[] = { { 39, 48 }, { 48, 48 }, { 48, 52 }, { 48, 55 }, { 52, 52 }, { 52, 55 } };
	struct arch_hw_breakpoint hw;
	int i, from, to;

	begin(true);
	for (i = 0; i < ARRAY_SIZE(machines); i++) {
		shim_va_bits = machines[i].va_bits;
		for (from = 0; from < 64; from++) {
			for (to = from; to < 64; to++) {
				u64 addr = GENMASK(to, from) & ~3ULL;

				if (parse(NULL, addr, HW_BREAKPOINT_R, &hw))
					continue;
				EXPECT_EQ(hw.address,
					  sign_extend64(hw.address, machines[i].last_bit) & ~7ULL);
			}
		}
	}
	shim_va_bits = 48;
	end();
}

/* The kernel has no Thumb code, whoever asks. */
static void test_kernel_code(void)
{
	struct perf_event bp = {
		SHIM_RESERVATION(bp),
		.attr = { .bp_addr = KERNEL, .bp_len = 2, .bp_type = HW_BREAKPOINT_X },
		.hw.target = &compat,
	};
	struct arch_hw_breakpoint hw = { };

	EXPECT_EQ(hwbp_parse(&bp, &bp.attr, &hw), 0);
	EXPECT_EQ(hw.ctrl.len, 0xf);
}

/* A task may execute a program of another word size, and then fork. */
static void test_inherited(void)
{
	static struct perf_event_context contexts[2];
	static struct task_struct task;
	struct perf_event parent = {
		SHIM_RESERVATION(parent),
		.attr = { .bp_addr = 1UL << 40, .bp_len = 8, .bp_type = HW_BREAKPOINT_X },
		.pmu = &hwbp_pmu, .cpu = -1, .hw.target = &task,
	};
	struct perf_event copy = {
		SHIM_RESERVATION(copy),
		.attr = parent.attr, .parent = &parent,
		.pmu = &hwbp_pmu, .cpu = -1, .hw.target = &compat,
	};

	contexts[0].task = &task;
	contexts[1].task = &compat;
	EXPECT_EQ(register_perf_hw_breakpoint(&parent), 0);
	EXPECT_EQ(perf_reserve_attach(&parent, &contexts[0]), 0);
	task.flags = SHIM_COMPAT;
	EXPECT_EQ(perf_reserve_attach(&copy, &contexts[1]), 0);
	EXPECT_EQ(test_join(&copy), 0);
	EXPECT(hwbp_image_equal(&hwbp_reservation(&copy)->image,
				&hwbp_reservation(&parent)->image));
	EXPECT_EQ(copy.hw.info.address, parent.hw.info.address);
	hwbp_detach(&copy);
	hwbp_detach(&parent);
	perf_reserve_free(&contexts[1]);
	perf_reserve_free(&contexts[0]);
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
	n = hwbp_reservation(b)->slot - ARM_MAX_BRP;
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
	{ "a tracer's alone is left to it",		test_tracers_alone },
	{ "any other handler's is stepped over",	test_other_handler },
	{ "a tracer steps",				test_tracer_steps },
	{ "a task switch in a step",			test_switch_in_step },
	{ "a signal in a step",				test_signal_in_step },
	{ "signals in signal handlers",		test_nested_signals },
	{ "a signal after a handler that jumps away",	test_signal_given_up },
	{ "another program after a step",		test_exec },
	{ "a system call that is restarted",		test_restart },
	{ "a breakpoint on the svc of sigreturn()",	test_hit_in_sigreturn },
	{ "a tracer steps over svc",			test_traced_call },
	{ "a task that is sent elsewhere",		test_sent_elsewhere },
	{ "an instruction that a uprobe steps",		test_uprobes },
	{ "a handler that re-aims",			test_re_aims },
	{ "an instruction that hits many words",	test_many_words },
	{ "a step writes control registers alone",	test_writes },
	{ "whatever comes in a step",			test_changes_in_step },
	{ "a step in the kernel",			test_kernel_step },
	{ "an exception in a step in the kernel",	test_kernel_faults },
	{ "an exception in the handler of a hit",	test_handler_faults },
	{ "a handler of a hit whose task dies",		test_handler_dies },
	{ "kgdb steps",					test_kgdb_steps },
	{ "kgdb steps with interrupts masked",		test_kgdb_alone },
	{ "kgdb stops in the middle of its step",	test_kgdb_again },
	{ "kgdb steps what never comes back",		test_kgdb_lost },
	{ "kgdb stops in the middle of a step",		test_kgdb_stays },
	{ "kgdb goes on elsewhere",			test_kgdb_elsewhere },
	{ "what kgdb steps with interrupts masked",	test_alone },
	{ "kgdb steps what is simulated",		test_kgdb_simulated },
	{ "what is masked in a kprobe",			test_kprobe_masks },
	{ "exclusive pairs in the kernel",		test_pairs },
	{ "two breakpoints in an exclusive pair",	test_two_in_pair },
	{ "one in an exclusive pair and one before",	test_one_in_pair },
	{ "code that becomes an exclusive pair",	test_pair_appears },
	{ "casp is no exclusive pair",			test_casp },
	{ "instructions that read or write DAIF",	test_simulation },
	{ "where FAR_EL1 may be",			test_far },
	{ "an address of the kernel's with a tag",	test_kernel_tag },
	{ "both halves, and nothing between",		test_halves },
	{ "words of a task that is watched",		test_words_of_tasks },
	{ "a tag",					test_tags },
	{ "what is watched has no other name",		test_other_names },
	{ "code of the kernel has four bytes",		test_kernel_code },
	{ "an event inherited by a 32-bit program",	test_inherited },
	{ "nobody's hit",				test_nobodys },
	{ "the syndrome names the slot",		test_numbered },
	{ }
};
