/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Markers around what is measured. They do nothing but to tell QEMU's plugin in
 * tools/testing/hw_breakpoint/plugin, if it is there, where to count; the name of
 * what comes, 16 characters, is in two registers.
 */
#ifndef _BENCH_MARK_H
#define _BENCH_MARK_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#include <string.h>
#endif

#if defined(__x86_64__)

static inline void mark_begin(const uint64_t name[2])
{
	asm volatile(".byte 0x0f, 0x1f, 0x80, 'b', 'B', 'W', 'H'"
		     :: "a"(name[0]), "d"(name[1]) : "memory");
}

static inline void mark_end(void)
{
	asm volatile(".byte 0x0f, 0x1f, 0x80, 'e', 'B', 'W', 'H'" ::: "memory");
}

#elif defined(__aarch64__)

static inline void mark_begin(const uint64_t name[2])
{
	register uint64_t x0 asm("x0") = name[0];
	register uint64_t x1 asm("x1") = name[1];

	asm volatile("movz xzr, #0x4862, lsl #48" :: "r"(x0), "r"(x1) : "memory");
}

static inline void mark_end(void)
{
	asm volatile("movz xzr, #0x4865, lsl #48" ::: "memory");
}

#else
#error no markers for this architecture
#endif

#endif
