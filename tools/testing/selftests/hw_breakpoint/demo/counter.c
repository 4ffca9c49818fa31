// SPDX-License-Identifier: GPL-2.0
/*
 * A program to watch: adds to five variables a known number of times.
 *
 * usage: counter ROUNDS [FILE]
 *
 * With FILE it waits, running, until FILE exists. Each round adds one to each
 * variable. The word beside each is written too: under QEMU a hit flag may stay
 * set until another word of the page is written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct cell {
	volatile long value, beside;
	char room[4096 - 2 * sizeof(long)];
} __attribute__((aligned(4096)));

struct cell alpha, beta, gamma_, delta, epsilon;

__attribute__((noinline)) static void add(struct cell *cell)
{
	cell->value++;
	cell->beside++;
}

int main(int argc, char **argv)
{
	long i, rounds = argc > 1 ? atol(argv[1]) : 1;

	while (argc > 2 && access(argv[2], F_OK))
		;
	for (i = 0; i < rounds; i++) {
		add(&alpha);
		add(&beta);
		add(&gamma_);
		add(&delta);
		add(&epsilon);
	}
	printf("counted to %ld\n", alpha.value);
	return 0;
}
