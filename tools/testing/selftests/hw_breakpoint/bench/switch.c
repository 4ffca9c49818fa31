// SPDX-License-Identifier: GPL-2.0
/*
 * Two threads on one CPU that wake each other. One operation is there and back:
 * two context switches.
 */
#include <pthread.h>
#include <stdio.h>

#include "bench.h"

#define WATCHED	4

static long words[2][WATCHED];
static int there[2], back[2];

/* What a thread watches, from entry to the end */
struct turn {
	const long *words;	/* NULL: nothing */
	int fds[WATCHED];
};

static void watch_all(struct turn *turn)
{
	int i;

	pin(0);
	for (i = 0; i < WATCHED && turn->words; i++)
		turn->fds[i] = watch(&turn->words[i], 0, -1);
}

static void watch_none(struct turn *turn)
{
	int i;

	for (i = 0; i < WATCHED && turn->words; i++)
		close(turn->fds[i]);
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

static void take_turns(const char *name, const long *mine, const long *other)
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

void bench_switch(int n)
{
	(void)n;
	if (pipe(there) || pipe(back))
		fail("no pipe");
	take_turns("switch-none", NULL, NULL);
	take_turns("switch-same", words[0], words[0]);
	take_turns("switch-different", words[0], words[1]);
}
