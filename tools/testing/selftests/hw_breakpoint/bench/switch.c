// SPDX-License-Identifier: GPL-2.0
/*
 * Two real-time threads on one CPU that wake each other. One operation is there and back:
 * two context switches.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <time.h>

#include "bench.h"

#define WATCHED	4

/* How many pairs of threads take turns, one after the other */
#define PAIRS	10

static long words[2][WATCHED];
static int there[2], back[2];

/* What a thread watches, from entry to the end */
struct turn {
	const long *words;	/* NULL: nothing */
	int fds[WATCHED];
};

/*
 * The fair scheduler has two ways for a thread that blocks: it leaves the run queue, or, if
 * it has run for longer than the other one, it stays there until its turn would come. Which
 * of the two threads has, and so what a switch costs, is settled when they begin, and lasts:
 * a dozen instructions more or less in all turns of a guest. Real-time threads have no such
 * past.
 */
static void schedule_as(int policy)
{
	const struct sched_param param = { .sched_priority = policy == SCHED_FIFO };

	if (sched_setscheduler(0, policy, &param))
		fail("cannot be scheduled otherwise");
}

static void watch_all(struct turn *turn)
{
	int i;

	pin(0);
	schedule_as(SCHED_FIFO);
	for (i = 0; i < WATCHED && turn->words; i++)
		turn->fds[i] = watch(&turn->words[i], 0, -1);
}

static void watch_none(struct turn *turn)
{
	int i;

	for (i = 0; i < WATCHED && turn->words; i++)
		close(turn->fds[i]);
	schedule_as(SCHED_OTHER);
}

static void *answer(void *arg)
{
	char c;

	watch_all(arg);
	while (read(there[0], &c, 1) == 1 && c != 'q')
		if (write(back[1], &c, 1) != 1)
			break;
	watch_none(arg);
	return NULL;
}

static void ask(char c)
{
	if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
		fail("no answer");
}

/*
 * The turns of one pair are over in less than a tick. What RCU waits for at that time, or a
 * thread of the kernel's that is not let run, adds to all of them. So there are several pairs,
 * each after the CPU has been idle for some ticks, and the least of all turns is what counts.
 */
static void be_idle(void)
{
	const struct timespec some_ticks = { .tv_nsec = 20000000 };

	nanosleep(&some_ticks, NULL);
}

static void pair_takes_turns(const char *name, const long *mine, const long *other)
{
	struct turn first = { .words = mine }, second = { .words = other };
	pthread_t thread;
	int i;

	watch_all(&first);
	errno = pthread_create(&thread, NULL, answer, &second);
	if (errno)
		fail("no thread");
	/* the other is ready, and caches are warm, after a few */
	for (i = 0; i < 20; i++)
		ask('w');
	for (i = 0; i < repeats; i++) {
		op_begin(name);
		ask('a');
		op_end();
	}
	if (write(there[1], "q", 1) != 1)
		fail("cannot end a thread");
	end_thread(thread);
	watch_none(&first);
}

static void take_turns(const char *name, const long *mine, const long *other)
{
	int i;

	for (i = 0; i < PAIRS; i++) {
		be_idle();
		pair_takes_turns(name, mine, other);
	}
}

void bench_switch(int n)
{
	(void)n;
	if (pipe(there) || pipe(back))
		fail("no pipe");
	take_turns("switch-none", NULL, NULL);
	take_turns("switch-same", words[0], words[0]);
	take_turns("switch-different", words[0], words[1]);
}
