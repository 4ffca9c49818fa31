// SPDX-License-Identifier: GPL-2.0
/*
 * What reading the tables costs on machines of any size, beside any number of events: counted
 * in steps of the layer (see steps.h). Between two moments at which another task may run, in
 * a section of RCU, and for each row no more is done on a large machine than on a small one;
 * and what is read is only read.
 *
 * Each machine is a process of its own.
 */

#include <limits.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "steps.h"
#include "../../../kernel/events/hw_breakpoint/slots.h"

/* Events of tasks that have exited */
#define GONE		20000
/* What may be done at once, and for each row, on the smallest machine as on the largest */
#define AT_ONCE		150
/* Where tasks have events bound to each CPU, all that may have counted these are asked. */
#define EACH_CPU	(1024 * 32)
#define ROOM		(64 << 20)

static const unsigned int cpus[] = { 2, 64, 512, 8192 };

/**
 * struct gone - a task that has exited
 * @ctx: its context
 * @bp: what was opened in it, and is still open
 */
struct gone {
	struct perf_event_context	ctx;
	struct perf_event		bp;
};

/**
 * struct own - what is opened for a CPU
 * @cpu: an event of the CPU's own
 * @task: one of a task, bound to the CPU
 */
struct own {
	struct perf_event	cpu;
	struct perf_event	task;
};

static struct task_struct task, reader;
static struct perf_event_context context, cpu_context;
static struct perf_event anywhere;
static struct own *owns;
static struct gone *gone;
static char *buf;

/* ---- counting ---- */

/**
 * struct reading - what has been done by whoever reads
 * @steps: in all
 * @run: since another task may have run
 * @longest: of those
 * @section: in this section of RCU
 * @longest_section: of those
 */
static struct {
	unsigned long	steps;
	unsigned long	run;
	unsigned long	longest;
	unsigned long	section;
	unsigned long	longest_section;
} now;

void steps_here(void)
{
	now.steps++;
	now.run++;
	now.longest = max(now.longest, now.run);
	now.section = rcu_read_lock_held() ? now.section + 1 : 0;
	now.longest_section = max(now.longest_section, now.section);
	steps_left = 1;
}

static void another_task(void)
{
	now.run = 0;
}

/* ---- a machine, and what it has ---- */

static void open_gone(struct gone *g)
{
	g->ctx = (struct perf_event_context) { .task = &task, .lock.owner = -1 };
	test_open(&g->bp, &g->ctx, -1, NULL);
	perf_reserve_retire(&g->ctx);
	g->bp.ctx = NULL;
}

/* Counted where it is opened: each CPU comes to have tallies of its own. */
static void open_own(int cpu)
{
	shim_cpu = cpu;
	test_open(&owns[cpu].cpu, &cpu_context, cpu, NULL);
	test_open(&owns[cpu].task, &context, cpu, NULL);
	shim_cpu = 0;
}

static void fill_machine(unsigned int nr_cpus)
{
	unsigned int i;

	nr_cpu_ids = nr_cpus;
	context = (struct perf_event_context) { .task = &task, .lock.owner = -1 };
	cpu_context = (struct perf_event_context) { .lock.owner = -1 };
	shim_new_task(&reader, NULL);
	shim_new_task(&task, &context);
	owns = calloc(nr_cpus, sizeof(*owns));
	gone = calloc(GONE, sizeof(*gone));
	buf = malloc(ROOM);
	for (i = 0; i < GONE; i++)
		open_gone(&gone[i]);
	test_open(&anywhere, &context, -1, NULL);
	for (i = 0; i < nr_cpus; i++)
		open_own(i);
}

/* ---- reading ---- */

static unsigned int read_table(const char *name)
{
	unsigned int rows = 0;
	const char *at;

	memset(&now, 0, sizeof(now));
	shim_resched = another_task;
	steps_left = 1;
	shim_read(name, buf, ROOM, NULL);
	steps_left = LONG_MAX;
	shim_resched = NULL;
	for (at = buf; (at = strchr(at, '\n')); at++)
		rows++;
	printf("# %5u CPUs, %-9s: %6u rows, %6lu steps each, %6lu at once, %6lu in a section\n",
	       nr_cpu_ids, name, rows, now.steps / rows, now.longest, now.longest_section);
	return rows;
}

static void read_in_pieces(const char *name, unsigned int rows, unsigned int each)
{
	EXPECT_EQ(read_table(name), rows);
	EXPECT(now.longest <= AT_ONCE);
	EXPECT(now.longest_section <= AT_ONCE);
	EXPECT(now.steps / rows <= each);
}

static u64 words(int cpu)
{
	return atomic64_read(&hwbp_cpu_account(cpu, TYPE_DATA)->bound.word) +
	       atomic64_read(&hwbp_totals[TYPE_DATA].anywhere.word);
}

/* More is assumed than is held: it stays so, but is not shown. */
static void read_only(void)
{
	struct perf_event *more = &owns[1].task;
	u64 before;
	char *row;

	hwbp_detach(more);
	before = words(1);
	read_in_pieces("cpus", 1 + nr_cpu_ids * TYPE_MAX, EACH_CPU);
	EXPECT(words(1) == before);
	row = strstr(buf, TYPE_MAX > 1 ? "\n1 1 " : "\n1 0 ");
	EXPECT(row && strtoul(row + 5, &row, 10) == hwbp_capacity(TYPE_DATA));
	EXPECT(strtoul(row, &row, 10) == 1);
	EXPECT(strtoul(row, &row, 10) == 1);
	test_open(more, &context, 1, NULL);
}

/* Nothing is shown to this reader, and all is counted. */
static void read_unknown(void)
{
	struct shim_reader all = shim_reader;

	shim_reader.perfmon = false;
	shim_reader.cred.fsuid.val = 1;
	EXPECT_EQ(read_table("hw_breakpoints"), 2);
	EXPECT(now.longest <= AT_ONCE);
	EXPECT(now.longest_section <= AT_ONCE);
	shim_reader = all;
}

static void read_machine(unsigned int nr_cpus)
{
	unsigned int cpu;

	fill_machine(nr_cpus);
	/* the first room is not enough on large machines, and there is no more at first */
	shim_fail_alloc = 1;
	read_in_pieces("holders", 1 + nr_cpus + nr_cpus + 1, AT_ONCE);
	EXPECT_EQ(shim_fail_alloc, nr_cpus > 32 ? -1 : 0);
	shim_fail_alloc = -1;
	read_in_pieces("hw_breakpoints", 1 + nr_cpus + nr_cpus + 1 + 1, AT_ONCE);
	read_unknown();
	read_in_pieces("cpus", 1 + nr_cpus * TYPE_MAX, EACH_CPU);
	read_only();
	read_in_pieces("healed", 1 + nr_cpus, AT_ONCE);
	read_in_pieces("unwatched", 1 + nr_cpus, AT_ONCE);
	read_in_pieces("counts", 1 + nr_cpus, AT_ONCE);
	read_in_pieces("writes", 1 + nr_cpus, AT_ONCE);
	read_in_pieces("slots", 1 + nr_cpus * hweight32(hwbp_all_slots()), AT_ONCE);
	/* and over those that are not there */
	for (cpu = 1; cpu < nr_cpus; cpu++) {
		shim_online[cpu] = false;
		hwbp_detach(&owns[cpu].cpu);
		hwbp_detach(&owns[cpu].task);
	}
	read_table("slots");
	EXPECT(now.longest <= AT_ONCE);
	read_table("holders");
	EXPECT(now.longest <= AT_ONCE);
}

static void test_reading(void)
{
	unsigned int i;
	int status;
	pid_t pid;

	regs_allow_same(true);
	for (i = 0; i < ARRAY_SIZE(cpus); i++) {
		pid = fork();
		if (!pid) {
			read_machine(cpus[i]);
			fflush(stdout);
			_exit(0);
		}
		EXPECT(waitpid(pid, &status, 0) == pid && !status);
	}
}

const struct test tests[] = {
	{ "no piece grows with the machine",	test_reading },
	{ }
};
