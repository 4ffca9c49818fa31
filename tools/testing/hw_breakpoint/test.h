/* SPDX-License-Identifier: GPL-2.0 */
/* What the host tests share: KTAP, random numbers, the register file. */
#ifndef _HWBP_TEST_H
#define _HWBP_TEST_H

#include <linux/hw_breakpoint.h>
#include <linux/hw_breakpoint_arch.h>
#include "../../../kernel/events/hw_breakpoint/internal.h"
#include "../../../kernel/events/reserve.h"

#ifndef SHIM_OLD
/* How often the master register is written when the address of a live slot changes. */
static inline unsigned int master_writes(void)
{
	static const struct hwbp_image image;

	return arch_hwbp_changes_at_once(&image, &image) ? 0 : 2;
}
#endif

/* ---- main.c ---- */

struct test {
	const char	*name;
	void		(*run)(void);
};

extern const struct test tests[];
extern unsigned long test_seed, test_steps;
/* Says more about what fails, if it is set. */
extern void (*test_where)(void);

void test_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define FAIL(...)		test_fail(__FILE__, __LINE__, __VA_ARGS__)
#define EXPECT(c)		((c) ? (void)0 : FAIL("expected: %s", #c))
#define EXPECT_EQ(a, b) do {					\
	long _a = (a), _b = (b);				\
	if (_a != _b)						\
		FAIL("%s is %ld, expected %s = %ld", #a, _a, #b, _b); \
} while (0)

/* A generator for each thread. */
extern __thread u64 random_state;
unsigned int random_below(unsigned int n);

/* ---- regs-*.c: the debug registers of every CPU ---- */

/* A set of accesses, as a program sees it: what an event or a slot watches. */
struct watch {
	u64	addr;
	u64	len;
	u32	type;
};

bool same_watch(const struct watch *a, const struct watch *b);
/* Fails if @w is not one of the @n. */
void take_out(struct watch *set, int *n, const struct watch *w);

/* Opens @bp in @ctx, for any CPU or for @cpu: a breakpoint, or a copy of @original. */
void test_open(struct perf_event *bp, struct perf_event_context *ctx, int cpu,
	       struct perf_event *original);
/* What perf does when it links a copy that is attached; of another event nothing. */
int test_join(struct perf_event *copy);

/* Registers written on a CPU since regs_count_reset(). */
struct regs_count {
	unsigned int	master;
	unsigned int	addr;
	unsigned int	ctrl;
	unsigned int	read;
};

#define REGS_MAX	32

void regs_init(void);
/* What fires on this CPU, from the registers alone. Return: how many. */
int regs_armed(struct watch *w);
/* The same at any moment: what else must be true in the end need not be yet. */
int regs_may_fire(struct watch *w);
/* The same of one slot. */
bool regs_slot_armed(int slot, struct watch *w);
/* What an event with these attributes shall watch. */
struct watch regs_expected(const struct perf_event_attr *attr);
/* Attributes that parse; few different ones, so that they come again. */
void regs_random_attr(struct perf_event_attr *attr);
/* Does the back end take them? */
static inline bool regs_parses(const struct perf_event_attr *attr)
{
	struct perf_event bp = { .attr = *attr };
	struct arch_hw_breakpoint hw = { };

	return !hw_breakpoint_arch_parse(&bp, attr, &hw);
}

/* The n-th of a row of different data watchpoints. */
void regs_attr(struct perf_event_attr *attr, int n);

/* The same in the kernel's half, where debuggers watch. */
void regs_kernel_attr(struct perf_event_attr *attr, int n);
/* regs_random_attr() there. */
void regs_random_kernel_attr(struct perf_event_attr *attr);

/* Does it hit if somebody writes there now? On x86 DR6 says so from then on. */
bool regs_access(u64 addr);
/* Are hits reported in these tests? */
bool regs_reports(void);

/* What an NMI does to the registers by itself; @flags: what entry returned. */
unsigned long regs_nmi_enter(void);
void regs_nmi_leave(unsigned long flags);
/* Does this CPU take none for the moment? */
bool regs_masked(void);

/* Somebody else writes this CPU's slot registers; they do not fire. */
void regs_scramble(void);
/* All registers of this CPU are lost, as in a suspend, or after a guest ran. */
void regs_lose(void);
/* x86: somebody else arms a slot that has no owner. */
void regs_meddle(void);
/* This CPU's registers after power-on. */
void regs_power_on(void);
/* The back end's way to write all again. */
void regs_restore(void);
/* Until the next call writing what is there already is allowed, or not. */
void regs_allow_same(bool allow);
struct regs_count regs_count(void);
void regs_count_reset(void);

/**
 * struct guest - a guest and its slot registers
 * @image: what they hold
 * @enabled: slots that it has enabled
 * @owns: it can read and write all slots of @slots without an exit
 * @encrypted: so it can always, and nobody can read what it leaves in them (x86)
 * @switched: it has others, and its exit leaves those of the CPU cleared (x86: TDX)
 * @kept: what KVM keeps of a vCPU from one run to the next (x86)
 * @hit: DR6 of its #DB, as the hardware has it (x86)
 * @told: and as the guest is shown it
 */
struct guest {
	struct hwbp_image	image[REGS_MAX];
	u32			enabled;
	bool			owns;
	bool			encrypted;
	bool			switched;
	u32			kept;
	unsigned long		hit;
	unsigned long		told;
};

/* Breakpoints of the guest's own, in slots from the first on, or in any. */
void regs_guest(struct guest *g, int n);
void regs_random_guest(struct guest *g);
/*
 * It runs on this CPU: fails unless its own registers are there, all if it can read
 * them, and nothing of the host's may fire, in it or on the way. One that owns them
 * leaves others in @g.
 */
void regs_run_guest(struct guest *g);

/* stepped.c */
void stepped_guest(struct guest *g);
/* The vCPU is put: no more guests for the moment. */
void stepped_put(void);
void stepped_restore(void);
unsigned int stepped_writes(u64 addr, unsigned int n);

#endif
