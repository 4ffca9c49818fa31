// SPDX-License-Identifier: GPL-2.0
/*
 * bench [-n REPEATS] SUBJECT[=N]...: operations on breakpoints, between markers.
 * Prints the median time of each as CSV; QEMU's plugin counts.
 *
 *	switch		pairs of threads take turns, with four watchpoints each and none
 *	events		an event of the caller's: create to close, and fork
 *	hit		a watchpoint and a breakpoint hit
 *	threads=N	create, close and move one where N threads have one
 *	wide		create and close an event of a CPU, alone and not
 *	perf[=N]	perf bench breakpoint with N threads, or as many as fit
 *	modify		perf bench breakpoint modify: an event is moved
 *	kvm		a guest is left and entered, with breakpoints on either side
 *	shared=N	open to close and fork on N CPUs at once
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "bench.h"

int repeats = 100;

static const struct {
	const char *name;
	void (*run)(int n);
} subjects[] = {
	{ "switch", bench_switch },
	{ "events", bench_events },
	{ "hit", bench_hit },
	{ "threads", bench_threads },
	{ "wide", bench_wide },
	{ "perf", bench_perf },
	{ "modify", bench_modify },
	{ "kvm", bench_kvm },
	{ "shared", bench_shared },
};

static void run(char *word)
{
	char *name = strsep(&word, "=");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(subjects); i++) {
		if (!strcmp(name, subjects[i].name)) {
			subjects[i].run(word ? atoi(word) : 0);
			return;
		}
	}
	errno = EINVAL;
	fail("no subject %s", name);
}

int main(int argc, char **argv)
{
	struct rlimit files = { 65536, 65536 };
	int option;

	while ((option = getopt(argc, argv, "n:")) != -1) {
		if (option != 'n')
			return 2;
		repeats = atoi(optarg);
	}
	if (repeats < 1 || optind == argc) {
		fprintf(stderr, "usage: bench [-n REPEATS] SUBJECT[=N]...\n");
		return 2;
	}
	if (setrlimit(RLIMIT_NOFILE, &files))
		fail("no more than the usual number of files");
	for (; optind < argc; optind++)
		run(argv[optind]);
	op_report();
	return 0;
}
