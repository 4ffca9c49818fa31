// SPDX-License-Identifier: GPL-2.0
/*
 * perf bench breakpoint thread and enable. Each runs twice, with one repeat and
 * with more: the difference is free of what perf needs to start, once it has been
 * read from the disk.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "bench.h"

#define MAX_ARGS	10
#define SPARE_THREADS	300

/* How many fit, if that was asked for */
static int most;

static const char *full_name(char full[17], const char *name, int n, int count)
{
	int used = n == most ? snprintf(full, 17, "%s@max", name) :
			       snprintf(full, 17, "%s@%d", name, n);

	if (count)
		snprintf(full + used, 17 - used, "/%d", count);
	return full;
}

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

static long perf(const char *name, int count, int n, const char *option)
{
	char rounds[12], threads[12], full[17];
	char *argv[MAX_ARGS] = { "perf", "bench", "-r", rounds, "breakpoint",
				 (char *)name, (char *)option, threads };
	int status, out[2];
	pid_t pid;

	if (pipe(out))
		fail("no pipe");
	snprintf(rounds, sizeof(rounds), "%d", count);
	snprintf(threads, sizeof(threads), "%d", n);
	op_begin(full_name(full, name, n, count));
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

/* perf's own and the system's have their place too */
static int as_many_as_fit(void)
{
	FILE *file = fopen("/proc/sys/kernel/threads-max", "r");
	int n = 0;

	if (!file || fscanf(file, "%d", &n) != 1 || n <= SPARE_THREADS)
		fail("cannot tell how many threads fit");
	fclose(file);
	most = n - SPARE_THREADS;
	fprintf(stderr, "bench: %d threads fit\n", most);
	return most;
}

/* Once, and @more times on top */
static void twice(const char *name, int more, int n, const char *option)
{
	char full[17];

	perf(name, 1, n, option);
	op_time(full_name(full, name, n, 0), perf(name, 1 + more, n, option));
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
	/* as much work whatever the number of threads, within limits */
	twice("thread", 1 + repeats * 100 / (n + 19), n, "-t");
	twice("enable", 1 + repeats * 5000 / (n + 99), n, "-p");
}
