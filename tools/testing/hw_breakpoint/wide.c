// SPDX-License-Identifier: GPL-2.0
/*
 * Wide breakpoints, with another call at every instruction: of a kprobe's handler where
 * there can be a kprobe, and of an NMI anywhere. See steps.h for how.
 *
 * All CPUs must end with one aim, the one that the attributes say, and it must be that of
 * the call which came last to say it: with the other call at a later and later instruction
 * that changes once, from the one to the other.
 */

#include <limits.h>

#include "test.h"
#include "steps.h"

#define CPUS	SHIM_CPUS

/**
 * struct action - what comes in the middle
 * @name: for the report
 * @nmi: an NMI of this CPU
 * @hit: the handler of a watchpoint's hit; where neither is set a kprobe's handler
 * @other: neither: the other CPU calls
 * @local: it re-aims its CPU alone
 * @again: in the middle of it, at some instruction, comes one more
 * @pause: instructions from its end until the other CPU follows; or 0
 */
struct action {
	const char	*name;
	bool		nmi;
	bool		hit;
	bool		other;
	bool		local;
	bool		again;
	int		pause;
};

static const struct action actions[] = {
	{ "kprobe" },
	{ "kprobe, this CPU alone", .local = true },
	{ "NMI", .nmi = true },
	{ "NMI, this CPU alone", .nmi = true, .local = true },
	{ "kprobe, and another in it", .again = true },
	{ "calls of the other CPU", .other = true },
#ifdef SHIM_ARM64
	/* No NMI there, as it is on x86; and it comes wherever debug exceptions are not masked. */
	{ "hit", .hit = true },
	{ "hit, this CPU alone", .hit = true, .local = true },
	{ "hit, and another in it", .hit = true, .again = true },
#endif
	{ }
};

/**
 * struct op - what is interrupted
 * @name: for the report
 * @run: does it
 * @aims: it is itself a call that re-aims all CPUs
 * @local: it re-aims this CPU alone
 * @down: a CPU goes down in it
 * @nmi_only: no kprobe's handler may call then
 */
struct op {
	const char	*name;
	void		(*run)(void);
	bool		aims;
	bool		local;
	bool		down;
	bool		nmi_only;
};

static struct perf_event_context contexts[CPUS];
static struct perf_event * __percpu *wide;
static const struct op *op;
static const struct action *action;
static long at;
static bool happened, stepping;
static int depth, calls, granted, since;
/* All aims have one length: nothing but the address shows which one the registers hold. */
static bool same_len;

/* ---- perf ---- */

static void on_cpu(int cpu, void (*fn)(struct perf_event *bp), struct perf_event *bp)
{
	int self = shim_cpu;
	bool off = shim_irqs_off;

	shim_cpu = cpu;
	local_irq_disable();
	fn(bp);
	shim_irqs_off = off;
	shim_cpu = self;
}

static void sched_in(struct perf_event *bp)
{
	EXPECT_EQ(hwbp_add(bp, PERF_EF_START), 0);
	bp->oncpu = shim_cpu;
	hwbp_pmu_enable(NULL);
}

static void sched_out(struct perf_event *bp)
{
	hwbp_del(bp, 0);
	bp->oncpu = -1;
	hwbp_pmu_enable(NULL);
}

/* A CPU that perf refuses events for, or -1 */
static int refuse_on = -1;

struct perf_event *
perf_event_create_kernel_counter(struct perf_event_attr *attr, int cpu,
				 struct task_struct *task,
				 perf_overflow_handler_t triggered, void *context)
{
	struct perf_event *bp;
	int err;

	if (cpu == refuse_on)
		return ERR_PTR(-ENOMEM);
	bp = calloc(1, sizeof(*bp));
	*bp = (struct perf_event) {
		SHIM_RESERVATION(*bp),
		.attr = *attr, .pmu = &hwbp_pmu, .cpu = cpu, .oncpu = -1,
		.ctx = &contexts[cpu],
		.overflow_handler = triggered, .overflow_handler_context = context,
	};
	err = register_perf_hw_breakpoint(bp) ?: perf_reserve_attach(bp, bp->ctx);
	if (err) {
		hwbp_detach(bp);
		free(bp);
		return ERR_PTR(err);
	}
	if (!attr->disabled)
		perf_event_enable(bp);
	return bp;
}

/* As perf: it does not matter how often. */
void perf_event_enable(struct perf_event *bp)
{
	EXPECT(bp->overflow_handler && bp->overflow_handler != hwbp_takes_over);
	if (bp->oncpu < 0)
		on_cpu(bp->cpu, sched_in, bp);
}

void perf_event_disable(struct perf_event *bp)
{
	if (bp->oncpu >= 0)
		on_cpu(bp->oncpu, sched_out, bp);
}

/* Who reads it may still do so until there is no call under way. */
static struct perf_event *freed[8];

int perf_event_release_kernel(struct perf_event *bp)
{
	int i = 0;

	perf_event_disable(bp);
	hwbp_detach(bp);
	while (freed[i])
		i++;
	freed[i] = bp;
	return 0;
}

static void free_released(void)
{
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(freed); i++) {
		free(freed[i]);
		freed[i] = NULL;
	}
}

/* ---- calls ---- */

/* Half of one and half of another is neither, unless there is nothing but the address. */
static void aim_attr(struct perf_event_attr *attr, int n)
{
	*attr = (struct perf_event_attr) { };
	regs_kernel_attr(attr, n);
	attr->bp_len = same_len ? 8 : 8 >> n % 3;
}

/* Which of the calls has said that, from 1 on; 0 is the registration. */
static int who_said(const struct watch *w)
{
	struct perf_event_attr attr;
	struct watch want;
	int i;

	for (i = 0; i <= calls; i++) {
		aim_attr(&attr, i);
		want = regs_expected(&attr);
		if (same_watch(&want, w))
			return i;
	}
	FAIL("%#llx+%llu is watched, and nobody has said so", w->addr, w->len);
	return -1;
}

/**
 * struct traced - what the tracepoint of a call has said last
 * @addr: the address that was wanted
 * @local: for this CPU alone
 * @left: to an interrupt
 * @ret: what the call has returned
 * @n: how many calls have said so
 */
static struct traced {
	u64	addr;
	bool	local;
	bool	left;
	int	ret;
	int	n;
} traced;

void shim_modify_wide(const struct perf_event_attr *attr, bool local, bool left, int ret)
{
	traced = (struct traced) { attr->bp_addr, local, left, ret, traced.n + 1 };
}

/* Each call says what was wanted, and what has become of that. */
static int modify(const struct perf_event_attr *attr, bool local)
{
	int n = traced.n, ret;

	ret = local ? modify_wide_hw_breakpoint_local(wide, attr) :
		      modify_wide_hw_breakpoint(wide, attr);
	EXPECT(traced.n > n);
	/* another that comes right after may have said the last */
	if (traced.n == n + 1) {
		EXPECT(traced.addr == attr->bp_addr && traced.local == local);
		EXPECT_EQ(traced.ret, ret);
		EXPECT(!traced.left || !ret);
	}
	return ret;
}

/* The n-th call wants the n-th cell. */
static int call(bool local)
{
	struct perf_event_attr attr;
	int ret;

	aim_attr(&attr, ++calls);
	ret = modify(&attr, local);
	granted += !ret && !local;
	return ret;
}

static void call_from_nmi(bool local)
{
	unsigned long flags;

	shim_irqs_off = true;
	shim_in_nmi = true;
	flags = regs_nmi_enter();
	EXPECT_EQ(call(local), traced.ret);
	EXPECT(traced.left == !traced.ret);
	regs_nmi_leave(flags);
	shim_in_nmi = false;
}

/* As many as use each of its cells again. */
static void call_there(void)
{
	int i;

	shim_irqs_off = false;
	shim_cpu = 1;
	for (i = 0; i < 3 && cpu_online(1); i++)
		call(false);
	shim_cpu = 0;
}

/* There are no kprobes where slots change and registers are written, with a back end. */
#ifndef SHIM_OLD
#define BACKEND	true
static bool in_slots(void)
{
	struct hwbp_cpu *c = per_cpu_ptr(&hwbp_cpu, shim_cpu);

	return c->busy || c->choosing || regs_masked();
}
#else
#define BACKEND	false
static bool in_slots(void)
{
	return false;
}
#endif

static void call_in_the_middle(void)
{
	depth++;
	happened = true;
	if (action->again && depth == 1)
		steps_left = 1 + at * 7 % 300;
	if (action->other)
		call_there();
	else if (action->nmi)
		call_from_nmi(action->local);
	else
		call(action->local);
	steps_left = LONG_MAX;
	depth--;
}

static void (*middle)(void) = call_in_the_middle;

/* In the middle of what the other CPU does a call comes on this one all the same. */
static void come_in_the_middle(void)
{
	int self = shim_cpu;

	stepping = false;
	shim_cpu = 0;
	if (action->other ? !self : action->nmi || action->hit ? !regs_masked() : !in_slots()) {
		if (!self && !action->other)
			step_at->seen |= STEP_STOPPED;
		middle();
	}
	shim_cpu = self;
}

/* Not null: looks at what anybody may see at every instruction, and nothing else happens. */
static void (*look)(void);
/* calls from the handler that returned 0 */
static unsigned int accepted;

/* The aim of a second wide breakpoint, which no call is for */
#define SECOND	50

static bool is_second(const struct watch *w)
{
	struct perf_event_attr attr;
	struct watch want;

	aim_attr(&attr, SECOND);
	want = regs_expected(&attr);
	return same_watch(&want, w);
}

/* Only the call that came in the middle has said anything yet. */
static void follow_there(void)
{
	struct watch armed[REGS_MAX];

	if (!happened || hw_breakpoint_wide_aims(wide) != 1)
		return;
	shim_run_irq_work_of(1);
	shim_irqs_off = true;
	shim_cpu = 1;
	EXPECT_EQ(regs_armed(armed), 1);
	shim_cpu = 0;
	EXPECT_EQ(who_said(&armed[0]), calls);
}

/*
 * Whatever may fire from then on is what somebody has said. Here a handler also comes where
 * there is no kprobe, in hwbp_adopt() itself: what it leaves is put right in the end.
 */
static void look_at_registers(void)
{
	struct watch armed[REGS_MAX];
	int n;

	n = action->nmi || action->hit || action->other ? regs_may_fire(armed) : 0;
	while (n--) {
		if (!is_second(&armed[n]))
			who_said(&armed[n]);
	}
	if (++since == action->pause)
		follow_there();
	/* from whatever moment: what is counted twice is no more than that */
	for (n = 0; n < CPUS; n++)
		EXPECT(hw_breakpoint_wide_late(wide, n) <= 2 * hw_breakpoint_wide_aims(wide));
}

void steps_here(void)
{
	bool irqs_off = shim_irqs_off;

	if (look) {
		look();
		steps_left = 1;
		return;
	}
	steps_left = LONG_MAX;
	shim_irqs_off = true;
	if (!depth && !shim_cpu)
		step_at->seen |= STEP_RUN;
	if (stepping || depth)
		come_in_the_middle();
	else if (!shim_cpu)
		look_at_registers();
	/* an interrupt, where the CPU takes one */
	if (shim_cpu && !irqs_off)
		shim_run_irq_work_of(shim_cpu);
	shim_irqs_off = irqs_off;
	if (!stepping && !depth)
		steps_left = 1;
}

/* ---- what is interrupted ---- */

static void do_aim(void)
{
	EXPECT_EQ(call(false), 0);
}

static void do_aim_local(void)
{
	EXPECT_EQ(call(true), 0);
}

/* The other CPU has re-aimed, more than once, and this one is asked. */
static void do_follow(void)
{
	long steps = steps_left;

	steps_left = LONG_MAX;
	call_there();
	steps_left = steps;
	shim_run_irq_work_of(0);
}

/* An NMI has re-aimed, and this CPU takes the interrupt that does the rest. */
static void do_ask(void)
{
	long steps = steps_left;

	steps_left = LONG_MAX;
	call_from_nmi(false);
	shim_irqs_off = false;
	steps_left = steps;
	shim_run_irq_work_of(0);
}

static void do_refused_aim(void)
{
	struct perf_event_attr bad = { };

	EXPECT(modify_wide_hw_breakpoint(wide, &bad));
}

static void do_count(void)
{
	EXPECT(hw_breakpoint_wide_aims(wide) <= 3);
	EXPECT(hw_breakpoint_wide_late(wide, 0) <= 3);
}

static void do_schedule(void)
{
	struct perf_event *bp = *per_cpu_ptr(wide, 0);

	local_irq_disable();
	sched_out(bp);
	sched_in(bp);
	local_irq_enable();
}

/* A slot of each CPU is held, whether it is there or not. */
static void expect_one_is_held(int cpu)
{
	static struct hw_breakpoint_reservation res[16];
	int n = 0, i;

	while (!hwbp_reserve_for_cpu(&res[n], cpu, TYPE_DATA))
		n++;
	for (i = 0; i < n; i++)
		hwbp_release_reservation(&res[i]);
	EXPECT_EQ(n, hw_breakpoint_slots(TYPE_DATA) - 1);
}

static void power_on(void)
{
	local_irq_disable();
	regs_power_on();
	local_irq_enable();
}

static void do_cpu_down(void)
{
	shim_cpu_down();
	steps_left = LONG_MAX;
	expect_one_is_held(0);
	power_on();
	shim_cpu_up();
}

static void do_cpu_up(void)
{
	long steps = steps_left;

	steps_left = LONG_MAX;
	shim_cpu_down();
	power_on();
	steps_left = steps;
	shim_cpu_up();
}

static void do_other_cpu_down_and_up(void)
{
	shim_cpu = 1;
	shim_cpu_down();
	power_on();
	shim_cpu_up();
	shim_cpu = 0;
}

static struct perf_event * __percpu *register_second(void)
{
	struct perf_event * __percpu *second;
	struct perf_event_attr attr;

	aim_attr(&attr, SECOND);
	second = register_wide_hw_breakpoint(&attr, NULL, NULL);
	EXPECT(!IS_ERR(second));
	return second;
}

/* Nobody can call for a breakpoint that is being registered, or that is about to end. */
static void do_register(void)
{
	struct perf_event * __percpu *second = register_second();

	steps_left = LONG_MAX;
	unregister_wide_hw_breakpoint(second);
}

/* CPU 0 watches by then, and the next one is refused. */
static void do_refused_registration(void)
{
	struct perf_event_attr attr;

	aim_attr(&attr, SECOND);
	refuse_on = 1;
	EXPECT_EQ(PTR_ERR(register_wide_hw_breakpoint(&attr, NULL, NULL)), -ENOMEM);
	refuse_on = -1;
}

static void do_unregister(void)
{
	struct perf_event * __percpu *second;
	long steps = steps_left;

	steps_left = LONG_MAX;
	second = register_second();
	steps_left = steps;
	unregister_wide_hw_breakpoint(second);
}

static const struct op ops[] = {
	{ "re-aim", do_aim, .aims = true },
	{ "re-aim this CPU alone", do_aim_local, .local = true },
	{ "re-aim that is refused", do_refused_aim },
	{ "follow", do_follow },
	{ "interrupt after an NMI", do_ask },
	{ "read what is missed", do_count },
	{ "schedule", do_schedule, .nmi_only = BACKEND },
	{ "this CPU down", do_cpu_down, .down = true, .nmi_only = true },
	{ "this CPU up", do_cpu_up, .nmi_only = true },
	{ "another CPU down and up", do_other_cpu_down_and_up, .down = true },
	{ "registration of another", do_register },
	{ "registration of another, refused", do_refused_registration },
	{ "end of another", do_unregister },
	{ }
};

/* ---- the state after ---- */

/* Whose aim a CPU watches, as its registers and attributes say. */
static int watches(int cpu)
{
	struct watch armed[REGS_MAX];
	struct perf_event_attr attr;
	int n;

	local_irq_disable();
	shim_cpu = cpu;
	EXPECT_EQ(regs_armed(armed), 1);
	shim_cpu = 0;
	local_irq_enable();
	n = who_said(&armed[0]);
	aim_attr(&attr, n);
	EXPECT_EQ((*per_cpu_ptr(wide, cpu))->attr.bp_addr, attr.bp_addr);
	EXPECT_EQ((*per_cpu_ptr(wide, cpu))->attr.bp_len, attr.bp_len);
	return n;
}

static void begin(void)
{
	struct perf_event_attr attr;

	calls = 0;
	granted = 0;
	since = 0;
	happened = false;
	aim_attr(&attr, 0);
	wide = register_wide_hw_breakpoint(&attr, NULL, NULL);
	EXPECT(!IS_ERR(wide));
}

static void check_counts(void)
{
	unsigned long most;
	int cpu;

	EXPECT_EQ(hw_breakpoint_wide_aims(wide), granted);
	/*
	 * each watches the newest, but where that is hidden by one of its own; or it has watched
	 * nothing since it went down, and watches the newest with another event
	 */
	most = granted - (granted && !action->local && !op->local && !op->down);
	for_each_possible_cpu(cpu)
		EXPECT(hw_breakpoint_wide_late(wide, cpu) <= most);
	/* What an NMI has said before the event went waits for an interrupt that comes after. */
	if (op->run == do_cpu_down && action->nmi)
		EXPECT_EQ(hw_breakpoint_wide_late(wide, 0), granted);
	/* All were on their way to CPU 1 before it took an interrupt: it has seen the last. */
	if (op->run == do_aim && !action->local && !action->other && !action->pause)
		EXPECT_EQ(hw_breakpoint_wide_late(wide, 1), granted - 1);
}

static void end(void)
{
	unregister_wide_hw_breakpoint(wide);
	free_released();
	EXPECT(!hw_breakpoint_is_used());
}

/* Return: the call that this CPU watches in the end. */
static int run_once(void)
{
	int here, cpu;

	begin();
	steps_left = at > 0 ? at : LONG_MAX;
	op->run();
	steps_left = LONG_MAX;
	shim_run_irq_work();
	here = watches(0);
	for_each_online_cpu(cpu) {
		if (!action->local && !op->local)
			EXPECT_EQ(watches(cpu), here);
	}
	check_counts();
	end();
	return here;
}

/* ---- at every instruction ---- */

static void where(void)
{
	if (op)
		printf("# %s; in the middle: %s, at %ld%s\n", op->name, action->name, at,
		       same_len ? "; all of one length" : "");
}

/*
 * The call in the middle is over before the one that it has interrupted goes on: at the
 * instructions before that one has said its own it loses, at those after it wins. Where
 * nobody else says anything it wins, unless this CPU has gone and come since.
 */
static bool check_winner(int now, bool has_won)
{
	bool outer = op->aims || op->local;

	if (op->run == do_cpu_down && action->local)
		EXPECT_EQ(now, 0);
	else if (op->run == do_cpu_up && action->local)
		EXPECT(now == 0 || now == calls);
	else if (!granted && !action->local)
		EXPECT_EQ(now, 0);
	else if (action->again)
		EXPECT(now >= 1);
	else
		EXPECT(now == calls || (outer && now == 1 && !has_won));
	return now == calls;
}

/* Return: how many instructions there were to come at. */
static long run_at_each(void)
{
	bool has_won = false;
	long n = 0;
	int now;

	for (at = 1; ; at++) {
		stepping = true;
		now = run_once();
		if (stepping)
			break;
		if (!happened)
			continue;
		has_won = check_winner(now, has_won);
		n++;
	}
	/* the call at the last instruction has come last */
	EXPECT(has_won || action->again || !(op->aims || op->local));
	return n;
}

/* Does any call come in the middle of @op by @action? */
static bool comes(void)
{
	if (op->nmi_only && !action->nmi && !action->hit)
		return false;
	/* without a back end CPU 0 does nothing of that */
	return op->run != do_other_cpu_down_and_up || !action->other || BACKEND;
}

static long run_each(void)
{
	long n, total = 0;

	for (op = ops; op->name; op++) {
		for (action = actions; action->name; action++) {
			if (!comes())
				continue;
			n = run_at_each();
			EXPECT(n);
			total += n;
		}
	}
	op = NULL;
	return total;
}

static void test_middle(void)
{
	long total;

	test_where = where;
	regs_allow_same(true);
	total = run_each();
	same_len = true;
	total += run_each();
	same_len = false;
	regs_allow_same(false);
	test_where = NULL;
	printf("# %ld calls in the middle\n", total);
	EXPECT(steps_show("wide") >= 95);
}

/*
 * Before the outer call has said anything the other CPU follows the one in the middle, and
 * finds nothing there of the outer one's.
 */
static void test_other_follows(void)
{
	struct action follow = { "kprobe, and the other CPU follows" };

	test_where = where;
	regs_allow_same(true);
	op = &ops[0];
	action = &follow;
	for (follow.pause = 1; follow.pause <= 60; follow.pause++)
		EXPECT(run_at_each());
	op = NULL;
	regs_allow_same(false);
	test_where = NULL;
}

/* ---- each in the middle of the one before ---- */

#define DEEP	12

static int results[DEEP + 1];
/* Instructions that each call does more than the one around it: it tries more cells. */
static int later;

static void call_deep(void)
{
	int i = depth++;

	happened = true;
	steps_left = i < DEEP ? at + i * later : LONG_MAX;
	results[i] = call(false);
	steps_left = LONG_MAX;
	depth--;
}

/* Return: the outermost call that was refused, or DEEP + 1. Others may say what they want. */
static int run_deep(void)
{
	int winner, n, refused = DEEP + 1;

	memset(results, 0, sizeof(results));
	winner = run_once();
	EXPECT(winner >= 1 && !results[winner - 1]);
	for (n = DEEP; n >= 0; n--) {
		EXPECT(!results[n] || results[n] == -EBUSY);
		if (results[n])
			refused = n;
	}
	return refused;
}

/*
 * There are seven cells beside the one that is named, one of which may be looked at by a
 * call that is about to leave it.
 */
static void test_deep(void)
{
	static const struct action deep = { "a row of calls" };
	static const struct op aim = { "re-aim", call_deep, .aims = true };
	int first = DEEP + 1;

	op = &aim;
	action = &deep;
	middle = call_deep;
	test_where = where;
	regs_allow_same(true);
	for (later = 0; later < 12; later++) {
		for (at = 1; at < 200; at++)
			first = min(first, run_deep());
	}
	if (first < 6 || first > 7)
		FAIL("number %d is the first that is refused", first);
	op = NULL;
	middle = call_in_the_middle;
	regs_allow_same(false);
	test_where = NULL;
}

/* ---- the end ---- */

/* What is on its way when it is unregistered does not come any more. */
static void test_end(void)
{
	regs_allow_same(true);
	begin();
	call_from_nmi(false);
	shim_irqs_off = false;
	end();
	shim_run_irq_work();
	begin();
	EXPECT_EQ(call(false), 0);
	end();
	shim_run_irq_work();
	regs_allow_same(false);
}

/* The handler of the other CPU's event, at each instruction of the end until that event has gone */
static void call_from_handler(void)
{
	bool off = shim_irqs_off;
	int self = shim_cpu;

	look = NULL;
	shim_cpu = 1;
	shim_irqs_off = true;
	shim_in_nmi = true;
	accepted += !call(false);
	shim_in_nmi = false;
	shim_irqs_off = off;
	shim_cpu = self;
	look = call_from_handler;
}

static void test_end_hit(void)
{
	regs_allow_same(true);
	begin();
	accepted = 0;
	look = call_from_handler;
	steps_left = 1;
	unregister_wide_hw_breakpoint(wide);
	steps_left = LONG_MAX;
	look = NULL;
	EXPECT(accepted > 0);
	EXPECT(!shim_irq_work_pending());
	free_released();
	regs_allow_same(false);
}

/* A call of a task's has interrupts on while it sends some to each other CPU. */
static void test_sent(void)
{
	regs_allow_same(true);
	begin();
	shim_sent_irqs_off = 0;
	EXPECT_EQ(call(false), 0);
	EXPECT(!traced.left);
	EXPECT_EQ(shim_sent_irqs_off, 0);
	shim_run_irq_work();
	EXPECT_EQ(watches(1), 1);
	local_irq_disable();
	EXPECT_EQ(call(false), 0);
	EXPECT(irqs_disabled());
	local_irq_enable();
	EXPECT_EQ(shim_sent_irqs_off, 1);
	shim_run_irq_work();
	EXPECT_EQ(watches(1), 2);
	end();
	regs_allow_same(false);
}

/* What hides an aim of all CPUs before this one has followed it lets it be missed. */
static void test_hidden(void)
{
	regs_allow_same(true);
	begin();
	shim_cpu = 1;
	EXPECT_EQ(call(false), 0);
	shim_cpu = 0;
	EXPECT_EQ(call(true), 0);
	EXPECT_EQ(hw_breakpoint_wide_late(wide, 0), 1);
	shim_run_irq_work();
	EXPECT_EQ(hw_breakpoint_wide_late(wide, 0), 1);
	EXPECT_EQ(hw_breakpoint_wide_late(wide, 1), 0);
	end();
	regs_allow_same(false);
}

static unsigned long least_late;

/* CPU 1 has executed on after so many aims, and has not watched them. */
static void look_at_late(void)
{
	EXPECT(hw_breakpoint_wide_late(wide, 1) >= least_late);
	EXPECT(hw_breakpoint_wide_late(wide, 1) <= 2 * least_late);
}

static void other_goes_down(void)
{
	shim_cpu = 1;
	steps_left = 1;
	shim_cpu_down();
	steps_left = LONG_MAX;
	power_on();
	shim_cpu = 0;
}

static void other_comes_up(void)
{
	shim_cpu = 1;
	shim_cpu_up();
	shim_cpu = 0;
}

/*
 * CPU 1 goes down before it has taken the interrupts of two calls: it never watches what they
 * have said. What is said while it has no event is not counted.
 */
static void test_late_down(void)
{
	int i;

	regs_allow_same(true);
	begin();
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(call(false), 0);
		EXPECT_EQ(call(false), 0);
		least_late = 2 * (i + 1);
		EXPECT_EQ(hw_breakpoint_wide_late(wide, 1), least_late);
		look = look_at_late;
		other_goes_down();
		look = NULL;
		EXPECT_EQ(hw_breakpoint_wide_late(wide, 1), least_late);
		EXPECT_EQ(call(false), 0);
		EXPECT_EQ(hw_breakpoint_wide_late(wide, 1), least_late);
		other_comes_up();
		EXPECT_EQ(hw_breakpoint_wide_late(wide, 1), least_late);
		EXPECT_EQ(watches(1), calls);
	}
	EXPECT_EQ(hw_breakpoint_wide_late(wide, 0), 0);
	end();
	regs_allow_same(false);
}

/* A CPU that is down when it is registered has missed nothing. */
static void test_late_not_up(void)
{
	regs_allow_same(true);
	other_goes_down();
	begin();
	EXPECT_EQ(call(false), 0);
	EXPECT_EQ(hw_breakpoint_wide_late(wide, 1), 0);
	other_comes_up();
	EXPECT_EQ(hw_breakpoint_wide_late(wide, 1), 0);
	EXPECT_EQ(watches(1), 1);
	end();
	regs_allow_same(false);
}

/* The event of a CPU that comes up is refused: nothing is said to have been missed for that. */
static void test_late_refused(void)
{
	struct perf_event_attr bad = { };

	regs_allow_same(true);
	begin();
	EXPECT(modify(&bad, false));
	EXPECT(modify(&bad, true));
	EXPECT_EQ(hw_breakpoint_wide_aims(wide), 0);
	EXPECT_EQ(hw_breakpoint_wide_late(wide, 0), 0);
	other_goes_down();
	refuse_on = 1;
	other_comes_up();
	refuse_on = -1;
	EXPECT(!*per_cpu_ptr(wide, 1));
	EXPECT_EQ(call(false), 0);
	shim_run_irq_work();
	EXPECT_EQ(hw_breakpoint_wide_late(wide, 0), 0);
	EXPECT_EQ(hw_breakpoint_wide_late(wide, 1), 0);
	other_goes_down();
	other_comes_up();
	EXPECT_EQ(watches(1), 1);
	EXPECT_EQ(hw_breakpoint_wide_late(wide, 1), 0);
	end();
	regs_allow_same(false);
}

#ifndef SHIM_OLD
/* A function that may not be probed any more when a CPU comes to follow is not watched there. */
static void test_late_failed(void)
{
	struct perf_event_attr attr;

	aim_attr(&attr, 0);
	attr.bp_type = HW_BREAKPOINT_X;
	attr.bp_len = sizeof(long);
	wide = register_wide_hw_breakpoint(&attr, NULL, NULL);
	EXPECT(!IS_ERR(wide));
	attr.bp_addr += 64;
	EXPECT_EQ(modify_wide_hw_breakpoint(wide, &attr), 0);
	shim_blacklisted = attr.bp_addr;
	shim_run_irq_work();
	shim_blacklisted = 0;
	EXPECT_EQ(hw_breakpoint_wide_late(wide, 0), 0);
	EXPECT_EQ(hw_breakpoint_wide_late(wide, 1), 1);
	end();
}

/* A handler that has interrupted this CPU's choice of a slot leaves the slots alone. */
static void test_choosing(void)
{
	regs_allow_same(true);
	begin();
	local_irq_disable();
	this_cpu_ptr(&hwbp_cpu)->choosing = true;
	EXPECT_EQ(call(true), 0);
	EXPECT(traced.left);
	EXPECT_EQ(call(false), 0);
	EXPECT(traced.left);
	EXPECT(this_cpu_ptr(&hwbp_cpu)->choosing);
	this_cpu_ptr(&hwbp_cpu)->choosing = false;
	local_irq_enable();
	EXPECT_EQ(watches(0), 0);
	EXPECT_EQ(hw_breakpoint_wide_late(wide, 0), 1);
	shim_run_irq_work();
	EXPECT_EQ(watches(0), 2);
	EXPECT_EQ(watches(1), 2);
	EXPECT_EQ(hw_breakpoint_wide_late(wide, 0), 0);
	end();
	regs_allow_same(false);
}
#endif

/* Whether the kernel counts is the registration's to say, and not the aim's. */
static void test_user_only(void)
{
	struct perf_event_attr attr = { }, kernel;

	aim_attr(&kernel, 1);
	regs_attr(&attr, 0);
	attr.exclude_kernel = 1;
	wide = register_wide_hw_breakpoint(&attr, NULL, NULL);
	EXPECT(!IS_ERR(wide));
	EXPECT_EQ(modify_wide_hw_breakpoint(wide, &kernel), -EINVAL);
	EXPECT_EQ(hw_breakpoint_wide_aims(wide), 0);
	regs_attr(&attr, 1);
	EXPECT_EQ(modify_wide_hw_breakpoint(wide, &attr), 0);
	shim_run_irq_work();
	end();
}

static void on_hit(struct perf_event *bp, struct perf_sample_data *data, struct pt_regs *regs)
{
}

static void expect_handler(perf_overflow_handler_t handler, void *context)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct perf_event *bp = *per_cpu_ptr(wide, cpu);

		EXPECT(bp->overflow_handler == handler);
		EXPECT(bp->overflow_handler_context == context);
	}
}

/* The caller's, or perf's own as perf chooses it */
static void test_handler(void)
{
	struct perf_event_attr attr;

	aim_attr(&attr, 0);
	wide = register_wide_hw_breakpoint(&attr, on_hit, &granted);
	expect_handler(on_hit, &granted);
	end();
	wide = register_wide_hw_breakpoint(&attr, NULL, &granted);
	expect_handler(perf_event_output_forward, NULL);
	end();
	attr.write_backward = 1;
	wide = register_wide_hw_breakpoint(&attr, NULL, NULL);
	expect_handler(perf_event_output_backward, NULL);
	end();
}

/* After an error there is nothing, and nothing is held. */
static void test_no_memory(void)
{
	struct perf_event_attr attr;
	int i;

	aim_attr(&attr, 0);
	for (i = 0; i < 2; i++) {
		shim_fail_alloc = i;
		EXPECT_EQ(PTR_ERR(register_wide_hw_breakpoint(&attr, NULL, NULL)), -ENOMEM);
		EXPECT(!hw_breakpoint_is_used());
	}
	shim_fail_alloc = -1;
}

const struct test tests[] = {
	{ "another call at every instruction",		test_middle },
	{ "the other CPU follows in the middle",	test_other_follows },
	{ "calls in the middle of one another",		test_deep },
	{ "unregistered while calls are on their way",	test_end },
	{ "while its handler calls",			test_end_hit },
	{ "interrupts are on while others are asked",	test_sent },
	{ "hidden by an aim of one CPU",		test_hidden },
	{ "missed by a CPU that goes down",		test_late_down },
	{ "registered while a CPU is down",		test_late_not_up },
	{ "late where a call or an event is refused",	test_late_refused },
#ifndef SHIM_OLD
	{ "late where a CPU cannot follow",		test_late_failed },
	{ "re-aimed in the middle of a choice",		test_choosing },
#endif
	{ "an aim that the kernel would hit",		test_user_only },
	{ "whose handler is called",			test_handler },
	{ "no memory",					test_no_memory },
	{ }
};
