// SPDX-License-Identifier: GPL-2.0
/*
 * Nobody may watch what the entry of an exception touches while breakpoints are on.
 *
 * Without an argument: is it refused? With "step": watches what sync_regs() reads on the
 * stack of #DB, and steps in user mode. Where that is not refused, this CPU takes #DBs for
 * ever. With "regs": watches where the registers are saved on our stack, or what is pushed
 * below them, which is not refused; steps, and writes to a word that is watched.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "bp.h"

#define TRACING		"/sys/kernel/tracing/"
#define PROBE		TRACING "events/kprobes/hwbp_word/enable"

/*
 * 6.12 has these in struct pcpu_hot, without call depth tracking there; later kernels have
 * variables of their own.
 */
#define CURRENT_TASK	0
#define CPU_NUMBER	12
#define STACK_TOP	16

#define WRITES		100

static const struct place {
	const char	*what, *symbol;
	unsigned long	offset, hot;
	int		len, per_cpu, error;
} places[] = {
	{ "top of the stack",		"cpu_current_top_of_stack", 0, STACK_TOP, 8, 1, -EINVAL },
	{ "its last byte",		"cpu_current_top_of_stack", 7, STACK_TOP, 1, 1, -EINVAL },
	{ "number of the CPU",		"cpu_number", 0, CPU_NUMBER, 4, 1, -EINVAL },
	{ "__cpu_online_mask",		"__cpu_online_mask", 0, 0, 1, 0, -EINVAL },
	{ "nmi_state",			"nmi_state", 0, 0, 4, 1, -EINVAL },
	{ "nmi_cr2",			"nmi_cr2", 0, 0, 8, 1, -EINVAL },
	{ "espfix_waddr",		"espfix_waddr", 0, 0, 8, 1, -EINVAL },
	{ "x86_pred_cmd",		"x86_pred_cmd", 0, 0, 1, 0, -EINVAL },
	/* beside the first, and nothing that the entry needs */
	{ "the current task may be watched, control", "current_task", 0, CURRENT_TASK, 8, 1, 0 },
};

static volatile sig_atomic_t traps, other_traps;
static volatile unsigned long word;

static void on_trap(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	traps++;
	other_traps += info->si_code != TRAP_TRACE;
}

static void expect_traps(void)
{
	struct sigaction act = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };

	sigaction(SIGTRAP, &act, NULL);
}

static int put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_APPEND), n = -1;

	if (fd >= 0) {
		n = write(fd, text, strlen(text));
		close(fd);
	}
	if (n < 0)
		printf("# cannot write to %s\n", file);
	return n;
}

/* The hexadecimal number after @mark in the first line of @file that has it, or 0. */
static unsigned long number(const char *file, const char *mark)
{
	FILE *f = fopen(file, "r");
	unsigned long n = 0;
	char line[512], *p;

	while (f && !n && fgets(line, sizeof(line), f)) {
		p = strstr(line, mark);
		n = p ? strtoul(p + strlen(mark), NULL, 16) : 0;
	}
	if (f)
		fclose(f);
	return n;
}

/* The address of a symbol; of per-CPU data that in the template. */
static unsigned long symbol(const char *wanted)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long addr, found = 0;
	char line[512], name[256];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx %*c %255s", &addr, name) == 2 && !strcmp(name, wanted))
			found = addr;
	}
	if (f)
		fclose(f);
	return found;
}

/* Return: where it is, by itself or @hot bytes into the struct; 0 if nowhere. */
static unsigned long symbol_or_hot(const char *wanted, unsigned long hot)
{
	unsigned long addr = symbol(wanted), all = symbol("pcpu_hot");

	return addr ? addr : all ? all + hot : 0;
}

/* A word of the kernel's: a probe of a function that we call reads it. */
static unsigned long peek(const char *where)
{
	unsigned long word;
	char probe[128];

	close(open(TRACING "trace", O_WRONLY | O_TRUNC));
	snprintf(probe, sizeof(probe), "p:hwbp_word do_sys_openat2 word=@%s:x64\n", where);
	put(TRACING "kprobe_events", probe);
	put(PROBE, "1");
	close(open("/dev/null", O_RDONLY));
	put(PROBE, "0");
	/* while the trace can still be told what it is */
	word = number(TRACING "trace", " word=0x");
	put(TRACING "kprobe_events", "-:hwbp_word\n");
	if (!word)
		printf("# nothing is known of %s\n", where);
	return word;
}

/* What is to be added for CPU 0. */
static unsigned long cpu_offset(void)
{
	mkdir(TRACING, 0755);
	mount("tracefs", TRACING, "tracefs", 0, NULL);
	put("/proc/sys/kernel/kptr_restrict", "0");
	return peek("__per_cpu_offset");
}

/* Return: a file descriptor, or a negative error. */
static int watch(const struct place *p, unsigned long offset)
{
	struct perf_event_attr attr;
	unsigned long addr = symbol_or_hot(p->symbol, p->hot);

	if (!addr) {
		printf("# no symbol %s\n", p->symbol);
		return -ENOENT;
	}
	bp_attr(&attr, HW_BREAKPOINT_RW);
	attr.bp_addr = addr + p->offset + (p->per_cpu ? offset : 0);
	attr.bp_len = p->len;
	attr.exclude_kernel = 0;
	attr.disabled = 1;
	return bp_open_attr(&attr, -1, 0);
}

static int check(unsigned int n, unsigned long offset)
{
	const struct place *p = &places[n];
	int fd = watch(p, offset), ok = fd == p->error || (fd >= 0 && !p->error);

	if (!ok)
		printf("# %s\n", fd < 0 ? strerror(-fd) : "it is accepted");
	if (fd >= 0)
		close(fd);
	printf("%s %u %s\n", ok ? "ok" : "not ok", n + 1, p->what);
	return ok;
}

/* Of one instruction, with TF. The red zone stays as it is. */
static void step(void)
{
	asm volatile("sub $128, %%rsp\n\t"
		     "pushf\n\torl $0x100, (%%rsp)\n\tpopf\n\t"
		     "nop\n\t"
		     "pushf\n\tandl $~0x100, (%%rsp)\n\tpopf\n\t"
		     "add $128, %%rsp" : : : "memory", "cc");
}

static int step_with_watch(unsigned long offset)
{
	int fd = watch(&places[0], offset);

	if (fd < 0) {
		printf("refused: %s\n", strerror(-fd));
		return fd != -EINVAL;
	}
	expect_traps();
	ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
	printf("a step\n");
	step();
	ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
	printf("survived, %d signals\n", traps);
	return 1;
}

/*
 * Of the 21 words where registers are saved RDX, which a system call saves as well as an
 * exception does; and the two below, where the entry's call of the handler of a #DB and that
 * function itself push.
 */
static const int below_top[] = { 9, 22, 23 };

static int watch_stack(int words, unsigned long offset)
{
	struct perf_event_attr attr;
	char where[32];

	snprintf(where, sizeof(where), "%#lx",
		 symbol_or_hot(places[0].symbol, places[0].hot) + offset);
	bp_attr(&attr, HW_BREAKPOINT_W);
	attr.bp_addr = peek(where) - 8 * words;
	attr.bp_len = 8;
	attr.exclude_kernel = 0;
	return bp_open_attr(&attr, 0, -1);
}

static unsigned long counted(int fd)
{
	unsigned long hits = 0;

	return read(fd, &hits, sizeof(hits)) == sizeof(hits) ? hits : 0;
}

/* The word is the user's, and nobody is sent a signal for it. */
static int write_with_watch(void)
{
	struct perf_event_attr attr;
	int fd, i;

	bp_attr(&attr, HW_BREAKPOINT_W);
	attr.bp_addr = (unsigned long)&word;
	attr.bp_len = 8;
	fd = bp_open_attr(&attr, 0, -1);
	if (fd < 0)
		return 0;
	for (i = 0; i < WRITES; i++)
		word = i;
	ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
	i = counted(fd);
	close(fd);
	return i;
}

/* Return: 0 if all is right. */
static int try_stack(int words, unsigned long offset)
{
	int fd = watch_stack(words, offset), steps, writes;
	unsigned long hits;

	if (fd < 0) {
		printf("refused: %s\n", strerror(-fd));
		return 1;
	}
	traps = 0;
	other_traps = 0;
	printf("a step\n");
	step();
	steps = traps;
	writes = write_with_watch();
	ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
	hits = counted(fd);
	close(fd);
	printf("survived with a watch %d words down, %s hits: ", words, hits ? "with" : "without");
	printf("%d steps, %d of %d writes, %d other signals\n", steps, writes, WRITES,
	       other_traps + traps - steps);
	return !hits || !steps || traps != steps || other_traps || writes != WRITES;
}

static int watch_stacks(unsigned long offset)
{
	unsigned int i, bad = 0;

	expect_traps();
	for (i = 0; i < ARRAY_SIZE(below_top); i++)
		bad += try_stack(below_top[i], offset);
	return bad;
}

int main(int argc, char **argv)
{
	unsigned long offset;
	unsigned int n, good = 0;
	cpu_set_t set;

	setvbuf(stdout, NULL, _IOLBF, 0);
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);
	offset = cpu_offset();
	if (argc > 1 && !strcmp(argv[1], "step"))
		return step_with_watch(offset);
	if (argc > 1 && !strcmp(argv[1], "regs"))
		return watch_stacks(offset);
	printf("KTAP version 1\n1..%zu\n", ARRAY_SIZE(places));
	for (n = 0; n < ARRAY_SIZE(places); n++)
		good += check(n, offset);
	return good != ARRAY_SIZE(places);
}
