// SPDX-License-Identifier: GPL-2.0
/*
 * Words side by side, each watched and stored to in turn: each counts its own stores, in
 * whatever order the events were opened and the words are written.
 *
 *	side_by_side [--bare]
 *
 * QEMU's emulation of x86 (TCG, 10.0) cannot do that: its DR6 names a watchpoint again, with
 * the next one that is hit, until a store to a page with a watchpoint has hit none. There
 * another word of the page, which nobody watches, is written after each. --bare: there
 * neither.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

#include "bp.h"

#define WORDS	4
#define ROUNDS	6

/* Each case has words of its own, which no register can hold from before. */
static volatile uint64_t page[512] __attribute__((aligned(4096)));
/* Nobody watches it. */
static volatile uint64_t *const other = &page[511];

static const struct order {
	const char *name;
	int of[WORDS];
} orders[] = {
	{ "rising", { 0, 1, 2, 3 } },
	{ "falling", { 3, 2, 1, 0 } },
	{ "mixed", { 2, 3, 0, 1 } },
};

/* How many of the words can be watched at once, and whether @other is to be written */
static int words;
static bool between;

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static bool emulated_by_qemu(void)
{
#ifdef __x86_64__
	unsigned int eax, ebx, ecx, edx;

	__cpuid(1, eax, ebx, ecx, edx);
	if (!(ecx >> 31))
		return false;
	__cpuid(0x40000000, eax, ebx, ecx, edx);
	/* "TCGTCGTCGTCG" */
	return ebx == 0x54474354 && ecx == 0x43544743 && edx == 0x47435447;
#else
	return false;
#endif
}

static int watch(volatile uint64_t *word)
{
	struct perf_event_attr attr;
	int fd;

	bp_attr(&attr, HW_BREAKPOINT_W);
	attr.bp_addr = (uintptr_t)word;
	attr.bp_len = sizeof(*word);
	fd = bp_open_attr(&attr, 0, -1);
	if (fd < 0) {
		errno = -fd;
		die("perf_event_open");
	}
	return fd;
}

static uint64_t hits(int fd)
{
	uint64_t n;

	if (read(fd, &n, sizeof(n)) != sizeof(n))
		die("read");
	close(fd);
	return n;
}

static void store(volatile uint64_t *word, const struct order *order)
{
	int i;

	for (i = 0; i < WORDS; i++) {
		if (order->of[i] >= words)
			continue;
		word[order->of[i]] = i;
		if (between)
			*other = i;
	}
}

static bool counted(volatile uint64_t *word, const struct order *opening,
		    const struct order *writing)
{
	int fd[WORDS], i;
	uint64_t n;
	bool right = true;

	for (i = 0; i < WORDS; i++) {
		if (opening->of[i] < words)
			fd[opening->of[i]] = watch(&word[opening->of[i]]);
	}
	for (i = 0; i < ROUNDS; i++)
		store(word, writing);
	for (i = 0; i < words; i++) {
		n = hits(fd[i]);
		if (n != ROUNDS)
			printf("# word %d: %lu hits, expected %d\n", i, (unsigned long)n, ROUNDS);
		right &= n == ROUNDS;
	}
	return right;
}

int main(int argc, char **argv)
{
	bool bare = argc > 1 && !strcmp(argv[1], "--bare"), failed = false, right;
	unsigned int o, w, n = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	between = !bare && emulated_by_qemu();
	words = bp_room(HW_BREAKPOINT_W, 0, -1, WORDS);
	printf("KTAP version 1\n1..%zu\n", ARRAY_SIZE(orders) * 2);
	printf("# %d words%s\n", words, between ? ", and another one after each" : "");
	for (o = 0; o < ARRAY_SIZE(orders); o++) {
		for (w = 0; w < 2; w++, n++) {
			right = words > 1 &&
				counted(&page[n * WORDS], &orders[o], &orders[w]);
			printf("%s %u opened %s, written %s, control\n",
			       right ? "ok" : "not ok", n + 1, orders[o].name, orders[w].name);
			failed |= !right;
		}
	}
	return failed;
}
