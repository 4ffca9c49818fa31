// SPDX-License-Identifier: GPL-2.0
/* Markers and times of operations, and what each subject needs. */
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "bench.h"

#define MAX_OPS		64
#define MAX_TIMES	4096

static struct op {
	char name[17];
	int n;
	long times[MAX_TIMES];
} ops[MAX_OPS];

static struct op *current;
static struct timespec started;

static struct op *find_op(const char *name)
{
	struct op *op = ops;

	while (op->name[0] && strcmp(op->name, name))
		if (++op == ops + MAX_OPS)
			fail("too many operations");
	memcpy(op->name, name, strnlen(name, sizeof(op->name) - 1));
	return op;
}

void op_begin(const char *name)
{
	uint64_t words[2];

	current = find_op(name);
	memcpy(words, current->name, sizeof(words));
	clock_gettime(CLOCK_MONOTONIC, &started);
	mark_begin(words);
}

static void add_time(struct op *op, long ns)
{
	if (op->n < MAX_TIMES)
		op->times[op->n++] = ns;
}

void op_end(void)
{
	struct timespec now;

	mark_end();
	clock_gettime(CLOCK_MONOTONIC, &now);
	add_time(current, (now.tv_sec - started.tv_sec) * 1000000000L +
			  now.tv_nsec - started.tv_nsec);
}

void op_time(const char *name, long ns)
{
	add_time(find_op(name), ns);
}

static int compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return x < y ? -1 : x > y;
}

void op_report(void)
{
	struct op *op;

	printf("name,ns\n");
	for (op = ops; op < ops + MAX_OPS && op->n; op++) {
		qsort(op->times, op->n, sizeof(op->times[0]), compare);
		printf("%s,%ld\n", op->name, op->times[op->n / 2]);
	}
}

void fail(const char *what, ...)
{
	int error = errno;
	va_list args;

	va_start(args, what);
	fprintf(stderr, "bench: ");
	vfprintf(stderr, what, args);
	fprintf(stderr, " (%s)\n", strerror(error));
	va_end(args);
	exit(1);
}

void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		fail("cannot run on CPU %d", cpu);
}

/*
 * pthread_join() returns before the thread has let go of the files; and as long as they
 * are shared each system call counts who uses one.
 */
void end_thread(pthread_t thread)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	struct stat st;

	pthread_join(thread, NULL);
	/* a folder for each thread that is left, beside . and .. */
	while (!stat("/proc/self/task", &st) && st.st_nlink > 3)
		nanosleep(&moment, NULL);
}

void watch_attr(struct perf_event_attr *attr, const void *addr)
{
	bp_attr(attr, HW_BREAKPOINT_W);
	attr->bp_addr = (unsigned long)addr;
	attr->bp_len = 8;
}

int watch(const void *addr, pid_t pid, int cpu)
{
	struct perf_event_attr attr;
	int fd;

	watch_attr(&attr, addr);
	fd = bp_open_attr(&attr, pid, cpu);
	errno = fd < 0 ? -fd : 0;
	if (fd < 0)
		fail("no watchpoint for task %d, CPU %d", pid, cpu);
	return fd;
}
