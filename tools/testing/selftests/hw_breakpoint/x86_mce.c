// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints go on to fire after machine checks that the task survives. Whoever
 * runs this raises them from outside, with the emulator's monitor.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bp.h"

#define CHECKS	4
#define SECONDS	30

static volatile uint64_t words[2] __attribute__((aligned(4096)));

/* The sum of the line "MCE" of /proc/interrupts. */
static long machine_checks(void)
{
	FILE *f = fopen("/proc/interrupts", "r");
	char line[512], *p;
	long sum = 0;

	while (f && fgets(line, sizeof(line), f)) {
		p = strstr(line, "MCE:");
		for (p = p ? p + 4 : line + strlen(line); *p; ) {
			char *end;

			sum += strtol(p, &end, 10);
			if (end == p)
				break;
			p = end;
		}
	}
	if (f)
		fclose(f);
	return sum;
}

static uint64_t count(int fd)
{
	uint64_t n = 0;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

/* Writes and waits: the checks shall strike in user mode. */
static void write_words(long n)
{
	volatile int i;

	words[0] = n;
	/* The emulator forgets a hit only when another word is written. */
	words[1] = n;
	for (i = 0; i < 100000; i++)
		;
}

int main(void)
{
	struct perf_event_attr attr;
	time_t end = time(NULL) + SECONDS;
	long n = 0, before = machine_checks(), checks = 0;
	uint64_t hits;
	int fd, failed;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..2\n");
	bp_attr(&attr, HW_BREAKPOINT_W);
	attr.bp_addr = (unsigned long)&words[0];
	fd = bp_open_attr(&attr, 0, -1);
	while (checks < CHECKS && time(NULL) < end) {
		write_words(++n);
		if (n % 16 == 0)
			checks = machine_checks() - before;
	}
	hits = count(fd);
	printf("# %ld machine checks, %ld writes, %llu hits\n", checks, n,
	       (unsigned long long)hits);
	printf("%s 1 machine checks come, control\n", checks < CHECKS ? "not ok" : "ok");
	failed = fd < 0 || hits != (uint64_t)n;
	printf("%s 2 a breakpoint fires on after machine checks, control\n",
	       failed ? "not ok" : "ok");
	return failed || checks < CHECKS;
}
