// SPDX-License-Identifier: GPL-2.0
/* A process with many threads that sleep, and a breakpoint in each. */
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "bench.h"

/* Shared with the process */
static volatile int *ready;
static pid_t *shared_tids;
static long word;

static void *sleeper(void *arg)
{
	shared_tids[(long)arg] = gettid();
	__atomic_fetch_add(ready, 1, __ATOMIC_RELEASE);
	for (;;)
		pause();
	return NULL;
}

static void __attribute__((noreturn)) live(int n)
{
	pthread_attr_t small;
	pthread_t thread;
	long i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN);
	for (i = 1; i < n; i++) {
		errno = pthread_create(&thread, &small, sleeper, (void *)i);
		if (errno)
			fail("no more than %ld threads", i);
	}
	sleeper(NULL);
	exit(1);
}

static void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		fail("no memory");
	return p;
}

static void wait_ready(struct crowd *crowd)
{
	while (__atomic_load_n(ready, __ATOMIC_ACQUIRE) < crowd->n) {
		if (waitpid(crowd->pid, NULL, WNOHANG) == crowd->pid)
			fail("the process with %d threads ended", crowd->n);
		usleep(1000);
	}
	/* the last of them is asleep by then */
	usleep(10000);
}

void crowd_start(struct crowd *crowd, int n)
{
	int i;

	crowd->n = n;
	crowd->fds = calloc(n, sizeof(*crowd->fds));
	crowd->tids = shared(n * sizeof(*crowd->tids));
	shared_tids = crowd->tids;
	ready = shared(sizeof(*ready));
	crowd->pid = fork();
	if (!crowd->pid)
		live(n);
	wait_ready(crowd);
	for (i = 0; i < n; i++)
		crowd->fds[i] = watch(&word, crowd->tids[i], -1);
}

void crowd_end(struct crowd *crowd)
{
	int i;

	for (i = 0; i < crowd->n; i++)
		close(crowd->fds[i]);
	kill(crowd->pid, SIGKILL);
	waitpid(crowd->pid, NULL, 0);
	free(crowd->fds);
}
