// SPDX-License-Identifier: GPL-2.0
/*
 * The functions that gcc calls for each access with -fsanitize=thread, see lines.h. Accesses
 * are those of the CPU that shim_cpu says; there is one thread.
 */
#include "lines.h"

#define LINE_SHIFT	6
/* A table of twice as many as are used */
#define LINES		BIT(16)
#define STACK		(1UL << 20)

unsigned int lines_shared;

static struct line {
	unsigned long number;
	/* the CPU that has written it last, and those that have read it since, as bits */
	unsigned int users;
} lines[LINES];

static bool started;

void lines_start(void)
{
	memset(lines, 0, sizeof(lines));
	lines_shared = 0;
	started = true;
}

static struct line *find_line(unsigned long number)
{
	unsigned long i = number * 0x9e3779b97f4a7c15UL >> 48;

	while (lines[i].number && lines[i].number != number)
		i = (i + 1) % LINES;
	lines[i].number = number;
	return &lines[i];
}

/* A CPU's stack is nobody else's. */
static bool is_stack(unsigned long addr)
{
	unsigned long here = (unsigned long)__builtin_frame_address(0);

	return addr > here - STACK && addr < here + STACK;
}

/* Nor are its flags and its number, which are the only thread's here. */
static bool is_thread(unsigned long addr)
{
	return addr >> LINE_SHIFT == (unsigned long)&shim_irqs_off >> LINE_SHIFT ||
	       addr >> LINE_SHIFT == (unsigned long)&shim_cpu >> LINE_SHIFT;
}

static void accessed(const volatile void *at, bool writes)
{
	struct line *line;

	if (!started || is_stack((unsigned long)at) || is_thread((unsigned long)at))
		return;
	line = find_line((unsigned long)at >> LINE_SHIFT);
	lines_shared += writes && (line->users & ~BIT(shim_cpu));
	line->users = (writes ? 0 : line->users) | BIT(shim_cpu);
}

void __tsan_init(void) { }
void __tsan_func_entry(void *pc) { }
void __tsan_func_exit(void) { }

#define PLAIN(n)							\
	void __tsan_read##n(void *at) { accessed(at, false); }		\
	void __tsan_write##n(void *at) { accessed(at, true); }		\
	void __tsan_unaligned_read##n(void *at) { accessed(at, false); }	\
	void __tsan_unaligned_write##n(void *at) { accessed(at, true); }

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

void __tsan_read_range(void *at, unsigned long n) { accessed(at, false); }
void __tsan_write_range(void *at, unsigned long n) { accessed(at, true); }

#define ATOMIC(bits, type)						\
type __tsan_atomic##bits##_load(const volatile type *at, int order)	\
{									\
	accessed(at, false);						\
	return *at;							\
}									\
void __tsan_atomic##bits##_store(volatile type *at, type value, int order) \
{									\
	accessed(at, true);						\
	*at = value;							\
}									\
type __tsan_atomic##bits##_exchange(volatile type *at, type value, int order) \
{									\
	type old = *at;							\
									\
	accessed(at, true);						\
	*at = value;							\
	return old;							\
}									\
int __tsan_atomic##bits##_compare_exchange_strong(volatile type *at, type *old, \
						  type value, int good, int bad) \
{									\
	bool same = *at == *old;					\
									\
	accessed(at, true);						\
	if (same)							\
		*at = value;						\
	else								\
		*old = *at;						\
	return same;							\
}									\
int __tsan_atomic##bits##_compare_exchange_weak(volatile type *at, type *old, \
						type value, int good, int bad) \
{									\
	return __tsan_atomic##bits##_compare_exchange_strong(at, old, value, good, bad); \
}

#define FETCH(bits, type, name, op)					\
type __tsan_atomic##bits##_fetch_##name(volatile type *at, type value, int order) \
{									\
	type old = *at;							\
									\
	accessed(at, true);						\
	*at = old op value;						\
	return old;							\
}

#define ALL(bits, type)		\
	ATOMIC(bits, type)	\
	FETCH(bits, type, add, +) \
	FETCH(bits, type, sub, -) \
	FETCH(bits, type, and, &) \
	FETCH(bits, type, or, |) \
	FETCH(bits, type, xor, ^)

ALL(8, u8)
ALL(16, u16)
ALL(32, u32)
ALL(64, u64)

void __tsan_atomic_thread_fence(int order) { }
void __tsan_atomic_signal_fence(int order) { }
