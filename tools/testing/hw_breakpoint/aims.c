// SPDX-License-Identifier: GPL-2.0
/* CPUs that re-aim one wide breakpoint at the same time; a thread for each, under TSan. */

#include <pthread.h>

#include "test.h"

#define ROUNDS		400
#define PLACES		16

static struct perf_event_context contexts[SHIM_CPUS];
static struct perf_event events[SHIM_CPUS];
static struct perf_event * __percpu *wide;
static pthread_barrier_t start, quiet;
static unsigned int said[SHIM_CPUS];

/* ---- perf, before and after there are threads ---- */

struct perf_event *
perf_event_create_kernel_counter(struct perf_event_attr *attr, int cpu,
				 struct task_struct *task,
				 perf_overflow_handler_t triggered, void *context)
{
	struct perf_event *bp = &events[cpu];

	*bp = (struct perf_event) {
		SHIM_RESERVATION(*bp),
		.attr = *attr, .pmu = &hwbp_pmu, .cpu = cpu, .oncpu = -1,
		.ctx = &contexts[cpu],
		.overflow_handler = triggered, .overflow_handler_context = context,
	};
	EXPECT_EQ(register_perf_hw_breakpoint(bp), 0);
	EXPECT_EQ(perf_reserve_attach(bp, bp->ctx), 0);
	return bp;
}

void perf_event_enable(struct perf_event *bp)
{
	bp->oncpu = bp->cpu;
	shim_cpu = bp->cpu;
	local_irq_disable();
	EXPECT_EQ(hwbp_add(bp, PERF_EF_START), 0);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
	shim_cpu = 0;
}

int perf_event_release_kernel(struct perf_event *bp)
{
	shim_cpu = bp->cpu;
	local_irq_disable();
	hwbp_del(bp, 0);
	hwbp_pmu_enable(NULL);
	local_irq_enable();
	shim_cpu = 0;
	hwbp_detach(bp);
	return 0;
}

/* ---- the threads ---- */

static void aim_attr(struct perf_event_attr *attr, int n)
{
	*attr = (struct perf_event_attr) { };
	regs_kernel_attr(attr, n);
}

static void aim(bool local)
{
	struct perf_event_attr attr;

	aim_attr(&attr, random_below(PLACES));
	if (local) {
		EXPECT_EQ(modify_wide_hw_breakpoint_local(wide, &attr), 0);
	} else {
		EXPECT_EQ(modify_wide_hw_breakpoint(wide, &attr), 0);
		said[shim_cpu]++;
	}
}

static void *run_cpu(void *arg)
{
	int i;

	shim_cpu = (long)arg;
	random_state = test_seed * 2654435761UL + shim_cpu + 1;
	pthread_barrier_wait(&start);
	for (i = 0; i < ROUNDS; i++) {
		/* in the end there are none but those of all CPUs */
		aim(i < ROUNDS / 2 && !random_below(4));
		if (random_below(2))
			shim_run_irq_work_of(shim_cpu);
	}
	pthread_barrier_wait(&quiet);
	/* nobody asks any more: what has been asked is done */
	shim_run_irq_work_of(shim_cpu);
	return NULL;
}

static void expect_one_aim(void)
{
	struct watch armed[REGS_MAX], want, first = regs_expected(&events[0].attr);
	int cpu;

	for_each_possible_cpu(cpu) {
		local_irq_disable();
		shim_cpu = cpu;
		EXPECT_EQ(regs_armed(armed), 1);
		shim_cpu = 0;
		local_irq_enable();
		want = regs_expected(&events[cpu].attr);
		EXPECT(same_watch(&armed[0], &want) && same_watch(&first, &want));
	}
}

static void run_threads(void)
{
	pthread_t threads[SHIM_CPUS];
	long i;

	for (i = 0; i < SHIM_CPUS; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, run_cpu, (void *)i), 0);
	for (i = 0; i < SHIM_CPUS; i++)
		pthread_join(threads[i], NULL);
}

static void test_aims(void)
{
	struct perf_event_attr attr;
	unsigned long sum = 0;
	int cpu;

	pthread_barrier_init(&start, NULL, SHIM_CPUS);
	pthread_barrier_init(&quiet, NULL, SHIM_CPUS);
	regs_allow_same(true);
	aim_attr(&attr, 0);
	wide = register_wide_hw_breakpoint(&attr, NULL, NULL);
	EXPECT(!IS_ERR(wide));
	run_threads();
	for_each_possible_cpu(cpu)
		sum += said[cpu];
	EXPECT_EQ(hw_breakpoint_wide_aims(wide), sum);
	expect_one_aim();
	unregister_wide_hw_breakpoint(wide);
	EXPECT(!hw_breakpoint_is_used());
	regs_allow_same(false);
}

const struct test tests[] = {
	{ "all CPUs re-aim at the same time", test_aims },
	{ }
};
