// SPDX-License-Identifier: GPL-2.0
/*
 * perf bench breakpoint switch, modify and hit: what breakpoints cost that are there already.
 * Each runs on every kernel that has breakpoints of tasks.
 */
#include <subcmd/parse-options.h>
#include <linux/compiler.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <linux/types.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "util/parse-events.h"
#include "bench.h"

static void __noreturn die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static void breakpoint_attr(struct perf_event_attr *attr, unsigned int type, const void *addr)
{
	memset(attr, 0, sizeof(*attr));
	attr->type = PERF_TYPE_BREAKPOINT;
	attr->size = sizeof(*attr);
	attr->exclude_kernel = 1;
	attr->exclude_hv = 1;
	attr->bp_type = type;
	attr->bp_addr = (unsigned long)addr;
	attr->bp_len = type == HW_BREAKPOINT_X ? default_breakpoint_len() : sizeof(long);
}

/* For the calling thread. Return: -ENODEV where there are none, which is no failure. */
static int breakpoint_open(const struct perf_event_attr *attr)
{
	int fd = syscall(SYS_perf_event_open, attr, 0, -1, -1, 0);

	if (fd < 0 && errno != ENODEV)
		die("perf_event_open");
	return fd < 0 ? -ENODEV : fd;
}

static int skip(const char *name)
{
	printf("Skipping perf bench breakpoint %s: No hardware support\n", name);
	return 0;
}

/* bench_format is one of these two: builtin-bench.c refuses others */
static void print_time(const struct timeval *start, const struct timeval *stop, unsigned int ops)
{
	double usecs = (stop->tv_sec - start->tv_sec) * 1e6 + (stop->tv_usec - start->tv_usec);

	if (bench_format == BENCH_FORMAT_SIMPLE) {
		printf("%.3f\n", usecs / 1e6);
		return;
	}
	printf(" %14s: %.3f [sec]\n\n", "Total time", usecs / 1e6);
	printf(" %14lf usecs/op\n", usecs / ops);
}

/* ---- switch ---- */

static struct {
	unsigned int nbreakpoints;
	bool different;
} switch_params = {
	.nbreakpoints = 1,
};

static const struct option switch_options[] = {
	OPT_UINTEGER('b', "breakpoints", &switch_params.nbreakpoints,
		     "Specify amount of breakpoints of each thread"),
	OPT_BOOLEAN('d', "different", &switch_params.different,
		    "The two threads watch different addresses"),
	OPT_END()
};

static const char * const switch_usage[] = {
	"perf bench breakpoint switch <options>",
	NULL
};

/* A thread that gets a byte and then hands one over */
struct turn {
	long *words;
	int *fds;
	int from;
	int to;
};

static void hand_over(const struct turn *turn)
{
	char c = 0;

	if (write(turn->to, &c, 1) != 1)
		die("write");
}

static void wait_for_turn(const struct turn *turn)
{
	char c;

	if (read(turn->from, &c, 1) != 1)
		die("read");
}

static void close_all(int *fds, unsigned int n)
{
	while (n)
		close(fds[--n]);
}

static int watch_all(const struct turn *turn)
{
	struct perf_event_attr attr;
	unsigned int i;

	for (i = 0; i < switch_params.nbreakpoints; i++) {
		breakpoint_attr(&attr, HW_BREAKPOINT_W, &turn->words[i]);
		turn->fds[i] = breakpoint_open(&attr);
		if (turn->fds[i] < 0) {
			close_all(turn->fds, i);
			return -ENODEV;
		}
	}
	return 0;
}

static void *answering_thread(void *arg)
{
	const struct turn *turn = arg;
	unsigned int i;

	if (watch_all(turn))
		die("perf_event_open");
	hand_over(turn);
	for (i = 0; i < bench_repeat; i++) {
		wait_for_turn(turn);
		hand_over(turn);
	}
	close_all(turn->fds, switch_params.nbreakpoints);
	return NULL;
}

/* From when both are ready */
static void take_turns(const struct turn *turn, struct turn *other)
{
	struct timeval start, stop;
	pthread_t thread;
	unsigned int i;

	errno = pthread_create(&thread, NULL, answering_thread, other);
	if (errno)
		die("pthread_create");
	wait_for_turn(turn);
	gettimeofday(&start, NULL);
	for (i = 0; i < bench_repeat; i++) {
		hand_over(turn);
		wait_for_turn(turn);
	}
	gettimeofday(&stop, NULL);
	pthread_join(thread, NULL);
	if (bench_format == BENCH_FORMAT_DEFAULT)
		printf("# Switched %u times between two threads with %u breakpoints each%s\n",
		       2 * bench_repeat, switch_params.nbreakpoints,
		       switch_params.different ? ", at different addresses" : "");
	print_time(&start, &stop, 2 * bench_repeat);
}

static int switch_on_this_cpu(void)
{
	unsigned int n = switch_params.nbreakpoints;
	long *words = calloc(2 * n + 1, sizeof(*words));
	int *fds = calloc(2 * n + 1, sizeof(*fds));
	int there[2], back[2];
	struct turn turn, other;
	int err;

	if (!words || !fds || pipe(there) || pipe(back))
		die("perf bench breakpoint switch");
	turn = (struct turn) { words, fds, back[0], there[1] };
	other = (struct turn) { words + (switch_params.different ? n : 0), fds + n,
				there[0], back[1] };
	err = watch_all(&turn);
	if (!err) {
		take_turns(&turn, &other);
		close_all(fds, n);
	}
	close_all(there, 2);
	close_all(back, 2);
	free(fds);
	free(words);
	return err;
}

// The benchmark pins two threads with nbreakpoints each to one CPU, where they wake each other
// bench_repeat times. An operation is one switch from thread to thread.
int bench_breakpoint_switch(int argc, const char **argv)
{
	cpu_set_t before, here;
	int err;

	if (parse_options(argc, argv, switch_options, switch_usage, 0)) {
		usage_with_options(switch_usage, switch_options);
		exit(EXIT_FAILURE);
	}
	if (sched_getaffinity(0, sizeof(before), &before))
		die("sched_getaffinity");
	CPU_ZERO(&here);
	CPU_SET(sched_getcpu(), &here);
	if (sched_setaffinity(0, sizeof(here), &here))
		die("sched_setaffinity");
	err = switch_on_this_cpu();
	if (sched_setaffinity(0, sizeof(before), &before))
		die("sched_setaffinity");
	return err ? skip("switch") : 0;
}

/* ---- modify ---- */

static unsigned int modify_npassive;

static const struct option modify_options[] = {
	OPT_UINTEGER('p', "passive", &modify_npassive, "Specify amount of passive threads"),
	OPT_END()
};

static const char * const modify_usage[] = {
	"perf bench breakpoint modify <options>",
	NULL
};

/* Until nobody has the other end any more */
static void *waiting_thread(void *arg)
{
	char c;

	if (read(*(int *)arg, &c, 1))
		die("read");
	return NULL;
}

static void modify_in_turns(int fd, const struct perf_event_attr attrs[2])
{
	struct timeval start, stop;
	unsigned int i;

	gettimeofday(&start, NULL);
	for (i = 1; i <= bench_repeat; i++) {
		if (ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attrs[i & 1]))
			die("ioctl(PERF_EVENT_IOC_MODIFY_ATTRIBUTES)");
	}
	gettimeofday(&stop, NULL);
	if (bench_format == BENCH_FORMAT_DEFAULT)
		printf("# Modified breakpoint %u times with %u passive threads\n",
		       bench_repeat, modify_npassive);
	print_time(&start, &stop, bench_repeat);
}

// The benchmark creates an inheritable breakpoint, then starts npassive threads that block, and
// then moves the breakpoint to another address and back, bench_repeat times in all.
int bench_breakpoint_modify(int argc, const char **argv)
{
	static const long words[2];
	struct perf_event_attr attrs[2];
	pthread_t *threads;
	unsigned int i;
	int fd, ends[2];

	if (parse_options(argc, argv, modify_options, modify_usage, 0)) {
		usage_with_options(modify_usage, modify_options);
		exit(EXIT_FAILURE);
	}
	for (i = 0; i < 2; i++) {
		breakpoint_attr(&attrs[i], HW_BREAKPOINT_W, &words[i]);
		attrs[i].inherit = 1;
	}
	fd = breakpoint_open(&attrs[0]);
	if (fd < 0)
		return skip("modify");
	threads = calloc(modify_npassive + 1, sizeof(*threads));
	if (!threads || pipe(ends))
		die("perf bench breakpoint modify");
	for (i = 0; i < modify_npassive; i++) {
		errno = pthread_create(&threads[i], NULL, waiting_thread, &ends[0]);
		if (errno)
			die("pthread_create");
	}
	usleep(10000);	/* let the threads block */
	modify_in_turns(fd, attrs);
	close(ends[1]);
	while (i)
		pthread_join(threads[--i], NULL);
	close(ends[0]);
	close(fd);
	free(threads);
	return 0;
}

/* ---- hit ---- */

static bool hit_execute;

static const struct option hit_options[] = {
	OPT_BOOLEAN('x', "execute", &hit_execute,
		    "A function is called where there is a breakpoint, instead of watched stores"),
	OPT_END()
};

static const char * const hit_usage[] = {
	"perf bench breakpoint hit <options>",
	NULL
};

/*
 * The other one is for QEMU's emulation of x86, which names a watchpoint again until a word of the
 * page has been written that is not watched.
 */
static struct {
	long watched;
	long other;
} target __aligned(2 * sizeof(long));

static noinline void called(void)
{
	asm volatile("");
}

static void store_all(void)
{
	unsigned int i;

	for (i = 0; i < bench_repeat; i++) {
		WRITE_ONCE(target.watched, i);
		WRITE_ONCE(target.other, i);
	}
}

static void call_all(void)
{
	unsigned int i;

	for (i = 0; i < bench_repeat; i++)
		called();
}

// The benchmark creates a breakpoint that counts, and hits it bench_repeat times. How often it has
// been counted is printed.
int bench_breakpoint_hit(int argc, const char **argv)
{
	struct perf_event_attr attr;
	struct timeval start, stop;
	u64 count;
	int fd;

	if (parse_options(argc, argv, hit_options, hit_usage, 0)) {
		usage_with_options(hit_usage, hit_options);
		exit(EXIT_FAILURE);
	}
	if (hit_execute)
		breakpoint_attr(&attr, HW_BREAKPOINT_X, called);
	else
		breakpoint_attr(&attr, HW_BREAKPOINT_W, &target.watched);
	fd = breakpoint_open(&attr);
	if (fd < 0)
		return skip("hit");
	gettimeofday(&start, NULL);
	if (hit_execute)
		call_all();
	else
		store_all();
	gettimeofday(&stop, NULL);
	if (read(fd, &count, sizeof(count)) != sizeof(count))
		die("read");
	close(fd);
	if (bench_format == BENCH_FORMAT_DEFAULT)
		printf("# %u %s hit a breakpoint %" PRIu64 " times\n", bench_repeat,
		       hit_execute ? "calls" : "stores", count);
	print_time(&start, &stop, bench_repeat);
	return 0;
}
