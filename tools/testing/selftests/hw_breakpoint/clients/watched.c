// SPDX-License-Identifier: GPL-2.0
/*
 * A program for debuggers and tracers to watch: what it writes and reads, and how often,
 * is known.
 *
 * usage: watched rounds N [FILE]
 *        watched fork N
 *        watched threads THREADS N [FILE]
 *
 * In each of N rounds alpha to epsilon and the four words of wide are written once, with
 * the round's number, and alpha is read once more. With fork, a child does its N rounds
 * before its parent goes on counting at 100. Each of THREADS adds one N times to alpha,
 * one thread at a time. With FILE that begins when FILE exists. The word beside
 * each is written too: under QEMU a hit flag may stay set until another word of the page
 * is written.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct cell {
	volatile long value, beside;
} __attribute__((aligned(4096)));

struct cell alpha, beta, gamma_, delta, epsilon;

struct {
	volatile long words[4], beside;
} wide __attribute__((aligned(4096)));

volatile long sink;

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static const char *go;
static long rounds;

__attribute__((noinline)) static void store(struct cell *cell, long value)
{
	cell->value = value;
	cell->beside = value;
}

__attribute__((noinline)) static void load(struct cell *cell)
{
	sink = cell->value;
}

__attribute__((noinline)) static void store_wide(long value)
{
	int i;

	for (i = 0; i < 4; i++) {
		wide.words[i] = value;
		wide.beside = value;
	}
}

__attribute__((noinline)) static void one_round(long value)
{
	store(&alpha, value);
	load(&alpha);
	store(&beta, value);
	store(&gamma_, value);
	store(&delta, value);
	store(&epsilon, value);
	store_wide(value);
}

static void all_rounds(long first)
{
	long i;

	for (i = 0; i < rounds; i++)
		one_round(first + i);
}

static void wait_for_go(void)
{
	while (go && access(go, F_OK))
		usleep(10000);
}

static int with_fork(void)
{
	int status;
	pid_t child = fork();

	if (child < 0)
		return 1;
	if (!child) {
		all_rounds(1);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child)
		return 1;
	all_rounds(101);
	printf("the child ended with status %d\n", status);
	return status;
}

static void *one_thread(void *unused)
{
	long i;

	wait_for_go();
	for (i = 0; i < rounds; i++) {
		pthread_mutex_lock(&turn);
		store(&alpha, alpha.value + 1);
		pthread_mutex_unlock(&turn);
	}
	return unused;
}

static int with_threads(int count)
{
	pthread_t *threads = calloc(count, sizeof(*threads));
	int i;

	for (i = 0; i < count; i++)
		if (!threads || pthread_create(&threads[i], NULL, one_thread, NULL))
			return 1;
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	return 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	int threads = !strcmp(mode, "threads"), status = 0;

	if (argc < 3 + threads)
		return 2;
	rounds = atol(argv[2 + threads]);
	go = argv[3 + threads];
	if (threads) {
		status = with_threads(atoi(argv[2]));
	} else if (!strcmp(mode, "fork")) {
		status = with_fork();
	} else {
		wait_for_go();
		all_rounds(1);
	}
	printf("counted to %ld\n", alpha.value);
	return status;
}
