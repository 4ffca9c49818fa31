// SPDX-License-Identifier: GPL-2.0
/*
 * What open, close, fork and exit, exec, and modify cost on machines of any size, beside any
 * number of other events: counted in steps of the layer (see steps.h), and the longest run
 * of these with interrupts off, and with hwbp_raise_lock held. None may grow with either.
 *
 * Only two things do grow: the memory that the first bound event of a CPU needs, with the
 * CPUs; and an event of any CPU beside bound ones, with the CPUs that these are bound to.
 *
 * Each machine is a process of its own, which fills the figures in that all share.
 */

#include <limits.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "steps.h"
#include "../../../kernel/events/hw_breakpoint/account.h"

/* As many steps as the same thing may differ by: a list that is empty, or not. */
#define SLACK		2
#define OTHERS		100000
#define OWN		3
#define MOST_BOUND	512
/* with the lock, of the layer and of what stands for the kernel's arrays, for a bound event */
#define STEPS_EACH	100

static const unsigned int cpus[] = { 2, 64, 512, 8192 };
static const unsigned int others[] = { 0, 1000, OTHERS };

#define SIZES		ARRAY_SIZE(cpus)
#define CROWDS		ARRAY_SIZE(others)

/* What a context has. */
enum kind {
	FREE,		/* an event that runs on any CPU */
	BOUND,		/* one bound to a CPU */
	BOUND_TWICE,	/* one bound to each of two CPUs */
	MIXED,		/* one that runs on any CPU, and one bound to a CPU */
	NR_KINDS,
};

static const char * const kind_names[NR_KINDS] = { "free", "bound", "on two", "mixed" };

enum op {
	OPEN,
	OPEN_MORE,	/* than anybody has: somebody has to be asked */
	REFUSED,	/* one more than there is room for */
	MODIFY,
	MOVE,		/* to the other type, and back */
	FORK_EXIT,	/* all that is had is inherited by a child, which exits */
	CLOSE,
	EXEC,		/* which ends all that is had, open as it is */
	EXIT,		/* with all that is had open */
	NR_OPS,
};

static const char * const op_names[NR_OPS] = {
	"open", "open one more", "refused", "change", "move", "fork and exit", "close", "exec",
	"exit",
};

/**
 * struct figure - what an operation has cost
 * @steps: of the layer
 * @off: the longest run of them with interrupts off
 * @locked: the longest run of them with hwbp_raise_lock held
 */
struct figure {
	unsigned int	steps;
	unsigned int	off;
	unsigned int	locked;
};

/**
 * struct machine_figures - what operations have cost on a machine
 * @of: each, beside so many others, by what the context has
 * @first: the first open of a bound event, ever
 * @first_bytes: what that has allocated and is charged to a cgroup, and the second has not
 */
struct machine_figures {
	struct figure	of[CROWDS][NR_KINDS][NR_OPS];
	struct figure	first;
	unsigned long	first_bytes;
};

static struct machine_figures *figures;

/**
 * struct context - a task's context
 * @ctx: the context
 * @bp: its events
 */
struct context {
	struct perf_event_context	ctx;
	struct perf_event		bp[OWN];
};

/**
 * struct other - somebody else
 * @ctx: its context
 * @bp: the only event in it
 */
struct other {
	struct perf_event_context	ctx;
	struct perf_event		bp;
};

static struct task_struct tasks[2];
static struct context parent, child;
static struct other *crowd;

/* ---- counting ---- */

static struct figure now;
static unsigned int off_now, locked_now;

void steps_here(void)
{
	now.steps++;
	off_now = shim_irqs_off ? off_now + 1 : 0;
	now.off = max(now.off, off_now);
	locked_now = mutex_is_locked(&hwbp_raise_lock) ? locked_now + 1 : 0;
	now.locked = max(now.locked, locked_now);
	steps_left = 1;
}

static struct figure count(void (*fn)(enum kind kind), enum kind kind)
{
	now = (struct figure) { };
	off_now = 0;
	locked_now = 0;
	steps_left = 1;
	fn(kind);
	steps_left = LONG_MAX;
	return now;
}

/* ---- what is counted ---- */

static unsigned int nr_events(enum kind kind)
{
	return kind >= BOUND_TWICE ? 2 : 1;
}

static int cpu_of(enum kind kind, int i)
{
	switch (kind) {
	case BOUND:
		return 1;
	case BOUND_TWICE:
		return i;
	case MIXED:
		return i ? 1 : -1;
	default:
		return -1;
	}
}

static void do_open(enum kind kind)
{
	unsigned int i;

	for (i = 0; i < nr_events(kind); i++)
		test_open(&parent.bp[i], &parent.ctx, cpu_of(kind, i), NULL);
}

static void do_open_more(enum kind kind)
{
	test_open(&parent.bp[OWN - 1], &parent.ctx, cpu_of(kind, 0), NULL);
}

static int try_open(struct perf_event *bp, struct perf_event_context *ctx, int cpu)
{
	int ret;

	*bp = (struct perf_event) {
		.pmu = &hwbp_pmu, .cpu = cpu, .oncpu = -1, SHIM_RESERVATION(*bp),
	};
	regs_attr(&bp->attr, 1);
	EXPECT_EQ(register_perf_hw_breakpoint(bp), 0);
	ret = perf_reserve_attach(bp, ctx);
	if (ret)
		hwbp_detach(bp);
	return ret;
}

static void do_refused(enum kind kind)
{
	EXPECT_EQ(try_open(&parent.bp[OWN - 1], &parent.ctx, cpu_of(kind, 0)), -ENOSPC);
}

static void change(struct perf_event *bp, struct perf_event_attr *attr)
{
	mutex_lock(&bp->child_mutex);
	EXPECT_EQ(perf_reserve_prepare(bp, attr), 0);
	EXPECT_EQ(modify_user_hw_breakpoint_check(bp, attr, true), 0);
	mutex_unlock(&bp->child_mutex);
}

static void do_modify(enum kind kind)
{
	struct perf_event_attr attr = parent.bp[0].attr;

	regs_attr(&attr, 2);
	change(&parent.bp[0], &attr);
}

static void do_move(enum kind kind)
{
	struct perf_event_attr attr = parent.bp[0].attr;

	attr.bp_type = HW_BREAKPOINT_X;
	attr.bp_len = sizeof(long);
	change(&parent.bp[0], &attr);
	regs_attr(&attr, 1);
	change(&parent.bp[0], &attr);
}

static void leave(struct perf_event_context *ctx)
{
	perf_reserve_free(ctx);
	ctx->reserved = NULL;
}

static void do_fork_exit(enum kind kind)
{
	unsigned int i;

	for (i = 0; i < nr_events(kind); i++)
		test_open(&child.bp[i], &child.ctx, cpu_of(kind, i), &parent.bp[i]);
	perf_reserve_retire(&child.ctx);
	for (i = 0; i < nr_events(kind); i++)
		hwbp_detach(&child.bp[i]);
	leave(&child.ctx);
}

static void do_close(enum kind kind)
{
	unsigned int i;

	for (i = 0; i < nr_events(kind); i++)
		hwbp_detach(&parent.bp[i]);
}

static void do_exec(enum kind kind)
{
	unsigned int i;

	for (i = 0; i < nr_events(kind); i++)
		perf_reserve_leave(&parent.bp[i]);
}

static void do_exit(enum kind kind)
{
	perf_reserve_retire(&parent.ctx);
	do_exec(kind);
	perf_reserve_leave(&parent.bp[OWN - 1]);
}

/* ---- a machine ---- */

/* Nothing is left to contexts that none has, on the CPUs that are looked at. */
static void lower(void)
{
	hwbp_lower_demand(0, TYPE_DATA);
	hwbp_lower_demand(1, TYPE_DATA);
}

/* All that is left on the CPUs that are looked at is given to events of their own. */
static struct figure count_refused(enum kind kind)
{
	static struct perf_event_context cpu_context = { .lock.owner = -1 };
	static struct perf_event own[2][HWBP_MAX_PER_TYPE + 1];
	unsigned int n[2] = { }, cpu;
	struct figure f;

	for (cpu = 0; cpu < 2; cpu++) {
		while (!try_open(&own[cpu][n[cpu]], &cpu_context, cpu))
			n[cpu]++;
	}
	f = count(do_refused, kind);
	for (cpu = 0; cpu < 2; cpu++) {
		while (n[cpu])
			hwbp_detach(&own[cpu][--n[cpu]]);
	}
	return f;
}

/* One after the other, as a task would. */
static void live(struct figure *f, enum kind kind)
{
	f[OPEN] = count(do_open, kind);
	f[MODIFY] = count(do_modify, kind);
	f[MOVE] = count(do_move, kind);
	f[FORK_EXIT] = count(do_fork_exit, kind);
	f[CLOSE] = count(do_close, kind);
	do_open(kind);
	f[EXEC] = count(do_exec, kind);
	do_close(kind);
	do_open(kind);
	lower();
	f[REFUSED] = count_refused(kind);
	f[OPEN_MORE] = count(do_open_more, kind);
	f[EXIT] = count(do_exit, kind);
	do_close(kind);
	hwbp_detach(&parent.bp[OWN - 1]);
	leave(&parent.ctx);
}

/* Once as a warm-up: what is asked for once is left to contexts from then on. */
static void live_each(struct figure (*f)[NR_OPS])
{
	enum kind kind;

	for (kind = 0; kind < NR_KINDS; kind++) {
		live(f[kind], kind);
		live(f[kind], kind);
	}
}

/* Every third has an event that runs anywhere, every third a bound one, or a CPU has one. */
static void add_other(struct other *o, unsigned int i)
{
	static struct perf_event_context cpu_context = { .lock.owner = -1 };

	o->ctx = (struct perf_event_context) { .task = &tasks[1], .lock.owner = -1 };
	if (i % 3 == 2 && i / 3 < nr_cpu_ids)
		test_open(&o->bp, &cpu_context, i / 3, NULL);
	else
		test_open(&o->bp, &o->ctx, i % 3 ? (int)(i / 3 % nr_cpu_ids) : -1, NULL);
}

/* Tallies for all CPUs are allocated on the CPU that counts for the first time. */
static void open_first(struct machine_figures *f)
{
	unsigned long charged[2];
	int i;

	for (i = 0; i < 2; i++) {
		struct figure figure;

		charged[i] = shim_charged;
		figure = count(do_open, BOUND);
		charged[i] = shim_charged - charged[i];
		if (!i)
			f->first = figure;
		do_close(BOUND);
		leave(&parent.ctx);
	}
	f->first_bytes = charged[0] - charged[1];
}

static void run_machine(unsigned int nr_cpus, struct machine_figures *f)
{
	unsigned int i, n = 0;

	nr_cpu_ids = nr_cpus;
	parent.ctx = (struct perf_event_context) { .task = &tasks[0], .lock.owner = -1 };
	child.ctx = parent.ctx;
	crowd = calloc(OTHERS, sizeof(*crowd));
	open_first(f);
	for (i = 0; i < CROWDS; i++) {
		for (; n < others[i]; n++)
			add_other(&crowd[n], n);
		live_each(f->of[i]);
	}
}

static void run_machines(void)
{
	unsigned int i;
	int status;
	pid_t pid;

	figures = mmap(NULL, sizeof(*figures) * SIZES, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i < SIZES; i++) {
		pid = fork();
		if (!pid) {
			run_machine(cpus[i], &figures[i]);
			_exit(0);
		}
		EXPECT(waitpid(pid, &status, 0) == pid && !status);
	}
}

/* ---- all together ---- */

static void show_row(enum op op, enum kind kind)
{
	unsigned int i, n, off = 0, locked = 0;

	printf("# %-14s %-7s", op_names[op], kind_names[kind]);
	for (i = 0; i < SIZES; i++) {
		for (n = 0; n < CROWDS; n++) {
			printf(" %5u", figures[i].of[n][kind][op].steps);
			off = max(off, figures[i].of[n][kind][op].off);
			locked = max(locked, figures[i].of[n][kind][op].locked);
		}
	}
	printf(" %5u %5u\n", off, locked);
}

static void show(void)
{
	unsigned int i, n;
	enum kind kind;
	enum op op;

	printf("# gcc %d\n", __GNUC__);
	printf("# steps with this many CPUs and, below, other events\n# %-22s", "");
	for (i = 0; i < SIZES; i++)
		printf(" %-17u", cpus[i]);
	printf("  interrupts off\n# %-22s", "");
	for (i = 0; i < SIZES; i++) {
		for (n = 0; n < CROWDS; n++)
			printf(" %5u", others[n] / 1000 * 1000);
	}
	printf("        raise lock held\n");
	for (op = 0; op < NR_OPS; op++) {
		for (kind = 0; kind < NR_KINDS; kind++)
			show_row(op, kind);
	}
}

/* The only memory that a CPU needs more of, the more of them there are */
static void check_first(void)
{
	unsigned int i, type, sizes = 0;

	for (type = 0; type < TYPE_MAX; type++)
		sizes += hw_breakpoint_slots(type);
	for (i = 0; i < SIZES; i++) {
		printf("# the first open of a bound event, %u CPUs: %u steps, %lu bytes\n",
		       cpus[i], figures[i].first.steps, figures[i].first_bytes);
		EXPECT_EQ(figures[i].first_bytes, cpus[i] * sizes * 2 * sizeof(atomic_t));
		EXPECT(abs((int)figures[i].first.steps - (int)figures[0].first.steps) <= SLACK);
	}
}

static void check(enum op op, enum kind kind, unsigned int i, unsigned int n)
{
	const struct figure *f = &figures[i].of[n][kind][op], *first = &figures[0].of[0][kind][op];

	if (abs((int)f->steps - (int)first->steps) > SLACK || f->off != first->off ||
	    abs((int)f->locked - (int)first->locked) > SLACK)
		FAIL("%s, %s: %u steps, %u with interrupts off, %u locked, %u CPUs, %u events; "
		     "%u, %u and %u on %u CPUs beside none",
		     op_names[op], kind_names[kind], f->steps, f->off, f->locked, cpus[i],
		     others[n], first->steps, first->off, first->locked, cpus[0]);
	/*
	 * Only who asks has to wait for others who do: for more than is allowed, or for an event
	 * of any CPU beside bound ones. A change to the other type is that, too.
	 */
	if (op == OPEN_MORE || op == REFUSED || (op == MOVE && kind == MIXED && TYPE_MAX > 1))
		EXPECT(f->locked > 0);
	else
		EXPECT_EQ(f->locked, 0);
	/* what runs, or may, is changed where it runs, under the lock of its context */
	if (op != MODIFY && op != MOVE)
		EXPECT_EQ(f->off, 0);
}

static void test_growth(void)
{
	unsigned int i, n;
	enum kind kind;
	enum op op;

	regs_allow_same(true);
	run_machines();
	show();
	check_first();
	/* what is allowed is had without asking */
	EXPECT(figures[0].of[0][FREE][OPEN].steps < figures[0].of[0][FREE][OPEN_MORE].steps);
	EXPECT(figures[0].of[0][BOUND][OPEN].steps < figures[0].of[0][BOUND][OPEN_MORE].steps);
	/* an exit has no need to let each of several events go */
	for (kind = BOUND_TWICE; kind < NR_KINDS; kind++)
		EXPECT(figures[0].of[0][kind][EXIT].steps < figures[0].of[0][kind][EXEC].steps);
	for (op = 0; op < NR_OPS; op++) {
		for (kind = 0; kind < NR_KINDS; kind++) {
			EXPECT(figures[0].of[0][kind][op].steps > 10);
			for (i = 0; i < SIZES; i++) {
				for (n = 0; n < CROWDS; n++)
					check(op, kind, i, n);
			}
		}
	}
}

/* Opened beside events that are bound to @nr_bound CPUs. Return: what that has cost. */
static struct figure open_beside(unsigned int nr_bound)
{
	static struct perf_event bound[MOST_BOUND];
	struct figure f;
	unsigned int i;

	for (i = 0; i < nr_bound; i++)
		test_open(&bound[i], &parent.ctx, i, NULL);
	f = count(do_open, FREE);
	do_close(FREE);
	while (i--)
		hwbp_detach(&bound[i]);
	leave(&parent.ctx);
	printf("# an event of any CPU beside events bound to %u: %u steps, %u with the lock\n",
	       nr_bound, f.steps, f.locked);
	return f;
}

/* How long others who ask may wait for who has events of both kinds: by the number of these */
static void test_beside_bound(void)
{
	struct figure few, many, most;

	nr_cpu_ids = MOST_BOUND;
	parent.ctx = (struct perf_event_context) { .task = &tasks[0], .lock.owner = -1 };
	few = open_beside(1);
	many = open_beside(1 + MOST_BOUND / 8);
	most = open_beside(MOST_BOUND);
	EXPECT(many.locked > few.locked);
	/* beside so many for each, what one costs is what another one does */
	EXPECT((most.locked - few.locked) / (MOST_BOUND - 1) <=
	       (many.locked - few.locked) / (MOST_BOUND / 8) + 1);
	EXPECT(most.locked <= few.locked + MOST_BOUND * STEPS_EACH);
	EXPECT_EQ(most.off, 0);
}

const struct test tests[] = {
	{ "nothing grows with the machine",		test_growth },
	{ "events of both kinds, by their number",	test_beside_bound },
	{ }
};
