/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests print; included once by each. */
#ifndef _SELFTEST_KTAP_H
#define _SELFTEST_KTAP_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * A name that ends in ", control" worked before the layer was rewritten, too: it
 * shows that the test does.
 */
static int failed, number;

static inline void plan(int n)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%d\n", n);
}

static inline void result(int good, const char *name)
{
	printf("%s %d %s\n", good ? "ok" : "not ok", ++number, name);
	failed |= !good;
}

static inline void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static inline int must(int fd, const char *what)
{
	if (fd < 0) {
		errno = -fd;
		die(what);
	}
	return fd;
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
