// SPDX-License-Identifier: GPL-2.0
/* A watchpoint that is hit, and a breakpoint, by events that count. */
#include "bench.h"

/*
 * QEMU's TCG leaves the flag of a hit set until another word of the page is
 * written: hence the second word.
 */
static volatile struct {
	long watched, other;
} words __attribute__((aligned(64)));

static void __attribute__((noinline)) called(void)
{
	asm volatile("");
}

static void check_count(int fd)
{
	uint64_t count = 0;

	if (read(fd, &count, sizeof(count)) != sizeof(count) || count != (uint64_t)repeats)
		fail("%lu hits and not %d", count, repeats);
	close(fd);
}

static void hit_data(void)
{
	int fd = watch((const void *)&words.watched, 0, -1), i;

	for (i = 0; i < repeats; i++) {
		op_begin("hit-write");
		words.watched = i;
		words.other = i;
		op_end();
	}
	check_count(fd);
}

static void hit_code(void)
{
	struct perf_event_attr attr;
	int fd, i;

	bp_attr(&attr, HW_BREAKPOINT_X);
	attr.bp_addr = (unsigned long)called;
	fd = bp_open_attr(&attr, 0, -1);
	errno = -fd;
	if (fd < 0)
		fail("no breakpoint");
	for (i = 0; i < repeats; i++) {
		op_begin("hit-execute");
		called();
		op_end();
	}
	check_count(fd);
}

void bench_hit(int n)
{
	(void)n;
	pin(0);
	hit_data();
	hit_code();
}
