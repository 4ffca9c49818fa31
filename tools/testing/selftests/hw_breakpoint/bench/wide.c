// SPDX-License-Identifier: GPL-2.0
/*
 * Events of CPU 0, created and closed: one now and then, as somebody who starts a
 * tool; many in a row; and now and then while two other threads create and close
 * events of their own all the time.
 */
#include <pthread.h>

#include "bench.h"

#define OTHERS	2
/* Longer than a grace period of RCU, so that each finds the system at rest */
#define PAUSE	30000

static long word;
static int stop;

static void once(const char *create, const char *destroy, int pause)
{
	struct perf_event_attr attr;
	int fd;

	watch_attr(&attr, &word);
	usleep(pause);
	op_begin(create);
	fd = bp_open_attr(&attr, -1, 0);
	op_end();
	errno = -fd;
	if (fd < 0)
		fail("no event of a CPU");
	usleep(pause);
	op_begin(destroy);
	close(fd);
	op_end();
}

static void *busy(void *unused)
{
	(void)unused;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		close(watch(&word, 0, -1));
	return NULL;
}

void bench_wide(int n)
{
	pthread_t threads[OTHERS];
	int i;

	(void)n;
	for (i = 0; i < repeats; i++)
		once("wide-create", "wide-close", PAUSE);
	for (i = 0; i < repeats; i++)
		once("wide-create-row", "wide-close-row", 0);
	for (i = 0; i < OTHERS; i++) {
		errno = pthread_create(&threads[i], NULL, busy, NULL);
		if (errno)
			fail("no thread");
	}
	for (i = 0; i < repeats; i++)
		once("wide-create-busy", "wide-close-busy", PAUSE);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < OTHERS; i++)
		end_thread(threads[i]);
}
