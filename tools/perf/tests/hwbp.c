// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel says in sysfs of its breakpoints is what an event gets. Kernels that say nothing
 * there are known by that.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <linux/compiler.h>
#include <linux/hw_breakpoint.h>
#include <linux/kernel.h>
#include <linux/perf_event.h>
#include <api/fs/fs.h>
#include "tests.h"
#include "cloexec.h"
#include "debug.h"
#include "parse-events.h"
#include "perf-sys.h"

#define DEVICE	"bus/event_source/devices/breakpoint/"

/* More than any CPU has */
#define MOST	64

static int read_number(const char *name)
{
	char path[128];
	int n;

	snprintf(path, sizeof(path), DEVICE "%s", name);
	return sysfs__read_int(path, &n) ? -1 : n;
}

#ifdef __aarch64__
/**
 * bp_signal_is_supported() - can a program be told of each hit by a signal?
 *
 * A kernel that does not say what breakpoints there are leaves the one that was hit in place while
 * the signal is handled, and the instruction hits it again when it is returned to.
 *
 * Return: false, said in the output of the test, if not.
 */
bool bp_signal_is_supported(void)
{
	if (read_number("caps/data_slots") >= 0)
		return true;
	pr_debug("Each hit would come again after its signal\n");
	return false;
}
#endif

static int watched;

static int open_for_caller(u32 type)
{
	struct perf_event_attr attr = {
		.type		= PERF_TYPE_BREAKPOINT,
		.size		= sizeof(attr),
		.exclude_kernel	= 1,
		.exclude_hv	= 1,
		.disabled	= 1,
		.bp_type	= type,
	};
	int fd;

	if (type == HW_BREAKPOINT_X) {
		attr.bp_addr = (unsigned long)read_number;
		attr.bp_len = default_breakpoint_len();
	} else {
		attr.bp_addr = (unsigned long)&watched;
		attr.bp_len = sizeof(watched);
	}
	fd = sys_perf_event_open(&attr, 0, -1, -1, perf_event_open_cloexec_flag());
	return fd < 0 ? -errno : fd;
}

/* Return: how many could be opened, at @fds; more than MOST if that went wrong */
static int open_all(u32 type, int *fds)
{
	int n, fd;

	for (n = 0; n < MOST; n++) {
		fd = open_for_caller(type);
		if (fd == -ENOSPC)
			return n;
		if (fd < 0) {
			pr_debug("perf_event_open: %s\n", strerror(-fd));
			return MOST + 1;
		}
		fds[n] = fd;
	}
	return MOST + 1;
}

static void close_all(const int *fds, int n)
{
	while (n-- > 0)
		close(fds[n]);
}

/*
 * All of a type that are free can be had, and then none is free. The other type has as many left
 * as before, or, where slots serve both, none.
 */
static int take_all(u32 type, const char *name, const char *other)
{
	int before = read_number(name), others = read_number(other), fds[MOST];
	int n = open_all(type, fds), left = read_number(name), others_left = read_number(other);

	if (n <= MOST)
		close_all(fds, n);
	pr_debug("%s: %d, %d opened, then %d and %s %d\n", name, before, n, left, other,
		 others_left);
	TEST_ASSERT_EQUAL("not as many as were free", n, before);
	TEST_ASSERT_EQUAL("some are left", left, 0);
	TEST_ASSERT_EQUAL("wrong number of the other type", others_left,
			  read_number("caps/shared_slots") ? 0 : others);
	TEST_ASSERT_EQUAL("not all are back", read_number(name), before);
	return TEST_OK;
}

static int test__hwbp_slots(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	int code = read_number("caps/code_slots"), data = read_number("caps/data_slots");

	if (code < 0 || data < 0)
		return TEST_SKIP;
	TEST_ASSERT_VAL("more are free than there are",
			read_number("free_code") <= code && read_number("free_data") <= data);
	if (take_all(HW_BREAKPOINT_W, "free_data", "free_code"))
		return TEST_FAIL;
	return take_all(HW_BREAKPOINT_X, "free_code", "free_data");
}

/* Alone, since others watch CPUs, and what is free is of those that have least */
static struct test_case hwbp_tests[] = {
	{
		.name		= "hwbp_slots",
		.desc		= "Breakpoint slots",
		.run_case	= test__hwbp_slots,
		.skip_reason	= "sysfs has no number of breakpoints",
		.exclusive	= true,
	},
	{ .name = NULL, }
};

struct test_suite suite__hwbp = {
	.desc = "Breakpoint slots",
	.test_cases = hwbp_tests,
};
