// SPDX-License-Identifier: GPL-2.0
/* An event of the calling thread's own: created, changed, closed, and inherited. */
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "bench.h"

static long words[2];

static void control(const char *name, int fd, unsigned long request, void *arg)
{
	int err;

	op_begin(name);
	err = ioctl(fd, request, arg);
	op_end();
	if (err)
		fail("%s", name);
}

static void once(void)
{
	struct perf_event_attr attr;
	int fd;

	watch_attr(&attr, &words[0]);
	op_begin("create");
	fd = bp_open_attr(&attr, 0, -1);
	op_end();
	errno = -fd;
	if (fd < 0)
		fail("create");
	control("disable", fd, PERF_EVENT_IOC_DISABLE, NULL);
	control("enable", fd, PERF_EVENT_IOC_ENABLE, NULL);
	attr.bp_addr = (unsigned long)&words[1];
	control("modify", fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr);
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

	watch_attr(&attr, &words[0]);
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
