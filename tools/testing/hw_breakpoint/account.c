// SPDX-License-Identifier: GPL-2.0
/*
 * The accounting against the rule itself, counted anew at every step.
 *
 * For every CPU and type: events of the CPU + the largest number of events that
 * one task context and its process have there <= slots. No histogram, no per-CPU state.
 */

#include "test.h"
#include "../../../kernel/events/hw_breakpoint/account.h"

#define CONTEXTS	6
#define EVENTS		192
#define NO_CONTEXT	CONTEXTS
/* Two tasks each */
#define PROCESSES	(CONTEXTS / 2)
#define PROCESS(n)	(CONTEXTS + 1 + (n))

/**
 * struct holder - an event, and what the model knows of it
 * @bp: the event
 * @ctx: its context, NO_CONTEXT for an event of a CPU, or PROCESS(n)
 * @cpu: its CPU, or -1
 * @type: the pool it holds a slot of
 * @open: attached; otherwise nothing else is valid
 * @held: holds a slot
 * @gone: the task has exited, or has executed a program that the event was not for, so that
 *	it does not matter what it holds
 */
struct holder {
	struct perf_event	bp;
	int			ctx;
	int			cpu;
	int			type;
	bool			open;
	bool			held;
	bool			gone;
};

static struct holder holders[EVENTS];
static struct task_struct tasks[CONTEXTS];
static struct perf_event_context contexts[CONTEXTS + 1];
static unsigned int granted, refused;

#ifdef SHIM_OLD
#define HAVE_PROCESSES	false
#else
#define HAVE_PROCESSES	true
#endif

/* Those in use: so many that slots run short, and no more. */
static int nr_contexts, nr_events;

/* ---- model ---- */

static bool on_cpu(const struct holder *h, int ctx, int cpu, int type)
{
	return h->held && !h->gone && h->ctx == ctx && h->type == type &&
	       (h->cpu < 0 || h->cpu == cpu);
}

static int model_count(int ctx, int cpu, int type)
{
	int i, n = 0;

	for (i = 0; i < nr_events; i++)
		n += on_cpu(&holders[i], ctx, cpu, type);
	return n;
}

/* Of whichever task has the context now */
static int process_of(int ctx)
{
	return PROCESS((contexts[ctx].task - tasks) / 2);
}

static int model_free(int cpu, int type)
{
	int ctx, most = 0;

	for (ctx = 0; ctx < nr_contexts; ctx++)
		most = max(most, model_count(ctx, cpu, type) +
				 model_count(process_of(ctx), cpu, type));
	return hw_breakpoint_slots(type) - most -
	       model_count(NO_CONTEXT, cpu, type);
}

static bool model_fits(void)
{
	int cpu, type;

	for_each_possible_cpu(cpu) {
		for (type = 0; type < TYPE_MAX; type++) {
			if (model_free(cpu, type) < 0)
				return false;
		}
	}
	return true;
}

/* Would the rule hold if @h held a slot of @type? */
static bool model_would_fit(struct holder *h, int type)
{
	struct holder old = *h;
	bool fits;

	h->held = true;
	h->type = type;
	fits = model_fits();
	h->held = old.held;
	h->type = old.type;
	return fits;
}

static void check_result(struct holder *h, int type, int ret)
{
	int want = model_would_fit(h, type) ? 0 : -ENOSPC;

	EXPECT_EQ(ret, want);
	if (ret) {
		refused++;
		return;
	}
	granted++;
	h->held = true;
	h->type = type;
}

/* ---- steps ---- */

static u32 random_type(void)
{
	return random_below(2) ? HW_BREAKPOINT_X : HW_BREAKPOINT_W;
}

/* What is made of a process is known to all of its threads. */
static void share_process(int n)
{
	struct task_struct *a = &tasks[2 * n], *b = a + 1;

	a->signal->perf_process = a->signal->perf_process ?: b->signal->perf_process;
	b->signal->perf_process = a->signal->perf_process;
}

static void open_of_process(struct holder *h)
{
	int n = random_below(nr_contexts / 2), ret;
	struct task_struct *task = &tasks[2 * n + random_below(2)];

	*h = (struct holder) { .ctx = PROCESS(n), .cpu = -1, .open = true };
	h->bp = (struct perf_event) {
		SHIM_RESERVATION(h->bp),
		.attr = {
			.type = PERF_TYPE_BREAKPOINT,
			.bp_type = random_type(),
			.config = HWBP_CONFIG_PROCESS,
		},
		.pmu = &hwbp_pmu,
		.cpu = -1,
		.hw.target = task,
	};
	INIT_LIST_HEAD(&h->bp.child_list);
	ret = perf_reserve_attach(&h->bp, task->perf_event_ctxp);
	share_process(n);
	check_result(h, hwbp_type(h->bp.attr.bp_type), ret);
	if (h->held)
		return;
	hwbp_detach(&h->bp);
	h->open = false;
}

static void open_event(struct holder *h)
{
	if (HAVE_PROCESSES && !random_below(8)) {
		open_of_process(h);
		return;
	}
	h->ctx = random_below(4) ? random_below(nr_contexts) : NO_CONTEXT;
	h->cpu = h->ctx == NO_CONTEXT || random_below(3) == 0 ?
		 (int)random_below(nr_cpu_ids) : -1;
	h->bp = (struct perf_event) {
		SHIM_RESERVATION(h->bp),
		.attr.bp_type = random_type(),
		.pmu = &hwbp_pmu,
		.cpu = h->cpu,
	};
	h->held = false;
	h->gone = false;
	h->open = true;
	check_result(h, hwbp_type(h->bp.attr.bp_type),
		     perf_reserve_attach(&h->bp, &contexts[h->ctx]));
	if (!h->held) {
		hwbp_detach(&h->bp);
		h->open = false;
	}
}

/* When a task has exited; and then there is another in its place */
static void forget_account(int ctx)
{
	EXPECT_EQ(contexts[ctx].pin_count, 0);
	perf_reserve_free(&contexts[ctx]);
	contexts[ctx].reserved = NULL;
}

static void forget_account_if_empty(int ctx)
{
	int i;

	for (i = 0; i < nr_events; i++) {
		if (holders[i].open && holders[i].ctx == ctx)
			return;
	}
	perf_reserve_retire(&contexts[ctx]);
	forget_account(ctx);
}

static void close_event(struct holder *h)
{
	hwbp_detach(&h->bp);
	h->held = false;
	h->open = false;
	if (h->ctx < NO_CONTEXT)
		forget_account_if_empty(h->ctx);
}

/* A change that is prepared and not made holds a slot of either pool meanwhile. */
static void cancel_move(struct holder *h, int type)
{
	struct hw_breakpoint_reservation *res = hwbp_reservation(&h->bp);

	if (hwbp_prepare_move(&h->bp, type))
		return;
	EXPECT(h->type == type || res->moving == res->held);
	EXPECT(h->gone || model_would_fit(h, type));
	hwbp_cancel_move(&h->bp);
}

static void move_event(struct holder *h)
{
	u32 bp_type = random_type();
	int type = hwbp_type(bp_type);

	if (random_below(4) == 0)
		cancel_move(h, type);
	check_result(h, type, hwbp_prepare_move(&h->bp, type));
	hwbp_finish_move(&h->bp);
	if (h->type == type)
		h->bp.attr.bp_type = bp_type;
}

/*
 * perf takes the event out of its context, perhaps in the middle of a change, and its file
 * stays open: it is like one that never was, whatever is still asked of it.
 */
static void leave_event(struct holder *h)
{
	bool changing = random_below(2) && !hwbp_prepare_move(&h->bp, random_below(TYPE_MAX));

	perf_reserve_leave(&h->bp);
	if (changing)
		hwbp_finish_move(&h->bp);
	h->type = hwbp_reservation(&h->bp)->type;
	h->held = false;
	h->gone = true;
}

/* A debugger that has stopped all CPUs lets go of a slot of one, and may take it again. */
static void debugger_event(struct holder *h)
{
	int type = hwbp_type(h->bp.attr.bp_type);

	if (h->held) {
		EXPECT(hwbp_let_go(hwbp_reservation(&h->bp)));
		h->held = false;
	} else if (random_below(2)) {
		check_result(h, type, hwbp_hold(hwbp_reservation(&h->bp), type));
	} else {
		check_result(h, type, hwbp_reserve(&h->bp));
	}
}

static bool holds_of_process(const struct perf_event_context *ctx)
{
	int process = process_of(ctx - contexts), type, n = 0;

	for (type = 0; type < TYPE_MAX; type++)
		n += model_count(process, 0, type);
	return n;
}

/* perf swaps the contexts of two clones; what they hold goes with them. */
static void swap_contexts(void)
{
	struct perf_event_context *a = &contexts[random_below(nr_contexts)];
	struct perf_event_context *b = &contexts[random_below(nr_contexts)];
	struct task_struct *task = a->task;

	/* perf swaps none that is pinned, nor two that are not clones of each other */
	if (a->pin_count || b->pin_count || holds_of_process(a) || holds_of_process(b))
		return;
	a->task = b->task;
	b->task = task;
	a->task->perf_event_ctxp = a;
	b->task->perf_event_ctxp = b;
}

/* What is open stays so, beside what the next task has in a context of its own. */
static void exit_task(int ctx)
{
	int i;

	perf_reserve_retire(&contexts[ctx]);
	for (i = 0; i < nr_events; i++) {
		if (!holders[i].open || holders[i].ctx != ctx)
			continue;
		holders[i].gone = true;
		perf_reserve_leave(&holders[i].bp);
	}
	forget_account(ctx);
}

static void step(void)
{
	struct holder *h = &holders[random_below(nr_events)];

	if (!random_below(512))
		exit_task(random_below(nr_contexts));
	if (!h->open) {
		open_event(h);
		return;
	}
	switch (random_below(8)) {
	case 0:
	case 1:
		if (h->held || h->gone)
			move_event(h);
		break;
	case 2:
		if (h->ctx == NO_CONTEXT && !h->gone)
			debugger_event(h);
		else if (!hwbp_prepare_move(&h->bp, random_below(TYPE_MAX)))
			/* half way, with what it holds of either pool */
			close_event(h);
		break;
	case 3:
		swap_contexts();
		break;
	case 4:
		leave_event(h);
		break;
	default:
		close_event(h);
		break;
	}
}

/* ---- what the tables in debugfs say ---- */

static void check_cpus_table(void)
{
	char buf[4096], *line = buf;
	int cpu, type, row, pool, left, n;

	shim_read("cpus", buf, sizeof(buf), NULL);
	for_each_possible_cpu(cpu) {
		for (type = 0; type < TYPE_MAX; type++) {
			line = strchr(line, '\n') + 1;
			n = sscanf(line, "%d %d %*d %*d %*d %*d %d", &row, &pool,
				   &left);
			EXPECT_EQ(n, 3);
			EXPECT(row == cpu && pool == type);
			EXPECT_EQ(left, model_free(cpu, type));
		}
	}
}

static int lines(const char *s)
{
	int n = 0;

	while ((s = strchr(s, '\n'))) {
		s++;
		n++;
	}
	return n;
}

static void check_holders_table(void)
{
	char buf[16384];
	int i, listed = 0;

	shim_read("holders", buf, sizeof(buf), NULL);
	for (i = 0; i < nr_events; i++)
		listed += holders[i].open && !holders[i].gone &&
			  hwbp_reservation(&holders[i].bp)->listed;
	EXPECT_EQ(lines(buf), listed + 1);
}

static void check_used(void)
{
	bool used = false;
	int i;

	for (i = 0; i < nr_events; i++)
		used |= holders[i].held && !holders[i].gone;
	EXPECT(hw_breakpoint_is_used() == used);
}

/* ---- tests ---- */

static void end_processes(void)
{
	int i;

	for (i = 0; i < CONTEXTS; i++) {
		struct perf_process *process = tasks[i].signal->perf_process;

		if (process && !(i & 1))
			process->ops->free_process(process);
		tasks[i].signal->perf_process = NULL;
	}
}

static void close_all(void)
{
	int i;

	for (i = 0; i < nr_events; i++) {
		if (holders[i].open)
			close_event(&holders[i]);
	}
	EXPECT(!hw_breakpoint_is_used());
	end_processes();
}

static void set_up(void)
{
	int i;

	nr_contexts = hw_breakpoint_slots(TYPE_DATA) > 8 ? 2 : CONTEXTS;
	nr_events = hw_breakpoint_slots(TYPE_DATA) > 8 ? EVENTS : EVENTS / 3;
	for (i = 0; i < CONTEXTS; i++) {
		contexts[i].task = &tasks[i];
		shim_new_task(&tasks[i], &contexts[i]);
		if (i & 1)
			shim_same_process(&tasks[i], &tasks[i - 1]);
	}
	EXPECT(!hw_breakpoint_is_used());
}

static void test_random(void)
{
	unsigned long n;

	set_up();
	granted = 0;
	refused = 0;
	for (n = 0; n < test_steps; n++) {
		step();
		if (n % 16 == 0) {
			check_cpus_table();
			check_holders_table();
			check_used();
		}
	}
	printf("# %u granted, %u refused\n", granted, refused);
	EXPECT(granted > test_steps / 20 && refused > test_steps / 20);
	close_all();
}

/* What the next event takes over, or its handler's context is for another reason */
static struct hw_breakpoint_reservation *handed;
static perf_overflow_handler_t handler;

static struct holder *hold(int i, int ctx, int cpu, u32 bp_type)
{
	struct holder *h = &holders[i];

	h->ctx = ctx;
	h->cpu = cpu;
	h->gone = false;
	h->bp = (struct perf_event) {
		SHIM_RESERVATION(h->bp),
		.attr.bp_type = bp_type,
		.pmu = &hwbp_pmu,
		.cpu = cpu,
		.overflow_handler = handler,
		.overflow_handler_context = handed,
	};
	h->open = !perf_reserve_attach(&h->bp, &contexts[ctx]);
	if (!h->open)
		hwbp_detach(&h->bp);
	return h;
}

/* The exit of a task after a swap frees its context's slots and no others. */
static void test_context_swap(void)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i;
	struct task_struct *task;

	set_up();
	for (i = 0; i < slots; i++)
		EXPECT(hold(i, 0, -1, HW_BREAKPOINT_W)->open);
	EXPECT(hold(slots, 1, -1, HW_BREAKPOINT_W)->open);

	task = contexts[0].task;
	contexts[0].task = contexts[1].task;
	contexts[1].task = task;
	contexts[0].task->perf_event_ctxp = &contexts[0];
	task->perf_event_ctxp = &contexts[1];

	EXPECT(!hold(slots + 1, 0, -1, HW_BREAKPOINT_W)->open);
	close_event(&holders[slots]);
	EXPECT(!hold(slots + 1, 0, -1, HW_BREAKPOINT_W)->open);
	for (i = 0; i < slots; i++)
		EXPECT(hold(slots + i, 1, -1, HW_BREAKPOINT_W)->open);
	close_all();
}

/* Files that stay open keep no slot from those who can use it. */
static void test_exit(void)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i;

	set_up();
	for (i = 0; i < slots; i++)
		EXPECT(hold(i, 0, i & 1 ? 1 : -1, HW_BREAKPOINT_W)->open);
	EXPECT(!hold(slots, NO_CONTEXT, 1, HW_BREAKPOINT_W)->open);
	exit_task(0);
	EXPECT(!hw_breakpoint_is_used());
	for (i = 0; i < slots; i++)
		EXPECT(hold(slots + i, NO_CONTEXT, 1, HW_BREAKPOINT_W)->open);
	for (i = 0; i < slots; i++)
		EXPECT_EQ(hwbp_prepare_move(&holders[i].bp, TYPE_INST), 0);
	close_all();
}

/*
 * A program that is executed has all slots anew, in the context that the task had before,
 * whatever becomes of the files that it has got: they are changed, and closed.
 */
static void test_exec(void)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), i;

	set_up();
	for (i = 0; i < slots; i++)
		EXPECT(hold(i, 0, i & 1 ? 1 : -1, HW_BREAKPOINT_W)->open);
	EXPECT(!hold(slots, 0, 1, HW_BREAKPOINT_W)->open);
	for (i = 0; i < slots; i++)
		leave_event(&holders[i]);
	EXPECT(!hw_breakpoint_is_used());
	for (i = 0; i < slots; i++)
		EXPECT(hold(slots + i, 0, i & 1 ? 1 : -1, HW_BREAKPOINT_W)->open);
	for (i = 0; i < slots; i++) {
		cancel_move(&holders[i], TYPE_INST);
		EXPECT_EQ(hwbp_prepare_move(&holders[i].bp, TYPE_INST), 0);
		hwbp_finish_move(&holders[i].bp);
		EXPECT(!hwbp_reservation(&holders[i].bp)->held);
		close_event(&holders[i]);
	}
	EXPECT(!hold(0, 0, 1, HW_BREAKPOINT_W)->open);
	close_all();
}

/* A CPU's event comes in the place of a reservation, and leaves one. */
static void test_takes_over(void)
{
	struct hw_breakpoint_reservation waiting = { };
	int slots = hw_breakpoint_slots(TYPE_DATA), i;

	set_up();
	EXPECT_EQ(hwbp_reserve_for_cpu(&waiting, 2, TYPE_DATA), 0);
	for (i = 1; i < slots; i++)
		EXPECT(hold(i, 0, -1, HW_BREAKPOINT_W)->open);
	EXPECT(!hold(0, NO_CONTEXT, 2, HW_BREAKPOINT_W)->open);

	handed = &waiting;
	EXPECT(!hold(0, NO_CONTEXT, 2, HW_BREAKPOINT_W)->open);
	handler = hwbp_takes_over;
	EXPECT(hold(0, NO_CONTEXT, 2, HW_BREAKPOINT_W)->open);
	EXPECT(!waiting.held);
	EXPECT(!hold(slots, NO_CONTEXT, 2, HW_BREAKPOINT_W)->open);
	handler = NULL;
	handed = NULL;

	hwbp_hand_over(&waiting, hwbp_reservation(&holders[0].bp));
	close_event(&holders[0]);
	check_holders_table();
	EXPECT(waiting.held && !hold(0, NO_CONTEXT, 2, HW_BREAKPOINT_W)->open);
	hwbp_release_reservation(&waiting);
	EXPECT(hold(0, NO_CONTEXT, 2, HW_BREAKPOINT_W)->open);
	close_all();
}

/* ---- what is traced ---- */

static void expect_traced(const char *name, int value)
{
	EXPECT(shim_traced.n && !strcmp(shim_traced.name, name));
	EXPECT_EQ(shim_traced.value, value);
	shim_traced.n = 0;
}

/* An event that is refused, for whatever reason, says so. */
static void test_trace_refused(void)
{
	struct perf_event *bp = &holders[0].bp;
	struct perf_event_attr attr;

	set_up();
	EXPECT(!hold(0, 0, nr_cpu_ids, HW_BREAKPOINT_W)->open);
	expect_traced("reserve", -EINVAL);
	shim_fail_alloc = 0;
	EXPECT(!hold(0, 0, -1, HW_BREAKPOINT_W)->open);
	shim_fail_alloc = -1;
	expect_traced("reserve", -ENOMEM);
	EXPECT(hold(0, 0, -1, HW_BREAKPOINT_W)->open);
	expect_traced("reserve", 0);
	attr = bp->attr;
	attr.exclude_user = !attr.exclude_user;
	mutex_lock(&bp->child_mutex);
	EXPECT_EQ(perf_reserve_prepare(bp, &attr), -EINVAL);
	mutex_unlock(&bp->child_mutex);
	expect_traced("modify", -EINVAL);
	close_all();
}

/* What is held for a CPU that is down, for an event of it, and for the CPU again */
static void test_trace_cpu(void)
{
	struct hw_breakpoint_reservation waiting = { }, more[HWBP_MAX_PER_TYPE] = { };
	int slots = hw_breakpoint_slots(TYPE_DATA), i;

	set_up();
	EXPECT_EQ(hwbp_reserve_for_cpu(&waiting, 2, TYPE_DATA), 0);
	expect_traced("reserve_for_cpu", 0);
	for (i = 1; i < slots; i++)
		EXPECT_EQ(hwbp_reserve_for_cpu(&more[i], 2, TYPE_DATA), 0);
	EXPECT_EQ(hwbp_reserve_for_cpu(&more[0], 2, TYPE_DATA), -ENOSPC);
	expect_traced("reserve_for_cpu", -ENOSPC);
	handed = &waiting;
	handler = hwbp_takes_over;
	EXPECT(hold(0, NO_CONTEXT, 2, HW_BREAKPOINT_W)->open);
	handler = NULL;
	handed = NULL;
	/* hand_over, too */
	EXPECT_EQ(shim_traced.n, 2);
	expect_traced("reserve", 0);
	hwbp_hand_over(&waiting, hwbp_reservation(&holders[0].bp));
	expect_traced("hand_over", 0);
	close_event(&holders[0]);
	EXPECT_EQ(shim_traced.n, 0);
	hwbp_release_reservation(&waiting);
	expect_traced("release_for_cpu", 0);
	hwbp_release_reservation(&waiting);
	EXPECT_EQ(shim_traced.n, 0);
	for (i = 1; i < slots; i++)
		hwbp_release_reservation(&more[i]);
	close_all();
}

/*
 * The group of an uncore event moves to another CPU: its breakpoint holds a slot
 * there, or none at all where there is no room, and never makes attach fail.
 */
static void test_move_to_cpu(void)
{
	int slots = hw_breakpoint_slots(TYPE_DATA), ctx = NO_CONTEXT, i;
	struct perf_event *bp = &holders[slots].bp;

	set_up();
	for (i = 0; i < slots; i++)
		EXPECT(hold(i, ctx, 0, HW_BREAKPOINT_W)->open);
	EXPECT(hold(slots, ctx, 1, HW_BREAKPOINT_W)->open);
	bp->ctx = &contexts[ctx];

	bp->cpu = 0;
	EXPECT(!perf_reserve_attach(bp, &contexts[ctx]));
	EXPECT(!hwbp_reservation(bp)->held);
	for (i = 0; i < slots; i++)
		EXPECT(hold(slots + 1 + i, ctx, 1, HW_BREAKPOINT_W)->open);

	close_event(&holders[0]);
	EXPECT(!perf_reserve_attach(bp, &contexts[ctx]));
	EXPECT(hwbp_reservation(bp)->held);
	EXPECT(!hold(0, ctx, 0, HW_BREAKPOINT_W)->open);
	close_all();
}

/* Neither allocation that fails leaves anything held. */
static void test_no_memory(void)
{
	struct holder *h = &holders[0];
	int n;

	set_up();
	for (n = 0; shim_fail_alloc = n, !hold(0, 0, 1, HW_BREAKPOINT_W)->open; n++)
		EXPECT(!hw_breakpoint_is_used());
	shim_fail_alloc = -1;
	EXPECT(n >= 2);
	close_event(h);
	EXPECT(!hw_breakpoint_is_used());
}

/* ---- a fork, while the original is changed ---- */

static struct perf_event *
init_copy(struct perf_event *bp, struct perf_event *original, struct perf_event_context *ctx,
	  const struct perf_event_attr *attr)
{
	*bp = (struct perf_event) {
		.attr = *attr, .pmu = &hwbp_pmu, .parent = original, .ctx = ctx,
		.cpu = -1, .oncpu = -1, SHIM_RESERVATION(*bp),
	};
	INIT_LIST_HEAD(&bp->child_list);
	EXPECT_EQ(register_perf_hw_breakpoint(bp), 0);
	return bp;
}

/* PERF_EVENT_IOC_MODIFY_ATTRIBUTES of an event with one copy */
static void change_both(struct perf_event *original, struct perf_event *copy,
			struct perf_event_attr *attr)
{
	mutex_lock(&original->child_mutex);
	EXPECT_EQ(perf_reserve_prepare(original, attr), 0);
	EXPECT_EQ(modify_user_hw_breakpoint_check(original, attr, true), 0);
	EXPECT_EQ(modify_user_hw_breakpoint_check(copy, attr, true), 0);
	mutex_unlock(&original->child_mutex);
}

static int fill_cpu(int from, int cpu, u32 bp_type)
{
	int n = 0;

	while (hold(from + n, NO_CONTEXT, cpu, bp_type)->open)
		n++;
	return n;
}

/*
 * The child of a child is being forked: perf has copied the attributes, and before it links
 * the fork, or even attaches it, the original becomes one of the other type, and somebody
 * takes what it has left, and all else there is. What the fork needs is there none the less.
 */
static void fork_race(bool attached)
{
	struct perf_event_attr attr = {
		.bp_type = HW_BREAKPOINT_X, .bp_addr = 0x400000, .bp_len = sizeof(long),
	};
	struct perf_event original, copy, fork;
	int i;

	set_up();
	for (i = 0; i < 3; i++)
		contexts[i].lock.owner = -1;
	init_copy(&original, NULL, &contexts[0], &attr);
	EXPECT_EQ(perf_reserve_attach(&original, &contexts[0]), 0);
	init_copy(&copy, &original, &contexts[1], &attr);
	EXPECT_EQ(perf_reserve_attach(&copy, &contexts[1]), 0);
	EXPECT_EQ(test_join(&copy), 0);
	list_add_tail(&copy.child_list, &original.child_list);
	init_copy(&fork, &original, &contexts[2], &attr);
	if (attached)
		EXPECT_EQ(perf_reserve_attach(&fork, &contexts[2]), 0);

	regs_attr(&attr, 1);
	change_both(&original, &copy, &attr);
	i = fill_cpu(0, 0, HW_BREAKPOINT_X);
	i += fill_cpu(i, 0, HW_BREAKPOINT_W);
	EXPECT(i > 0 && !hold(i, NO_CONTEXT, 0, HW_BREAKPOINT_W)->open);
	if (!attached)
		EXPECT_EQ(perf_reserve_attach(&fork, &contexts[2]), 0);
	EXPECT(!hwbp_reservation(&fork)->held);
	EXPECT_EQ(test_join(&fork), 0);
	EXPECT(hwbp_reservation(&fork)->held);
	EXPECT_EQ(hwbp_reservation(&fork)->type, TYPE_DATA);
	EXPECT_EQ(fork.attr.bp_addr, attr.bp_addr);
	hwbp_detach(&fork);
	hwbp_detach(&copy);
	hwbp_detach(&original);
	for (i = 0; i < 3; i++)
		exit_task(i);
	close_all();
}

static void test_fork_race(void)
{
	fork_race(false);
	fork_race(true);
}

/*
 * The original's task has executed a program, and the original holds nothing any more; what
 * is changed with it are its copies, and those that they are copied for in turn.
 */
static void test_exec_before_change(void)
{
	struct perf_event_attr attr = {
		.bp_type = HW_BREAKPOINT_X, .bp_addr = 0x400000, .bp_len = sizeof(long),
	};
	struct perf_event original, copy, fork;
	int i;

	set_up();
	for (i = 0; i < 3; i++)
		contexts[i].lock.owner = -1;
	init_copy(&original, NULL, &contexts[0], &attr);
	EXPECT_EQ(perf_reserve_attach(&original, &contexts[0]), 0);
	init_copy(&copy, &original, &contexts[1], &attr);
	EXPECT_EQ(perf_reserve_attach(&copy, &contexts[1]), 0);
	EXPECT_EQ(test_join(&copy), 0);
	list_add_tail(&copy.child_list, &original.child_list);
	perf_reserve_leave(&original);

	regs_attr(&attr, 1);
	change_both(&original, &copy, &attr);
	EXPECT(!hwbp_reservation(&original)->held);
	EXPECT_EQ(hwbp_reservation(&copy)->type, TYPE_DATA);
	init_copy(&fork, &original, &contexts[2], &attr);
	EXPECT_EQ(perf_reserve_attach(&fork, &contexts[2]), 0);
	EXPECT_EQ(test_join(&fork), 0);
	EXPECT_EQ(hwbp_reservation(&fork)->type, TYPE_DATA);
	hwbp_detach(&fork);
	hwbp_detach(&copy);
	EXPECT(!hw_breakpoint_is_used());
	hwbp_detach(&original);
	for (i = 0; i < 3; i++)
		exit_task(i);
	close_all();
}

/* Events of other PMUs pass through. */
static void test_other_pmu(void)
{
	struct pmu other = { };
	struct perf_event bp = { .pmu = &other };

	EXPECT_EQ(perf_reserve_attach(&bp, &contexts[0]), 0);
	EXPECT(!hwbp_reservation(&bp) && !contexts[0].reserved);
	perf_reserve_leave(&bp);
}

static struct perf_reserved others;

static int attach_other(struct perf_event *bp, struct perf_event_context *ctx)
{
	ctx->reserved = &others;
	return 0;
}

static void free_other(struct perf_reserved *reserved)
{
	EXPECT(reserved == &others);
}

/* Another PMU that reserves: which of the two comes to a context first has it. */
static void test_other_reserves(void)
{
	static const struct perf_reserve_ops ops = { .attach = attach_other, .free = free_other };
	struct pmu other = { .reserve = &ops };
	struct perf_event bp = { .pmu = &other };
	struct holder *h = &holders[0];

	set_up();
	others.ops = &ops;
	EXPECT_EQ(perf_reserve_attach(&bp, &contexts[0]), 0);
	EXPECT(!hold(0, 0, -1, HW_BREAKPOINT_W)->open);
	EXPECT_EQ(perf_reserve_attach(&h->bp, &contexts[0]), -EBUSY);
	EXPECT(!hw_breakpoint_is_used());
	/* who goes through all tasks comes by it */
	check_holders_table();
	perf_reserve_free(&contexts[0]);
	contexts[0].reserved = NULL;

	EXPECT(hold(0, 0, -1, HW_BREAKPOINT_W)->open);
	EXPECT_EQ(perf_reserve_attach(&bp, &contexts[0]), -EBUSY);
	EXPECT(contexts[0].reserved != &others);
	check_holders_table();
	close_all();
	EXPECT_EQ(perf_reserve_attach(&bp, &contexts[0]), 0);
	perf_reserve_free(&contexts[0]);
	contexts[0].reserved = NULL;
}

const struct test tests[] = {
	{ "random steps against the model",		test_random },
	{ "reservations stay with a swapped context",	test_context_swap },
	{ "an exited task holds nothing",		test_exit },
	{ "what an exec has ended holds nothing",	test_exec },
	{ "an event takes a reservation over",		test_takes_over },
	{ "what is refused is traced",			test_trace_refused },
	{ "what is held for a CPU is traced",		test_trace_cpu },
	{ "reservations move with a CPU's group",	test_move_to_cpu },
	{ "no memory for an account",			test_no_memory },
	{ "a fork while the original changes its type",	test_fork_race },
	{ "a change after the original's exec",		test_exec_before_change },
	{ "events of other PMUs",			test_other_pmu },
	{ "another PMU that reserves",			test_other_reserves },
	{ }
};
