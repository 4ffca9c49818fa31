// SPDX-License-Identifier: GPL-2.0
/*
 * What open, close, fork and exit, exec, and modify cost on machines of any size, beside any
 * number of other events: counted in steps of the layer (see steps.h), and the longest run
 * of these with interrupts off. None may grow with either.
 *
 * Each machine is a process of its own, which fills the figures in that all share.
 */

#include <limits.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "steps.h"

/* As many steps as the same thing may differ by: a list that is empty, or not. */
#define SLACK		2
#define OTHERS		100000
#define OWN		3

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
	MODIFY,
	MOVE,		/* to the other type, and back */
	FORK_EXIT,	/* all that is had is inherited by a child, which exits */
	CLOSE,
	EXEC,		/* which ends all that is had, open as it is */
	EXIT,		/* with all that is had open */
	NR_OPS,
};

static const char * const op_names[NR_OPS] = {
	"open", "open more", "modify", "move", "fork and exit", "close", "exec", "exit",
};

/**
 * struct figure - what an operation has cost
 * @steps: of the layer
 * @off: the longest run of them with interrupts off
 */
struct figure {
	unsigned int	steps;
	unsigned int	off;
};

typedef struct figure machine_figures[CROWDS][NR_KINDS][NR_OPS];
static machine_figures *figures;

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
static unsigned int off_now;

void steps_here(void)
{
	now.steps++;
	off_now = shim_irqs_off ? off_now + 1 : 0;
	now.off = max(now.off, off_now);
	steps_left = 1;
}

static struct figure count(void (*fn)(enum kind kind), enum kind kind)
{
	now = (struct figure) { };
	off_now = 0;
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

static void run_machine(unsigned int nr_cpus, machine_figures *f)
{
	unsigned int i, n = 0;

	nr_cpu_ids = nr_cpus;
	parent.ctx = (struct perf_event_context) { .task = &tasks[0], .lock.owner = -1 };
	child.ctx = parent.ctx;
	crowd = calloc(OTHERS, sizeof(*crowd));
	for (i = 0; i < CROWDS; i++) {
		for (; n < others[i]; n++)
			add_other(&crowd[n], n);
		live_each((*f)[i]);
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
	unsigned int i, n, off = 0;

	printf("# %-14s %-7s", op_names[op], kind_names[kind]);
	for (i = 0; i < SIZES; i++) {
		for (n = 0; n < CROWDS; n++) {
			printf(" %5u", figures[i][n][kind][op].steps);
			off = max(off, figures[i][n][kind][op].off);
		}
	}
	printf(" %5u\n", off);
}

static void show(void)
{
	unsigned int i, n;
	enum kind kind;
	enum op op;

	printf("# steps with this many CPUs and, below, other events\n# %-22s", "");
	for (i = 0; i < SIZES; i++)
		printf(" %-17u", cpus[i]);
	printf("  interrupts\n# %-22s", "");
	for (i = 0; i < SIZES; i++) {
		for (n = 0; n < CROWDS; n++)
			printf(" %5u", others[n] / 1000 * 1000);
	}
	printf("  off\n");
	for (op = 0; op < NR_OPS; op++) {
		for (kind = 0; kind < NR_KINDS; kind++)
			show_row(op, kind);
	}
}

static void check(enum op op, enum kind kind, unsigned int i, unsigned int n)
{
	const struct figure *f = &figures[i][n][kind][op], *first = &figures[0][0][kind][op];

	if (abs((int)f->steps - (int)first->steps) > SLACK || f->off != first->off)
		FAIL("%s, %s: %u steps, %u with interrupts off, on %u CPUs beside %u events; "
		     "%u and %u on %u CPUs beside none",
		     op_names[op], kind_names[kind], f->steps, f->off, cpus[i], others[n],
		     first->steps, first->off, cpus[0]);
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
	/* what is allowed is had without asking */
	EXPECT(figures[0][0][FREE][OPEN].steps < figures[0][0][FREE][OPEN_MORE].steps);
	EXPECT(figures[0][0][BOUND][OPEN].steps < figures[0][0][BOUND][OPEN_MORE].steps);
	/* an exit has no need to let each of several events go */
	for (kind = BOUND_TWICE; kind < NR_KINDS; kind++)
		EXPECT(figures[0][0][kind][EXIT].steps < figures[0][0][kind][EXEC].steps);
	for (op = 0; op < NR_OPS; op++) {
		for (kind = 0; kind < NR_KINDS; kind++) {
			EXPECT(figures[0][0][kind][op].steps > 10);
			for (i = 0; i < SIZES; i++) {
				for (n = 0; n < CROWDS; n++)
					check(op, kind, i, n);
			}
		}
	}
}

const struct test tests[] = {
	{ "nothing grows with the machine",	test_growth },
	{ }
};
