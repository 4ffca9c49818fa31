// SPDX-License-Identifier: GPL-2.0
/*
 * One instruction that hits several breakpoints: each counts once.
 */
#include <asm/hwcap.h>
#include <sys/auxv.h>

#include "arm64.h"

#define ROUNDS	100

static volatile uint64_t words[64] __attribute__((aligned(512)));

/* ---- instructions, each once in a round ---- */

static void store_pair(void)
{
	asm volatile("stp xzr, xzr, [%0]" : : "r" (words) : "memory");
}

static void load_pair(void)
{
	asm volatile("ldp x9, x10, [%0]" : : "r" (words) : "x9", "x10", "memory");
}

static void store_vectors(void)
{
	asm volatile("st1 {v0.16b-v3.16b}, [%0]" : : "r" (words) : "memory");
}

static void exchange(void)
{
	asm volatile(".arch_extension lse\n\tswp x9, x10, [%0]"
		     : : "r" (words) : "x9", "x10", "memory");
}

static void __attribute__((noinline)) store(void)
{
	asm volatile(".globl store_here\n"
		     "store_here: str xzr, [%0]" : : "r" (words) : "memory");
}

extern const char store_here[];

/* ---- tests ---- */

static int repeated(void (*instruction)(void), const int *fd, int n)
{
	int i, good = 1;

	for (i = 0; i < ROUNDS; i++)
		instruction();
	for (i = 0; i < n; i++)
		good &= same("hits", hits(fd[i]), ROUNDS);
	return good;
}

static int two_words(void (*instruction)(void), int type)
{
	int fd[] = { watch(type, &words[0], 8), watch(type, &words[1], 8) };

	return repeated(instruction, fd, 2);
}

static int four_words(void)
{
	int fd[] = {
		watch(HW_BREAKPOINT_W, &words[0], 8),
		watch(HW_BREAKPOINT_W, &words[2], 8),
		watch(HW_BREAKPOINT_W, &words[5], 8),
		watch(HW_BREAKPOINT_W, &words[7], 8),
	};

	return repeated(store_vectors, fd, 4);
}

static int halves_of_a_word(void)
{
	int fd[] = {
		watch(HW_BREAKPOINT_W, words, 4),
		watch(HW_BREAKPOINT_W, (char *)words + 4, 4),
	};

	return repeated(store, fd, 2);
}

static int twice_the_same(void)
{
	int fd[] = {
		watch(HW_BREAKPOINT_W, words, 8),
		watch(HW_BREAKPOINT_W, words, 8),
	};

	return repeated(store, fd, 2);
}

static int break_and_write(void)
{
	int fd[] = {
		watch(HW_BREAKPOINT_X, store_here, 4),
		watch(HW_BREAKPOINT_W, words, 8),
	};

	return repeated(store, fd, 2);
}

static int read_and_write(void)
{
	int fd[] = {
		watch(HW_BREAKPOINT_R, words, 8),
		watch(HW_BREAKPOINT_W, words, 8),
	};

	return repeated(exchange, fd, 2);
}

static void test_read_and_write(void)
{
	const char *name = "swp of a word watched for both";

	if (getauxval(AT_HWCAP) & HWCAP_ATOMICS)
		result(read_and_write(), name);
	else
		printf("ok %d %s # SKIP no atomic instructions\n", ++number, name);
}

int main(void)
{
	plan(7);
	result(two_words(store_pair, HW_BREAKPOINT_W), "stp to two watched words");
	result(two_words(load_pair, HW_BREAKPOINT_R), "ldp from two watched words");
	result(four_words(), "st1 to four watched words");
	result(halves_of_a_word(), "str to two watched halves");
	test_read_and_write();
	result(twice_the_same(), "two on one word, control");
	result(break_and_write(), "break and write, control");
	return failed;
}
