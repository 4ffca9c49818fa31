// SPDX-License-Identifier: GPL-2.0
/*
 * What tasks on two CPUs that open, change, inherit and close events at once write that the
 * other CPU uses, too: nothing, unless the most that one task holds changes.
 */
#include "test.h"
#include "lines.h"

#define ROUNDS	100

enum op { OPEN, MODIFY, FORK_EXIT, FORK_OF_ONE, CLOSE, NR_OPS };

static const char * const op_names[NR_OPS] = {
	"open", "modify", "fork and exit", "fork and exit, of copies of one original", "close",
};

/* A task on each CPU, and its child; nothing of either is in a line with another's */
static struct life {
	struct task_struct		task;
	struct perf_event_context	ctx, child_ctx;
	struct perf_event		bp, child;
} __attribute__((aligned(64))) lives[2];

/* Somebody who holds as much, and more */
static struct perf_event_context holder_ctx;
static struct perf_event held[2];

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

/* perf's own hold of @child_mutex, which stock's perf takes, too, is not counted here. */
static void fork_and_exit(struct life *l, int cpu, struct perf_event *parent)
{
	test_open(&l->child, &l->child_ctx, cpu, parent);
	perf_reserve_retire(&l->child_ctx);
	hwbp_detach(&l->child);
	perf_reserve_free(&l->child_ctx);
	l->child_ctx.reserved = NULL;
}

static void do_op(enum op op, struct life *l, int cpu)
{
	unsigned int before = lines_shared;

	switch (op) {
	case OPEN:
		test_open(&l->bp, &l->ctx, cpu, NULL);
		break;
	case MODIFY:
		modify(&l->bp, 2);
		break;
	case FORK_EXIT:
		fork_and_exit(l, cpu, &l->bp);
		break;
	case FORK_OF_ONE:
		fork_and_exit(l, cpu, &original);
		break;
	default:
		hwbp_detach(&l->bp);
	}
	written[op] += lines_shared - before;
}

/* Each CPU does one after the other; @bound: with events that are bound to CPUs */
static void live(bool bound)
{
	enum op op;

	for (op = 0; op < NR_OPS; op++) {
		for (shim_cpu = 0; shim_cpu < 2; shim_cpu++)
			do_op(op, &lives[shim_cpu], bound ? shim_cpu : -1);
	}
	shim_cpu = 0;
}

static void hold(bool bound)
{
	int i;

	for (i = 0; i < 2; i++) {
		lives[i].ctx = (struct perf_event_context) {
			.task = &lives[i].task, .lock.owner = -1,
		};
		lives[i].child_ctx = lives[i].ctx;
		test_open(&held[i], &holder_ctx, bound ? i : -1, NULL);
	}
	test_open(&original, &holder_ctx, -1, NULL);
}

static void let_go(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		perf_reserve_free(&lives[i].ctx);
		lives[i].ctx.reserved = NULL;
		hwbp_detach(&held[i]);
	}
	hwbp_detach(&original);
}

static void check(bool bound)
{
	enum op op;
	int i;

	holder_ctx.task = &lives[0].task;
	holder_ctx.lock.owner = -1;
	memset(written, 0, sizeof(written));
	hold(bound);
	/* memory that is used again may have been another CPU's */
	live(bound);
	lines_start();
	for (i = 0; i < ROUNDS; i++)
		live(bound);
	for (op = 0; op < NR_OPS; op++) {
		printf("# %s: %.2f writes to lines that the other CPU has used last\n",
		       op_names[op], written[op] / (2. * ROUNDS));
		EXPECT_EQ(written[op], 0);
	}
	let_go();
}

static void test_free(void)
{
	check(false);
}

static void test_bound(void)
{
	check(true);
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
	{ "a task comes to hold the most",	test_most },
	{ }
};
