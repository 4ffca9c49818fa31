// SPDX-License-Identifier: GPL-2.0
/*
 * A tracer that writes all of a task's watchpoint registers at once, as gdb does: those that are
 * off and have never been on take no slot, and can be written when there is none.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <asm/ptrace.h>

#include "arm64.h"
#include "traced.h"

#define MOST	16

static volatile uint64_t words[MOST];

static void touch(void)
{
	words[0] = 1;
}

static int registers_of(pid_t pid)
{
	struct user_hwdebug_state state = { 0 };
	struct iovec io = { &state, sizeof(state) };

	if (ptrace(PTRACE_GETREGSET, pid, NT_ARM_HW_WATCH, &io))
		die("registers");
	return state.dbg_info & 0xff;
}

/* All @n registers have an address, and the first @on of them are on. Return: 0 or an error. */
static int write_all(pid_t pid, int n, int on)
{
	struct user_hwdebug_state state = { 0 };
	struct iovec io = { &state, offsetof(struct user_hwdebug_state, dbg_regs[n]) };
	int i;

	for (i = 0; i < n; i++) {
		state.dbg_regs[i].addr = (uintptr_t)&words[i];
		/* BAS, store, EL0, enabled */
		state.dbg_regs[i].ctrl = i < on ? 0xff << 5 | 2 << 3 | 2 << 1 | 1 : 0;
	}
	return ptrace(PTRACE_SETREGSET, pid, NT_ARM_HW_WATCH, &io) ? errno : 0;
}

/* perf has all slots of the task's but @left. */
static void beside_perf(int n, int left)
{
	pid_t pid = start_traced(touch);
	int fd[MOST], i;

	for (i = 0; i < n - left; i++)
		fd[i] = must(bp_open(HW_BREAKPOINT_W, pid, -1, 0), "perf_event_open");
	if (left) {
		result(same("one on", write_all(pid, n, 1), 0), "one that is on needs one slot");
	} else {
		result(same("all off", write_all(pid, n, 0), 0), "those that are off need none");
		result(same("one on", write_all(pid, n, 1), ENOSPC),
		       "one that is on is refused, control");
		result(same("all off", write_all(pid, n, 0), 0), "and can be taken back");
	}
	while (i--)
		close(fd[i]);
	end_traced(pid);
}

static void leaves_the_others(int n)
{
	pid_t pid = start_traced(touch);

	write_all(pid, n, 1);
	result(same("left", bp_room(HW_BREAKPOINT_W, pid, -1, MOST), n - 1),
	       "perf has those that the tracer has not");
	end_traced(pid);
}

/* Off, then on, then off again: it watches, and what is read is what was written. */
static void works(int n)
{
	struct user_hwdebug_state state = { 0 };
	struct iovec io = { &state, sizeof(state) };
	pid_t pid = start_traced(touch);
	int status;

	write_all(pid, n, 0);
	write_all(pid, n, 1);
	if (ptrace(PTRACE_GETREGSET, pid, NT_ARM_HW_WATCH, &io))
		die("registers");
	result(same("address", state.dbg_regs[0].addr == (uintptr_t)&words[0], 1) &
	       same("on", state.dbg_regs[0].ctrl & 1, 1), "what is on is read back, control");
	ptrace(PTRACE_CONT, pid, 0, 0);
	waitpid(pid, &status, 0);
	result(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP, "and hit, control");
	result(same("all off", write_all(pid, n, 0), 0), "and can be switched off, control");
	end_traced(pid);
}

int main(void)
{
	pid_t pid = start_traced(touch);
	int n = registers_of(pid);

	end_traced(pid);
	plan(8);
	beside_perf(n, 0);
	beside_perf(n, 1);
	leaves_the_others(n);
	works(n);
	return failed;
}
