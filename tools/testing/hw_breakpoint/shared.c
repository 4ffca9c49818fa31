// SPDX-License-Identifier: GPL-2.0
/*
 * What tasks on two CPUs that open, change, inherit and close events at once write that the
 * other CPU uses, too: nothing, unless the most that one task holds changes.
 */
#include "test.h"
#include "lines.h"

#define ROUNDS	100

enum op { OPEN_BOUND, OPEN, MODIFY, FORK_EXIT, FORK_OF_ONE, CLOSE, NR_OPS };

static const char * const op_names[NR_OPS] = {
	"open a bound one, too", "open", "modify", "fork and exit",
	"fork and exit, of copies of one original", "close",
};

/* What each task has: an event that runs on any CPU, one that is bound to a CPU, or both */
enum kind { FREE, BOUND, MIXED };

/* A task on each CPU, and its child; nothing of either is in a line with another's */
static struct life {
	struct task_struct		task;
	struct perf_event_context	ctx, child_ctx;
	struct perf_event		bp, child;
	struct perf_event		bound, child_bound;
} __attribute__((aligned(64))) lives[2];

/* Somebody who holds as much, and more */
static struct perf_event_context holder_ctx;
static struct perf_event held[4];

/* What the tasks of both CPUs have copies of, as those of "perf record -- make -j" */
static struct perf_event original __attribute__((aligned(64)));

static unsigned int written[NR_OPS];

static void modify(struct perf_event *bp, int n)
{
	struct perf_event_attr attr = bp->attr;

	regs_attr(&attr, n);
	mutex_lock(&bp->child_mutex);
	EXPECT_EQ(perf_reserve_prepare(bp, &attr), 0);
	EXPECT_EQ(modify_user_hw_breakpoint_check(bp, &attr, true), 0);
	mutex_unlock(&bp->child_mutex);
}

/*
 * perf inherits those that run on any CPU first. Its own hold of @child_mutex, which stock's
 * perf takes, too, is not counted here.
 */
static void fork_and_exit(struct life *l, struct perf_event *parent, enum kind kind)
{
	test_open(&l->child, &l->child_ctx, parent->cpu, parent);
	if (kind == MIXED)
		test_open(&l->child_bound, &l->child_ctx, l->bound.cpu, &l->bound);
	perf_reserve_retire(&l->child_ctx);
	hwbp_detach(&l->child);
	if (kind == MIXED)
		hwbp_detach(&l->child_bound);
	perf_reserve_free(&l->child_ctx);
	l->child_ctx.reserved = NULL;
}

static void do_op(enum op op, struct life *l, enum kind kind)
{
	unsigned int before = lines_shared;

	switch (op) {
	case OPEN_BOUND:
		if (kind == MIXED)
			test_open(&l->bound, &l->ctx, shim_cpu, NULL);
		break;
	case OPEN:
		test_open(&l->bp, &l->ctx, kind == BOUND ? shim_cpu : -1, NULL);
		break;
	case MODIFY:
		modify(&l->bp, 2);
		break;
	case FORK_EXIT:
		fork_and_exit(l, &l->bp, kind);
		break;
	case FORK_OF_ONE:
		fork_and_exit(l, &original, kind);
		break;
	default:
		hwbp_detach(&l->bp);
		if (kind == MIXED)
			hwbp_detach(&l->bound);
	}
	written[op] += lines_shared - before;
}

/* Each CPU does one after the other. */
static void live(enum kind kind)
{
	enum op op;

	for (op = 0; op < NR_OPS; op++) {
		for (shim_cpu = 0; shim_cpu < 2; shim_cpu++)
			do_op(op, &lives[shim_cpu], kind);
	}
	shim_cpu = 0;
}

static void hold(enum kind kind)
{
	int i;

	for (i = 0; i < 2; i++) {
		lives[i].ctx = (struct perf_event_context) {
			.task = &lives[i].task, .lock.owner = -1,
		};
		lives[i].child_ctx = lives[i].ctx;
		test_open(&held[i], &holder_ctx, kind == BOUND ? i : -1, NULL);
		if (kind == MIXED)
			test_open(&held[2 + i], &holder_ctx, i, NULL);
	}
	test_open(&original, &holder_ctx, -1, NULL);
}

static void let_go(enum kind kind)
{
	int i;

	for (i = 0; i < 2; i++) {
		perf_reserve_free(&lives[i].ctx);
		lives[i].ctx.reserved = NULL;
		hwbp_detach(&held[i]);
		if (kind == MIXED)
			hwbp_detach(&held[2 + i]);
	}
	hwbp_detach(&original);
}

static void check(enum kind kind)
{
	enum op op;
	int i;

	holder_ctx.task = &lives[0].task;
	holder_ctx.lock.owner = -1;
	hold(kind);
	/* memory that is used again may have been another CPU's */
	live(kind);
	memset(written, 0, sizeof(written));
	lines_start();
	for (i = 0; i < ROUNDS; i++)
		live(kind);
	for (op = 0; op < NR_OPS; op++) {
		printf("# %s: %.2f writes to lines that the other CPU uses, too\n",
		       op_names[op], written[op] / (2. * ROUNDS));
		/* beside bound ones it has to be asked for, see hwbp_context_reserve() */
		if (kind == MIXED && op == OPEN)
			EXPECT(written[op] > 0);
		else
			EXPECT_EQ(written[op], 0);
	}
	let_go(kind);
}

static void test_free(void)
{
	check(FREE);
}

static void test_bound(void)
{
	check(BOUND);
}

static void test_mixed(void)
{
	check(MIXED);
}

/* Who has the most writes what all read; so there is something to be seen. */
static void test_most(void)
{
	unsigned int before;

	lines_start();
	shim_cpu = 1;
	hwbp_lower_demand(0, TYPE_DATA);
	shim_cpu = 0;
	before = lines_shared;
	test_open(&held[0], &holder_ctx, -1, NULL);
	EXPECT(lines_shared > before);
	hwbp_detach(&held[0]);
}

const struct test tests[] = {
	{ "events that run on any CPU",		test_free },
	{ "events that are bound to a CPU",	test_bound },
	{ "events of either kind",		test_mixed },
	{ "a task comes to hold the most",	test_most },
	{ }
};
