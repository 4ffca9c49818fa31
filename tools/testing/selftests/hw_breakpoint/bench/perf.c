// SPDX-License-Identifier: GPL-2.0
/*
 * perf bench breakpoint thread, enable and modify. Each runs twice, with one repeat and
 * with more: the difference is free of what perf needs to start, once it has been
 * read from the disk.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "bench.h"

#define MAX_ARGS	10
#define SPARE_THREADS	300

static void child(char **argv, int to)
{
	dup2(to, 1);
	execvp(argv[0], argv);
	_exit(127);
}

/* Return: what perf itself took for one operation, in ns. */
static long read_time(int from)
{
	FILE *file = fdopen(from, "r");
	char line[200];
	double usecs = 0;

	while (fgets(line, sizeof(line), file))
		if (strstr(line, "usecs/op\n"))
			sscanf(line, "%lf", &usecs);
	fclose(file);
	return usecs * 1000;
}

/* What N threads have a part in is another operation for each N */
static void row_name(char row[17], const char *name, int n)
{
	if (n)
		snprintf(row, 17, "%s@%d", name, n);
	else
		snprintf(row, 17, "%s", name);
}

static long perf(const char *name, int count, int n, const char *option)
{
	char rounds[12], threads[12], row[17], full[30];
	char *argv[MAX_ARGS] = { "perf", "bench", "-r", rounds, "breakpoint",
				 (char *)name, (char *)option, threads };
	int status, out[2];
	pid_t pid;

	if (pipe(out))
		fail("no pipe");
	snprintf(rounds, sizeof(rounds), "%d", count);
	snprintf(threads, sizeof(threads), "%d", n);
	row_name(row, name, n);
	snprintf(full, sizeof(full), "%s/%d", row, count);
	op_begin(full);
	pid = fork();
	if (!pid)
		child(argv, out[1]);
	close(out[1]);
	waitpid(pid, &status, 0);
	op_end();
	if (status)
		fail("perf bench breakpoint %s: status %x", name, status);
	return read_time(out[0]);
}

/* In hundreds, or two kernels might not agree; the system's and perf's own fit too */
static int as_many_as_fit(void)
{
	FILE *file = fopen("/proc/sys/kernel/threads-max", "r");
	int n = 0;

	if (!file || fscanf(file, "%d", &n) != 1 || n < 2 * SPARE_THREADS)
		fail("cannot tell how many threads fit");
	fclose(file);
	return (n - SPARE_THREADS) / 100 * 100;
}

/* Once, and @more times on top; where a thousand threads start, perf's start is nothing */
static void twice(const char *name, int more, int n, const char *option)
{
	char row[17];
	long ns = perf(name, 1, n, option);

	if (more)
		ns = perf(name, 1 + more, n, option);
	row_name(row, name, n);
	op_time(row, ns);
}

void bench_perf(int n)
{
	static int warm;

	if (!warm++) {
		perf("thread", 2, 1, "-t");
		perf("enable", 2, 1, "-p");
	}
	if (!n)
		n = as_many_as_fit();
	twice("thread", n < 100 ? repeats * 10 : 0, n, "-t");
	/* as much work whatever the number of threads, within limits */
	twice("enable", 1 + repeats * 5000 / (n + 99), n, "-p");
}

/* An event of one thread, that is there already */
void bench_modify(int n)
{
	(void)n;
	perf("modify", 2, 0, "-p");
	twice("modify", repeats * 50, 0, "-p");
}
