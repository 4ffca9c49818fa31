// SPDX-License-Identifier: GPL-2.0
/*
 * What a debugger does to a thread: stop it, set a watchpoint, move that.
 * On x86 a move is one POKEUSER of DR0, on arm64 one SETREGSET.
 */
#include <elf.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "bench.h"

static long words[2];

void tracee_stop(pid_t tid)
{
	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) || ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) ||
	    waitpid(tid, NULL, __WALL) != tid)
		fail("cannot stop thread %d", tid);
}

#if defined(__x86_64__)

#include <sys/user.h>

#define DR0_WRITE_8	0x90001UL	/* DR7: local, on writes, 8 bytes */

static void poke(pid_t tid, int n, unsigned long value)
{
	if (ptrace(PTRACE_POKEUSER, tid, offsetof(struct user, u_debugreg[n]), value))
		fail("cannot set DR%d of thread %d", n, tid);
}

void tracee_set(pid_t tid)
{
	poke(tid, 0, (unsigned long)&words[0]);
	poke(tid, 7, DR0_WRITE_8);
}

void tracee_move(pid_t tid, int i)
{
	poke(tid, 0, (unsigned long)&words[i & 1]);
}

void tracee_clear(pid_t tid)
{
	poke(tid, 7, 0);
	ptrace(PTRACE_DETACH, tid, NULL, NULL);
}

#elif defined(__aarch64__)

#include <asm/ptrace.h>

#define WRITE_8		0x1ff5		/* DBGWCR: enabled, EL0, on writes, 8 bytes */
#define DISABLED	0x1ff4

static void set(pid_t tid, const long *word, unsigned int control)
{
	struct user_hwdebug_state state = { 0 };
	struct iovec iov = { &state, offsetof(struct user_hwdebug_state, dbg_regs[1]) };

	state.dbg_regs[0].addr = (unsigned long)word;
	state.dbg_regs[0].ctrl = control;
	if (ptrace(PTRACE_SETREGSET, tid, NT_ARM_HW_WATCH, &iov))
		fail("cannot set a watchpoint of thread %d", tid);
}

void tracee_set(pid_t tid)
{
	set(tid, &words[0], WRITE_8);
}

void tracee_move(pid_t tid, int i)
{
	set(tid, &words[i & 1], WRITE_8);
}

void tracee_clear(pid_t tid)
{
	set(tid, &words[0], DISABLED);
	ptrace(PTRACE_DETACH, tid, NULL, NULL);
}

#endif
