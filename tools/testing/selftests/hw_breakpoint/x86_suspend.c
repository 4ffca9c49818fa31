// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints of the boot CPU, which suspends and resumes the machine, and loses its
 * debug registers on the way. The clock wakes it after two seconds.
 *
 * Whoever patches code takes them off for it and puts them back, and so mends what was
 * lost. Where a kernel has jump labels that happens before tasks run again; hence one is
 * set on what it calls at once.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "bp.h"
#include "ktap.h"

#define ALARM	"/sys/class/rtc/rtc0/wakealarm"
#define LPC	"/sys/bus/pci/devices/0000:00:1f.0/config"
#define ICH9	0x29188086
#define WRITES	10

static volatile uint64_t words[2] __attribute__((aligned(4096)));

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	if (err)
		printf("# %s to %s: %s\n", text, path, strerror(-err));
	return err;
}

static long read_number(const char *path)
{
	FILE *f = fopen(path, "r");
	long n = -1;

	if (f && fscanf(f, "%ld", &n) != 1)
		n = -1;
	if (f)
		fclose(f);
	return n;
}

static void stay_on_cpu_0(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static uint64_t count(int fd)
{
	uint64_t n = 0;

	return read(fd, &n, sizeof(n)) < 0 ? UINT64_MAX : n;
}

/* Return: how many of WRITES writes the breakpoint counts. */
static long hits_of_writes(int fd)
{
	uint64_t before = count(fd);
	int i;

	for (i = 0; i < WRITES; i++) {
		words[0] = i;
		/* The emulator forgets a hit only when another word is written. */
		words[1] = i;
	}
	return count(fd) - before;
}

/* Return: where the registers of power management are, and that they are on. */
static uint64_t power_base(int lpc)
{
	uint32_t id = 0;
	uint64_t base = 0;

	if (pread(lpc, &id, sizeof(id), 0) != sizeof(id) || id != ICH9 ||
	    pread(lpc, &base, sizeof(base), 0x40) != sizeof(base))
		return 0;
	return base;
}

/*
 * QEMU's firmware does not set this up again; the kernel could not switch the
 * guest off.
 */
static int suspend_keeping_power_base(void)
{
	int lpc = open(LPC, O_RDWR | O_CLOEXEC);
	uint64_t base = power_base(lpc);
	int err = write_file("/sys/power/state", "mem");

	if (base && power_base(lpc) != base &&
	    pwrite(lpc, &base, sizeof(base), 0x40) != sizeof(base))
		printf("# the power management is off\n");
	if (lpc >= 0)
		close(lpc);
	return err;
}

/* Return: whether the machine was suspended to RAM and is back. */
static int suspended(void)
{
	static const char stat[] = "/sys/power/suspend_stats/success";
	long before = read_number(stat);

	if (write_file("/sys/power/mem_sleep", "deep") ||
	    write_file(ALARM, "0") || write_file(ALARM, "+2") ||
	    suspend_keeping_power_base())
		return 0;
	return read_number(stat) == before + 1;
}

static int open_watch(void)
{
	struct perf_event_attr attr;

	bp_attr(&attr, HW_BREAKPOINT_W);
	attr.bp_addr = (unsigned long)&words[0];
	return bp_open_attr(&attr, -1, 0);
}

static unsigned long kernel_function(const char *name)
{
	unsigned long addr, found = 0;
	FILE *f = fopen("/proc/kallsyms", "r");
	char word[256];

	while (f && !found && fscanf(f, "%lx %*c %255s%*[^\n]", &addr, word) == 2)
		found = strcmp(word, name) ? 0 : addr;
	if (f)
		fclose(f);
	return found;
}

static int open_break(const char *name)
{
	struct perf_event_attr attr;

	bp_attr(&attr, HW_BREAKPOINT_X);
	attr.bp_addr = kernel_function(name);
	attr.exclude_kernel = 0;
	return attr.bp_addr ? bp_open_attr(&attr, -1, 0) : -ENOENT;
}

int main(void)
{
	int watch, before, after;

	plan(4);
	stay_on_cpu_0();
	watch = open_watch();
	before = open_break("syscore_suspend");
	after = open_break("syscore_resume");
	result(watch >= 0 && hits_of_writes(watch) == WRITES,
	       "a breakpoint of CPU 0 counts, control");
	result(suspended(), "the machine suspends and resumes, control");
	result(before >= 0 && count(before) == 1,
	       "a breakpoint of CPU 0 counts before the sleep, control");
	result(after >= 0 && count(after) == 1 && hits_of_writes(watch) == WRITES,
	       "breakpoints of CPU 0 count right after the sleep, and later");
	return failed;
}
