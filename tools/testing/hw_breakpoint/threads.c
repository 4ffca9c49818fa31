// SPDX-License-Identifier: GPL-2.0
/*
 * One thread for each CPU, all at once, for the thread sanitizer: accounting,
 * slots, changes of what runs elsewhere, and the tables that are read without the
 * CPUs' consent.
 */

#include <pthread.h>
#include <sched.h>

#include "test.h"

#define CONTEXTS	3
#define EVENTS		8
#define SHARED		2

/**
 * struct worker - what one thread has
 * @cpu: its CPU
 * @bp: its events; nobody else touches them but the readers of the tables
 * @open: attached
 * @on_cpu: installed
 */
struct worker {
	int			cpu;
	struct perf_event	bp[EVENTS];
	bool			open[EVENTS];
	bool			on_cpu[EVENTS];
};

static struct worker workers[SHIM_CPUS];
static struct perf_event_context contexts[CONTEXTS + 1];
static struct task_struct tasks[CONTEXTS];
/* perf's ctx->mutex */
static pthread_mutex_t ctx_mutex[CONTEXTS + 1];
static bool stop;

/*
 * Events of one context that goes from CPU to CPU, while everybody changes them.
 * @mutex is perf's ctx->mutex, held for a change.
 */
static struct {
	struct perf_event		bp[SHARED];
	struct perf_event_context	ctx;
	pthread_mutex_t			mutex;
} shared;

/* What one CPU asks another one to run. */
static struct mailbox {
	pthread_mutex_t	sender;
	void		(*fn)(void *info);
	void		*info;
} mailboxes[SHIM_CPUS];

static int nr_running;

/* ---- interrupts ---- */

static void take_interrupt(void)
{
	struct mailbox *m = &mailboxes[shim_cpu];
	void (*fn)(void *) = __atomic_load_n(&m->fn, __ATOMIC_ACQUIRE);

	if (!fn) {
		sched_yield();
		return;
	}
	local_irq_disable();
	fn(m->info);
	local_irq_enable();
	__atomic_store_n(&m->fn, NULL, __ATOMIC_RELEASE);
}

static void relax(void)
{
	if (shim_irqs_off || shim_cpu == SHIM_CPUS)
		sched_yield();
	else
		take_interrupt();
}

/* Whoever waits takes interrupts too, or two would wait for each other. */
static void send_ipi(int cpu, void (*fn)(void *), void *info)
{
	struct mailbox *m = &mailboxes[cpu];

	if (cpu == shim_cpu) {
		local_irq_disable();
		fn(info);
		local_irq_enable();
		return;
	}
	while (pthread_mutex_trylock(&m->sender))
		take_interrupt();
	m->info = info;
	__atomic_store_n(&m->fn, fn, __ATOMIC_RELEASE);
	while (__atomic_load_n(&m->fn, __ATOMIC_ACQUIRE))
		take_interrupt();
	pthread_mutex_unlock(&m->sender);
}

/* ---- shared events ---- */

static void sched_in(struct perf_event *bp)
{
	WRITE_ONCE(bp->oncpu, shim_cpu);
	EXPECT_EQ(hwbp_add(bp, PERF_EF_START), 0);
}

static void sched_out(struct perf_event *bp)
{
	hwbp_del(bp, 0);
	WRITE_ONCE(bp->oncpu, -1);
}

/* Onto this CPU if it is on none, and off again. */
static void reschedule_shared(void)
{
	unsigned long flags;
	int cpu, i;

	raw_spin_lock_irqsave(&shared.ctx.lock, flags);
	cpu = shared.bp[0].oncpu;
	for (i = 0; i < SHARED; i++) {
		if (cpu == -1)
			sched_in(&shared.bp[i]);
		else if (cpu == shim_cpu)
			sched_out(&shared.bp[i]);
	}
	hwbp_pmu_enable(NULL);
	raw_spin_unlock_irqrestore(&shared.ctx.lock, flags);
}

static void change_shared(struct perf_event *bp)
{
	struct perf_event_attr attr = { };

	while (pthread_mutex_trylock(&shared.mutex))
		take_interrupt();
	mutex_lock(&bp->child_mutex);
	attr.type = PERF_TYPE_BREAKPOINT;
	regs_attr(&attr, random_below(16));
	EXPECT_EQ(modify_user_hw_breakpoint_check(bp, &attr, true), 0);
	EXPECT(bp->attr.bp_addr == attr.bp_addr);
	mutex_unlock(&bp->child_mutex);
	pthread_mutex_unlock(&shared.mutex);
}

/* A task that has inherited it forks, while another CPU changes it. */
static void inherit_shared(struct perf_event *bp)
{
	struct perf_event child = {
		.pmu = &hwbp_pmu, .cpu = -1, .oncpu = -1, .parent = bp,
		.attr.type = PERF_TYPE_BREAKPOINT,
	};
	struct perf_event_context ctx = { .task = &tasks[0] };
	struct arch_hw_breakpoint hw = { };

	EXPECT_EQ(hwbp_pmu.event_init(&child), 0);
	EXPECT_EQ(perf_reserve_attach(&child, &ctx), 0);
	EXPECT_EQ(test_join(&child), 0);
	EXPECT_EQ(hw_breakpoint_arch_parse(&child, &child.attr, &hw), 0);
	EXPECT(!memcmp(&hw, &child.hw.info, sizeof(hw)));
	shim_free_event(&child);
	perf_reserve_free(&ctx);
}

/* An interrupt takes as long as the host needs to run the other thread. */
static void step_shared(void)
{
	struct perf_event *bp = &shared.bp[random_below(SHARED)];

	if (random_below(16))
		reschedule_shared();
	else if (random_below(2))
		change_shared(bp);
	else
		inherit_shared(bp);
	take_interrupt();
}

static void open_shared(void)
{
	int i;

	pthread_mutex_init(&shared.mutex, NULL);
	shared.ctx.task = &tasks[0];
	shared.ctx.lock.owner = -1;
	for (i = 0; i < SHARED; i++) {
		struct perf_event *bp = &shared.bp[i];

		*bp = (struct perf_event) {
			SHIM_RESERVATION(*bp),
			.pmu = &hwbp_pmu, .cpu = -1, .oncpu = -1,
			.ctx = &shared.ctx,
			.attr.type = PERF_TYPE_BREAKPOINT,
		};
		regs_attr(&bp->attr, i);
		EXPECT_EQ(hwbp_pmu.event_init(bp), 0);
		EXPECT_EQ(perf_reserve_attach(bp, &shared.ctx), 0);
	}
}

static void close_shared(void)
{
	int i;

	for (i = 0; i < SHARED; i++)
		hwbp_detach(&shared.bp[i]);
	perf_reserve_free(&shared.ctx);
}

/* ---- events of one CPU ---- */

static int attach(struct perf_event *bp, int ctx)
{
	int ret;

	pthread_mutex_lock(&ctx_mutex[ctx]);
	ret = perf_reserve_attach(bp, &contexts[ctx]);
	if (ret)
		hwbp_detach(bp);
	pthread_mutex_unlock(&ctx_mutex[ctx]);
	return ret;
}

/* Attributes are set once for all. */
static void prepare(struct worker *w, int i)
{
	struct perf_event *bp = &w->bp[i];
	struct arch_hw_breakpoint hw = { };

	bp->pmu_private = &bp->shim_own;
	bp->shim_own.event = bp;
	bp->shim_own.slot = -1;
	regs_random_attr(&bp->attr);
	EXPECT_EQ(hw_breakpoint_arch_parse(bp, &bp->attr, &hw), 0);
	hwbp_set_info(bp, &hw);
	bp->pmu = &hwbp_pmu;
	bp->cpu = i % 3 ? w->cpu : -1;
}

/* Events of one CPU are in context CONTEXTS, which has no task. */
static int context_of(int i)
{
	return i % 3 == 1 ? CONTEXTS : i % CONTEXTS;
}

static void install(struct worker *w, int i)
{
	local_irq_disable();
	EXPECT_EQ(hwbp_add(&w->bp[i], PERF_EF_START), 0);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
	w->on_cpu[i] = true;
}

static void uninstall(struct worker *w, int i)
{
	local_irq_disable();
	hwbp_del(&w->bp[i], 0);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
	w->on_cpu[i] = false;
}

/*
 * Only events of the CPU are installed: those of a context may be once on one
 * CPU, and the contexts here are on none.
 */
static void step(struct worker *w, int i)
{
	bool of_cpu = context_of(i) == CONTEXTS;

	if (!w->open[i]) {
		w->open[i] = !attach(&w->bp[i], context_of(i));
	} else if (w->on_cpu[i]) {
		uninstall(w, i);
	} else if (of_cpu && random_below(2)) {
		install(w, i);
	} else if (!of_cpu && random_below(4)) {
		if (!hwbp_prepare_move(&w->bp[i], random_below(TYPE_MAX)))
			hwbp_finish_move(&w->bp[i]);
	} else {
		/* An event is freed, and its memory used again, when nobody reads it any more. */
		hwbp_detach(&w->bp[i]);
		synchronize_rcu();
		w->open[i] = false;
	}
}

/* Nobody may be left on a CPU that takes no interrupts any more. */
static void leave_shared(void)
{
	if (READ_ONCE(shared.bp[0].oncpu) == shim_cpu)
		reschedule_shared();
	__atomic_sub_fetch(&nr_running, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&nr_running, __ATOMIC_RELAXED))
		take_interrupt();
}

static void *run_cpu(void *data)
{
	struct worker *w = data;
	unsigned long n;
	int i;

	shim_cpu = w->cpu;
	shim_current = &tasks[0];
	random_state = (test_seed + 1) * 2654435761UL + w->cpu;
	for (i = 0; i < EVENTS; i++)
		prepare(w, i);
	for (n = 0; n < test_steps; n++) {
		step(w, random_below(EVENTS));
		if (n % 16 == 0)
			step_shared();
	}
	leave_shared();
	for (i = 0; i < EVENTS; i++) {
		if (w->on_cpu[i])
			uninstall(w, i);
		if (w->open[i])
			hwbp_detach(&w->bp[i]);
	}
	return NULL;
}

/* From user space, on some CPU: "cat slots holders cpus". */
static void *run_reader(void *unused)
{
	static char buf[65536];

	shim_cpu = SHIM_CPUS;
	while (!READ_ONCE(stop)) {
		shim_read("slots", buf, sizeof(buf), NULL);
		shim_read("cpus", buf, sizeof(buf), NULL);
		shim_read("holders", buf, sizeof(buf), NULL);
		(void)hw_breakpoint_is_used();
	}
	return NULL;
}

static void test_threads(void)
{
	pthread_t threads[SHIM_CPUS], reader;
	int i;

	for (i = 0; i < CONTEXTS; i++)
		contexts[i].task = &tasks[i];
	for (i = 0; i <= CONTEXTS; i++)
		pthread_mutex_init(&ctx_mutex[i], NULL);
	shim_ipi = send_ipi;
	shim_relax = relax;
	nr_running = SHIM_CPUS;
	open_shared();
	pthread_create(&reader, NULL, run_reader, NULL);
	for (i = 0; i < SHIM_CPUS; i++)
		pthread_mutex_init(&mailboxes[i].sender, NULL);
	for (i = 0; i < SHIM_CPUS; i++) {
		workers[i].cpu = i;
		pthread_create(&threads[i], NULL, run_cpu, &workers[i]);
	}
	for (i = 0; i < SHIM_CPUS; i++)
		pthread_join(threads[i], NULL);
	WRITE_ONCE(stop, true);
	pthread_join(reader, NULL);
	for (i = 0; i < CONTEXTS; i++)
		perf_reserve_free(&contexts[i]);
	close_shared();
	EXPECT(!hw_breakpoint_is_used());
}

const struct test tests[] = {
	{ "a thread for each CPU",	test_threads },
	{ }
};
