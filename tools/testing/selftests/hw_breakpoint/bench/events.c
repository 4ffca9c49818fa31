// SPDX-License-Identifier: GPL-2.0
/* An event of the calling thread's own: created, switched off and on, closed, and inherited. */
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "bench.h"

static long word;

static void control(const char *name, int fd, unsigned long request)
{
	int err;

	op_begin(name);
	err = ioctl(fd, request, 0);
	op_end();
	if (err)
		fail("%s", name);
}

static void once(void)
{
	struct perf_event_attr attr;
	int fd;

	watch_attr(&attr, &word);
	op_begin("create");
	fd = bp_open_attr(&attr, 0, -1);
	op_end();
	errno = -fd;
	if (fd < 0)
		fail("create");
	control("disable", fd, PERF_EVENT_IOC_DISABLE);
	control("enable", fd, PERF_EVENT_IOC_ENABLE);
	op_begin("close");
	close(fd);
	op_end();
}

/* A child with a copy of the event, from its beginning to its end */
static void fork_once(void)
{
	struct perf_event_attr attr;
	pid_t child;
	int fd;

	watch_attr(&attr, &word);
	attr.inherit = 1;
	fd = bp_open_attr(&attr, 0, -1);
	errno = -fd;
	if (fd < 0)
		fail("inherit");
	op_begin("fork");
	child = fork();
	if (!child)
		_exit(0);
	if (child < 0 || waitpid(child, NULL, 0) != child)
		fail("fork");
	op_end();
	close(fd);
}

void bench_events(int n)
{
	int i;

	(void)n;
	pin(0);
	for (i = 0; i < repeats; i++)
		once();
	for (i = 0; i < repeats; i++)
		fork_once();
}
