// SPDX-License-Identifier: GPL-2.0
/*
 * A change of attributes is atomic: every hit counts for the old or the new
 * setting, and after an error the old one is whole, copies included.
 *
 * A thread writes a word as long as another one changes its breakpoint back and
 * forth between two settings that both match: every write has to be counted.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "bp.h"

#define CHANGES	2000
#define MAX	32

/* The emulator may forget a hit unless another word of the page is written. */
static struct {
	volatile uint64_t word;
	volatile uint64_t other;
} watched __attribute__((aligned(64)));

static pid_t writer_tid;
static bool go, stop;
static long writes;
static int failed;

static void result(int n, bool ok, const char *name)
{
	printf("%s %d %s\n", ok ? "ok" : "not ok", n, name);
	failed |= !ok;
}

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

static void write_word(void)
{
	watched.word++;
	watched.other++;
}

static void *writer(void *arg)
{
	stay_on(1);
	__atomic_store_n(&writer_tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	while (!__atomic_load_n(&go, __ATOMIC_ACQUIRE))
		sched_yield();
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		write_word();
		__atomic_fetch_add(&writes, 1, __ATOMIC_RELAXED);
	}
	return arg;
}

static void word_attr(struct perf_event_attr *attr, int len)
{
	bp_attr(attr, HW_BREAKPOINT_W);
	attr->bp_addr = (unsigned long)&watched.word;
	attr->bp_len = len;
}

static uint64_t count_of(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) != sizeof(count))
		die("read");
	return count;
}

/* Return: 0 or an error. */
static int modify(int fd, struct perf_event_attr *attr)
{
	return ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, attr) ? errno : 0;
}

/* Has the writer had its share of a busy machine's time? */
static bool written_enough(void)
{
	return __atomic_load_n(&writes, __ATOMIC_RELAXED) > CHANGES / 10;
}

/* Both settings, and a third that is refused. */
static void change(int fd, bool with_errors)
{
	struct perf_event_attr attr;
	int n;

	for (n = 0; n < CHANGES || !written_enough(); n++) {
		word_attr(&attr, n & 1 ? 4 : 8);
		if (modify(fd, &attr))
			die("modify");
		attr.bp_len = 77;
		if (with_errors && modify(fd, &attr) != EINVAL)
			die("a length of 77 is taken");
	}
}

/* Writes and changes at the same time. Return: whether all writes were counted. */
static bool race(bool with_errors)
{
	struct perf_event_attr attr;
	pthread_t thread;
	uint64_t count;
	int fd;

	go = false;
	stop = false;
	writes = 0;
	writer_tid = 0;
	if (pthread_create(&thread, NULL, writer, NULL))
		die("pthread_create");
	while (!__atomic_load_n(&writer_tid, __ATOMIC_ACQUIRE))
		sched_yield();
	word_attr(&attr, 8);
	fd = bp_open_attr(&attr, writer_tid, -1);
	if (fd < 0)
		die("perf_event_open");
	__atomic_store_n(&go, true, __ATOMIC_RELEASE);
	change(fd, with_errors);
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	count = count_of(fd);
	printf("# %llu of %ld writes counted\n", (unsigned long long)count, writes);
	close(fd);
	return count == (uint64_t)writes;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static pid_t start_child(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid) {
		pause();
		_exit(0);
	}
	return pid;
}

/* Fills the slots for instructions of a task. Return: how many there were. */
static int fill(pid_t pid)
{
	int n;

	for (n = 0; n < MAX; n++) {
		if (bp_open(HW_BREAKPOINT_X, pid, -1, 0) < 0)
			break;
	}
	return n;
}

/* Nothing else is open. */
static void close_all(void)
{
	close_range(STDERR_FILENO + 1, ~0U, 0);
}

/* The copy of a child cannot change its type, so the parent's may not either. */
static bool copy_fails(void)
{
	struct perf_event_attr attr;
	uint64_t before, after;
	pid_t child;
	int fd, err;

	word_attr(&attr, 8);
	attr.inherit = 1;
	fd = bp_open_attr(&attr, 0, -1);
	if (fd < 0)
		die("perf_event_open");
	child = start_child();
	fill(child);
	attr.bp_type = HW_BREAKPOINT_X;
	attr.bp_len = BP_LEN_X;
	err = modify(fd, &attr);
	before = count_of(fd);
	write_word();
	after = count_of(fd);
	end(child);
	close_all();
	if (err != ENOSPC)
		printf("# the change: %s, expected ENOSPC\n", strerror(err));
	if (after != before + 1)
		printf("# hits of the old setting after it: %llu\n",
		       (unsigned long long)(after - before));
	return err == ENOSPC && after == before + 1;
}

/*
 * Many times: parent and child may have swapped their contexts when one ran after the
 * other, and whoever changes the original first then finds the failure first.
 */
static void test_copy_fails(int n)
{
	bool good = true;
	int i;

	for (i = 0; good && i < 20; i++)
		good = copy_fails();
	result(n, good, "a change that fails for a copy leaves the rest as it was");
}

int main(void)
{
	bool one_pool = false;

	setvbuf(stdout, NULL, _IOLBF, 0);
#ifdef __x86_64__
	one_pool = true;
#endif
	printf("KTAP version 1\n");
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		printf("1..0 # SKIP needs two CPUs\n");
		return 4;
	}
	printf("1..%d\n", one_pool ? 2 : 3);
	stay_on(0);
	result(1, race(false), "no hit is lost while attributes change");
	result(2, race(true), "nor by a change that is refused");
	if (!one_pool)
		test_copy_fails(3);
	return failed;
}
