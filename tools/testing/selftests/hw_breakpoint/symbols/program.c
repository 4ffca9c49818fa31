// SPDX-License-Identifier: GPL-2.0
/*
 * A program whose variables are watched by their names.
 *
 * usage: program [FILE]
 *
 * With FILE it makes FILE.ready and waits until FILE exists. Each variable is written ROUNDS
 * times, own first by a constructor. After each store beside is written, in the same page: under
 * QEMU a hit flag of x86 may stay set until another word of the page is written.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define ROUNDS	5

#ifdef LIBRARY
void library_add(void);
#else
static void library_add(void) { }
#endif

/* All begin with a value, so that nobody clears them. */
volatile long counter = 1;
volatile long table[100] = { 1 };
volatile char small = 1;
volatile char odd[3] __attribute__((aligned(4))) = { 1, 1, 1 };
static volatile long own = 1;
static volatile long beside = 1;
/* Written when the program is relocated, before it makes a system call. */
void *pointer = (void *)&counter;
/* Begins as 0: its end is in memory that no file is behind. */
volatile long zero[2048];

__attribute__((constructor)) static void early(void)
{
	own++;
	beside++;
}

__attribute__((noinline)) void add(void)
{
	counter++;
	beside++;
	table[5]++;
	beside++;
	small++;
	beside++;
	odd[1]++;
	beside++;
	own++;
	beside++;
	zero[1500]++;
	zero[1501]++;
}

static void wait_for(const char *file)
{
	char ready[256];

	snprintf(ready, sizeof(ready), "%s.ready", file);
	close(open(ready, O_CREAT | O_WRONLY, 0600));
	while (access(file, F_OK))
		usleep(1000);
}

int main(int argc, char **argv)
{
	int i;

	if (argc > 1)
		wait_for(argv[1]);
	for (i = 0; i < ROUNDS; i++) {
		add();
		library_add();
	}
	return 0;
}
