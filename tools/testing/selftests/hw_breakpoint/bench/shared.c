// SPDX-License-Identifier: GPL-2.0
/*
 * The same operation on several CPUs at once, each on an event of the caller's: what do
 * CPUs write that others use, too? For QEMU's plugin lines.so.
 *
 * Of events of a task, and of such that are bound to the same CPU: somebody else holds two all
 * the while, so the most that one task holds does not change. Forks where all tasks have copies
 * of one original, as those of "perf record -e mem: -- make -j". Of events of a CPU. And where
 * the most changes each time, for which the CPUs take turns: the last event that there is
 * room for on a CPU, after a task had one, and then the first one of a task.
 */
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "bench.h"

#define MAX_CPUS	16
#define MAX_SLOTS	16
#define THIS_CPU	(-2)

static long words[2];

/* Shared: how many have come to a step, of all steps; and for each CPU, may the child end? */
static int *arrived, *may_end;
static int steps, nr_cpus, nr_slots, this_cpu;

static const struct kind {
	const char *name;
	/* as perf_event_open() takes them */
	pid_t pid;
	int cpu;
	/* somebody else holds as many; nobody does, and each time levels are lowered before */
	bool held, lowered;
	/* each CPU's task has a copy of the same event, and forks */
	bool copies;
} kinds[] = {
	{ "task", 0, -1, true, false, false },
	{ "bound", 0, 0, true, false, false },
	{ "copy", 0, -1, true, false, true },
	{ "cpu", -1, THIS_CPU, false, false, false },
	{ "first", 0, -1, false, true, false },
};

static const char *of(const struct kind *kind, const char *name)
{
	static char full[17];

	snprintf(full, sizeof(full), "%s-%s", kind->name, name);
	return full;
}

/* QEMU, where one thread is all CPUs, runs the next one then */
static void relax(void)
{
#ifdef __x86_64__
	asm volatile("pause" ::: "memory");
#else
	asm volatile("yield" ::: "memory");
#endif
}

static void wait_for(int n)
{
	while (__atomic_load_n(arrived, __ATOMIC_ACQUIRE) < n)
		relax();
}

/* All CPUs begin each step when the last one has come, */
static void together(void)
{
	__atomic_add_fetch(arrived, 1, __ATOMIC_SEQ_CST);
	wait_for(++steps * nr_cpus);
}

/* or one after the other. */
static void turn_begin(void)
{
	wait_for(steps * nr_cpus + this_cpu);
}

static void turn_end(void)
{
	steps++;
	__atomic_add_fetch(arrived, 1, __ATOMIC_SEQ_CST);
}

static int open_once(const struct kind *kind, struct perf_event_attr *attr)
{
	int fd;

	watch_attr(attr, &words[0]);
	attr->inherit = kind->pid == 0;
	op_begin(of(kind, "open"));
	fd = bp_open_attr(attr, kind->pid, kind->cpu == THIS_CPU ? this_cpu : kind->cpu);
	op_end();
	errno = fd < 0 ? -fd : 0;
	if (fd < 0)
		fail("%s", of(kind, "open"));
	return fd;
}

static void modify_once(const struct kind *kind, int fd, struct perf_event_attr *attr)
{
	int err;

	attr->bp_addr = (unsigned long)&words[1];
	op_begin(of(kind, "modify"));
	err = ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, attr);
	op_end();
	if (err)
		fail("%s", of(kind, "modify"));
}

/* A child has a copy of the event; then it ends. */
static void fork_once(const struct kind *kind)
{
	pid_t child;

	__atomic_store_n(&may_end[this_cpu], 0, __ATOMIC_RELAXED);
	op_begin(of(kind, "fork"));
	child = fork();
	while (!child) {
		if (__atomic_load_n(&may_end[this_cpu], __ATOMIC_ACQUIRE))
			_exit(0);
		sched_yield();
	}
	op_end();
	together();
	op_begin(of(kind, "exit"));
	__atomic_store_n(&may_end[this_cpu], 1, __ATOMIC_RELEASE);
	if (child < 0 || waitpid(child, NULL, 0) != child)
		fail("%s", of(kind, "fork"));
	op_end();
}

static void close_once(const struct kind *kind, int fd)
{
	op_begin(of(kind, "close"));
	close(fd);
	op_end();
}

static void once(const struct kind *kind)
{
	struct perf_event_attr attr;
	int fd;

	together();
	if (kind->copies) {
		fork_once(kind);
		return;
	}
	fd = open_once(kind, &attr);
	together();
	modify_once(kind, fd, &attr);
	if (kind->pid == 0) {
		together();
		fork_once(kind);
	}
	together();
	close_once(kind, fd);
}

/* For the last slot of a CPU levels are lowered that nobody needs. */
static void lower(void)
{
	static const struct kind last = { "last", -1, THIS_CPU, false, false, false };
	struct perf_event_attr attr;
	int fds[MAX_SLOTS], n;

	for (n = 0; n < nr_slots - 1; n++)
		fds[n] = watch(&words[0], -1, this_cpu);
	fds[n++] = open_once(&last, &attr);
	while (n--)
		close(fds[n]);
}

static void first_once(const struct kind *kind)
{
	struct perf_event_attr attr;

	turn_begin();
	lower();
	close_once(kind, open_once(kind, &attr));
	turn_end();
}

/*
 * Something of the parent's that children have no copy of. Otherwise perf takes all events
 * of the two for the same, may exchange them when it switches from one to the other, and
 * what the child had ends with the parent's.
 */
static void open_other(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
	};

	if (bp_open_attr(&attr, 0, -1) < 0)
		fail("no event that counts nothing");
}

static void __attribute__((noreturn)) run_on(const struct kind *kind, int cpu)
{
	const struct sched_param param = { .sched_priority = 1 };
	int i;

	this_cpu = cpu;
	pin(cpu);
	/* or the child would run in the middle of the fork, sometimes */
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param))
		fail("no real-time task");
	open_other();
	for (i = 0; i < repeats; i++) {
		if (kind->lowered)
			first_once(kind);
		else
			once(kind);
	}
	exit(0);
}

/* What all that this process forks have a copy of */
static int open_original(void)
{
	struct perf_event_attr attr;
	int fd;

	watch_attr(&attr, &words[0]);
	attr.inherit = 1;
	fd = bp_open_attr(&attr, 0, -1);
	if (fd < 0)
		fail("no event that is inherited");
	return fd;
}

static void run_kind(const struct kind *kind)
{
	int held[3], n = 0, status, i;

	/* these are not inherited */
	while (kind->held && n < 2)
		held[n++] = watch(&words[0], kind->pid, kind->cpu);
	if (kind->copies)
		held[n++] = open_original();
	*arrived = 0;
	for (i = 0; i < nr_cpus; i++) {
		if (!fork()) {
			while (n)
				close(held[--n]);
			run_on(kind, i);
		}
	}
	while (wait(&status) > 0) {
		if (status)
			fail("%s on one of the CPUs", kind->name);
	}
	while (n)
		close(held[--n]);
}

void bench_shared(int n)
{
	size_t i;

	nr_cpus = n < 2 ? 2 : n;
	if (nr_cpus > MAX_CPUS)
		fail("more than %d CPUs", MAX_CPUS);
	arrived = mmap(NULL, (1 + MAX_CPUS) * sizeof(*arrived), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (arrived == MAP_FAILED)
		fail("no memory");
	may_end = arrived + 1;
	nr_slots = bp_room(HW_BREAKPOINT_W, -1, 0, MAX_SLOTS);
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		run_kind(&kinds[i]);
}
