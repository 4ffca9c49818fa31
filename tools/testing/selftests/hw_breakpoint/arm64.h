/* SPDX-License-Identifier: GPL-2.0 */
/* What the arm64 tests of stepping share; included once by each. */
#ifndef _SELFTEST_ARM64_H
#define _SELFTEST_ARM64_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "bp.h"

/*
 * A name that ends in ", control" worked before the layer was rewritten, too: it
 * shows that the test does.
 */
static int failed, number;

static void plan(int n)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%d\n", n);
}

static void result(int good, const char *name)
{
	printf("%s %d %s\n", good ? "ok" : "not ok", ++number, name);
	failed |= !good;
}

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_at(int type, const volatile void *addr, int len, pid_t pid, int cpu)
{
	struct perf_event_attr attr;

	bp_attr(&attr, type);
	attr.bp_addr = (uintptr_t)addr;
	attr.bp_len = len;
	return bp_open_attr(&attr, pid, cpu);
}

static inline int must(int fd, const char *what)
{
	if (fd < 0) {
		errno = -fd;
		die(what);
	}
	return fd;
}

static inline int watch(int type, const volatile void *addr, int len)
{
	return must(open_at(type, addr, len, 0, -1), "perf_event_open");
}

/* Return: the hits of an event, which is closed. */
static inline long hits(int fd)
{
	uint64_t n;

	if (read(fd, &n, sizeof(n)) != sizeof(n))
		die("read");
	close(fd);
	return n;
}

static inline int same(const char *what, long got, long expected)
{
	if (got != expected)
		printf("# %s: %ld, expected %ld\n", what, got, expected);
	return got == expected;
}

#endif
