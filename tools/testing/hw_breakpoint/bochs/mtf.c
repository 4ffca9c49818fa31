// SPDX-License-Identifier: GPL-2.0
/*
 * The monitor trap flag in Bochs 2.7: some CPU models say that they have it, and an entry of a
 * guest does not look at it. The loop of instructions knows the trap, which a hypervisor may
 * inject. Later releases use that at an entry with the flag, and so does this, in functions that
 * Bochs calls for its instrumentation. Behind an event that is injected the trap comes before the
 * next instruction (Intel SDM vol. 3, 26.5.2). If none is, it comes behind that: it pends once that
 * is begun.
 *
 * Where a CPU keeps what is pending is found out from what raising an interrupt changes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "count.h"
#include "patch.h"

#define BEFORE		"_Z25bx_instr_before_executionjP15bxInstruction_c"
#define CONTEXT		"_Z18bx_instr_tlb_cntrljjm"
#define EXIT		"_Z15bx_instr_vmexitjjm"
#define RAISE		"_ZN8BX_CPU_C10raise_INTREv"
#define CLEAR		"_ZN8BX_CPU_C10clear_INTREv"
#define CPUS		"bx_cpu_array"
#define VMREAD		"_ZN8BX_CPU_C8VMread32Ej"

#define CONTEXT_SWITCH	14	/* in which case it is called */

/* Of a CPU's 32-bit words: what is pending, what is masked, and whether to look, one by one */
#define WORDS		0x4000
#define PENDING_INTR	(1u << 10)
#define PENDING_MTF	(1u << 4)

/* Fields of the VMCS, and bits of theirs */
#define EXECUTION	0x4002
#define EXECUTION_MTF	(1u << 27)
#define INJECTION	0x4016
#define INJECTION_VALID	(1u << 31)

static uint32_t ***cpus;
static uint32_t (*vmread)(void *cpu, unsigned int field);
static unsigned int pending;	/* the word; 0: not found out yet */
/* Of each CPU: a trap comes behind its next instruction; it is on its way back to the host */
static struct {
	bool traps, leaves;
} state[256];	/* as many as Bochs can have */

/* Not while an interrupt pends anyway: nothing is changed by another. */
static void find_out(uint32_t *cpu)
{
	static uint32_t before[WORDS];
	unsigned int i;

	memcpy(before, cpu, sizeof(before));
	((void (*)(void *))must_find(RAISE))(cpu);
	for (i = 0; i < WORDS; i++) {
		if (cpu[i] != (before[i] | PENDING_INTR) || before[i] & PENDING_INTR)
			continue;
		((void (*)(void *))must_find(CLEAR))(cpu);
		pending = i;
		return;
	}
}

static void signal_trap(uint32_t *cpu)
{
	cpu[pending] |= PENDING_MTF;
	cpu[pending + 2] = 1;
}

/* It is called at exits, too. */
static void entered(unsigned int n, unsigned int what, uint64_t value)
{
	uint32_t *cpu = (*cpus)[n];

	(void)value;
	if (what != CONTEXT_SWITCH)
		return;
	if (state[n].leaves) {
		state[n].leaves = false;
		return;
	}
	if (!pending)
		find_out(cpu);
	state[n].traps = pending && vmread(cpu, EXECUTION) & EXECUTION_MTF;
	if (!state[n].traps || !(vmread(cpu, INJECTION) & INJECTION_VALID))
		return;
	state[n].traps = false;
	signal_trap(cpu);
}

static void left(unsigned int n, unsigned int reason, uint64_t qualification)
{
	(void)reason;
	(void)qualification;
	state[n].traps = false;
	state[n].leaves = true;
}

static void before(unsigned int n, const struct instruction *i)
{
	if (state[n].traps) {
		state[n].traps = false;
		signal_trap((*cpus)[n]);
	}
	count(i);
}

static void __attribute__((constructor)) start(void)
{
	/* other programs on the way to Bochs */
	if (!dlsym(RTLD_DEFAULT, CONTEXT))
		return;
	cpus = must_find(CPUS);
	vmread = must_find(VMREAD);
	redirect(must_find(CONTEXT), entered);
	redirect(must_find(EXIT), left);
	redirect(must_find(BEFORE), before);
}
