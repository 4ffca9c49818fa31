// SPDX-License-Identifier: GPL-2.0
/*
 * Makes every CPU run code and touch data of the kernel that a debugger watches, and
 * says in what the debugger sees which CPU it is.
 *
 * usage: kgdb_touch at-once|in-turn calls|reads|writes N	each CPU N times
 *	  kgdb_touch rounds N
 *	  kgdb_touch room code|data
 *
 *	calls	getpgid() of the process ID 1000000 + 10000 * CPU + n, which does not
 *		exist; n counts from 0
 *	reads	of kernel.panic
 *	writes	of -2 - 10000 * CPU - n to kernel.panic, which is -1 at first
 *	rounds	a list of system calls that hardly anybody uses, N times
 *	room	how many breakpoints each CPU has room for
 *
 * A panic ends the guest at once as long as kernel.panic is negative.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "bp.h"

#define PID_BASE	1000000
#define CPU_BASE	10000
#define PANIC		"/proc/sys/kernel/panic"
#define PANIC_ON_OOPS	"/proc/sys/kernel/panic_on_oops"

static int fail(const char *what)
{
	perror(what);
	exit(1);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		fail("sched_setaffinity");
}

static void set(const char *path, int value)
{
	char text[16];
	int fd = open(path, O_WRONLY);
	int n = snprintf(text, sizeof(text), "%d\n", value);

	if (fd < 0 || write(fd, text, n) != n)
		fail(path);
	close(fd);
}

static void call_one(int cpu, int n)
{
	getpgid(PID_BASE + CPU_BASE * cpu + n);
}

static void read_one(int cpu, int n)
{
	char text[16];
	int fd = open(PANIC, O_RDONLY);

	(void)cpu;
	(void)n;
	if (fd < 0 || read(fd, text, sizeof(text)) <= 0)
		fail(PANIC);
	close(fd);
}

static void write_one(int cpu, int n)
{
	set(PANIC, -2 - CPU_BASE * cpu - n);
	/* The emulator forgets a hit only when another word of the page is written. */
	set(PANIC_ON_OOPS, 1);
}

typedef void touch_fn(int cpu, int n);

static void at_once(const cpu_set_t *cpus, touch_fn *touch, int n)
{
	int cpu, i, status, failed = 0;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, cpus) || fork())
			continue;
		pin(cpu);
		for (i = 0; i < n; i++)
			touch(cpu, i);
		exit(0);
	}
	while (wait(&status) > 0)
		failed |= status;
	if (failed)
		exit(1);
}

static void in_turn(const cpu_set_t *cpus, touch_fn *touch, int n)
{
	int cpu, i;

	for (i = 0; i < n; i++) {
		for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
			if (!CPU_ISSET(cpu, cpus))
				continue;
			pin(cpu);
			touch(cpu, i);
		}
	}
}

/* In the order in which kgdb.py knows them */
static void rounds(int n)
{
	struct sched_param param;
	struct timespec ts;
	cpu_set_t cpus;

	while (n--) {
		getpgid(0);
		getsid(0);
		sched_get_priority_max(SCHED_FIFO);
		sched_get_priority_min(SCHED_FIFO);
		sched_getscheduler(0);
		sched_getparam(0, &param);
		sched_rr_get_interval(0, &ts);
		sched_getaffinity(0, sizeof(cpus), &cpus);
	}
}

static void room(const cpu_set_t *cpus, int type)
{
	int cpu;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, cpus))
			printf("%d ", bp_room(type, -1, cpu, 64));
	}
	printf("\n");
}

static touch_fn *touch_of(const char *name)
{
	if (!strcmp(name, "calls"))
		return call_one;
	if (!strcmp(name, "reads"))
		return read_one;
	if (!strcmp(name, "writes"))
		return write_one;
	fprintf(stderr, "kgdb_touch: what is %s?\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[1] : "";
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		fail("sched_getaffinity");
	if (argc == 4 && !strcmp(mode, "at-once"))
		at_once(&cpus, touch_of(argv[2]), atoi(argv[3]));
	else if (argc == 4 && !strcmp(mode, "in-turn"))
		in_turn(&cpus, touch_of(argv[2]), atoi(argv[3]));
	else if (argc == 3 && !strcmp(mode, "rounds"))
		rounds(atoi(argv[2]));
	else if (argc == 3 && !strcmp(mode, "room"))
		room(&cpus, !strcmp(argv[2], "code") ? HW_BREAKPOINT_X :
						       HW_BREAKPOINT_W);
	else
		return 2;
	return 0;
}
