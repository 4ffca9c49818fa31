// SPDX-License-Identifier: GPL-2.0
/* Runs a table of tests and prints KTAP. */

#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

unsigned long test_seed, test_steps;
__thread u64 random_state;
void (*test_where)(void);
static int running;
static bool failed;

#define __weak	__attribute__((weak))

/* Of perf itself. */
__weak struct perf_event *
perf_event_create_kernel_counter(struct perf_event_attr *attr, int cpu,
				 struct task_struct *task,
				 perf_overflow_handler_t triggered, void *context)
{
	return ERR_PTR(-ENOMEM);
}

__weak int perf_event_release_kernel(struct perf_event *bp)
{
	return 0;
}

__weak void perf_event_enable(struct perf_event *bp)
{
	bp->attr.disabled = 0;
}

__weak void perf_event_disable(struct perf_event *bp)
{
	bp->attr.disabled = 1;
}

__weak void perf_event_disable_local(struct perf_event *bp)
{
	perf_event_disable(bp);
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	printf("# %s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	if (__atomic_exchange_n(&failed, true, __ATOMIC_RELAXED))
		return;
	if (test_where)
		test_where();
	/* What follows a broken invariant says nothing. */
	printf("# seed %lu\nnot ok %d %s\n", test_seed, running + 1,
	       tests[running].name);
	fflush(stdout);
	_exit(1);
}

void test_open(struct perf_event *bp, struct perf_event_context *ctx, int cpu,
	       struct perf_event *original)
{
	*bp = (struct perf_event) {
		.pmu = &hwbp_pmu, .cpu = cpu, .oncpu = -1, .parent = original,
		SHIM_RESERVATION(*bp),
	};
	INIT_LIST_HEAD(&bp->child_list);
	regs_attr(&bp->attr, 1);
	EXPECT_EQ(register_perf_hw_breakpoint(bp), 0);
	EXPECT_EQ(perf_reserve_attach(bp, ctx), 0);
	EXPECT_EQ(test_join(bp), 0);
	bp->ctx = ctx;
}

int test_join(struct perf_event *copy)
{
	int ret;

	if (!copy->parent)
		return 0;
	mutex_lock(&copy->parent->child_mutex);
	ret = perf_reserve_join(copy);
	mutex_unlock(&copy->parent->child_mutex);
	return ret;
}

/* xorshift64* by S. Vigna */
unsigned int random_below(unsigned int n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 0x2545f4914f6cdd1dULL >> 33) % n;
}

bool same_watch(const struct watch *a, const struct watch *b)
{
	return a->addr == b->addr && a->len == b->len && a->type == b->type;
}

void take_out(struct watch *set, int *n, const struct watch *w)
{
	int i;

	for (i = 0; i < *n; i++) {
		if (same_watch(&set[i], w)) {
			set[i] = set[--*n];
			return;
		}
	}
	FAIL("nothing watches %u:%#llx+%llu", w->type, w->addr, w->len);
}

int main(int argc, char **argv)
{
	static struct task_struct task = { .comm = "test" };
	int n = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	test_seed = argc > 1 ? strtoul(argv[1], NULL, 0) : time(NULL);
	test_steps = argc > 2 ? strtoul(argv[2], NULL, 0) : 30000;
	shim_current = &task;
	regs_init();
	shim_boot(SHIM_CPUS);
	regs_allow_same(false);
	WARN_ON(init_hw_breakpoint());

	while (tests[n].name)
		n++;
	printf("KTAP version 1\n1..%d\n# seed %lu, %lu steps\n", n, test_seed,
	       test_steps);
	for (; running < n; running++) {
		random_state = test_seed * 2654435761UL + 1;
		tests[running].run();
		printf("ok %d %s\n", running + 1, tests[running].name);
	}
	return 0;
}
