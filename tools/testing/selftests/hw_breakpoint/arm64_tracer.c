// SPDX-License-Identifier: GPL-2.0
/*
 * A task that is traced with ptrace and watched with perf. Neither may notice the
 * other. And what a new thread inherits of the step in which it is made.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <asm/ptrace.h>

#include "arm64.h"
#include "traced.h"

#define LOOPS	8

static volatile uint64_t word __attribute__((aligned(8)));

/* ---- the traced task ---- */

extern const char target[], after_target[], store_here[], after_store[];

static void __attribute__((noinline)) loop(void)
{
	asm volatile(".globl target, after_target, store_here, after_store\n"
		     "mov x9, %0\n"
		     "1:\n"
		     "target: nop\n"
		     "after_target: nop\n"
		     "store_here: str xzr, [%1]\n"
		     "after_store: nop\n"
		     "subs x9, x9, #1\n"
		     "b.ne 1b"
		     : : "i" (LOOPS), "r" (&word) : "x9", "memory", "cc");
}

/* ---- the tracer ---- */

static int go(pid_t pid, int how)
{
	int status;

	if (ptrace(how, pid, 0, 0))
		die("ptrace");
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	return status;
}

static int trapped(int status)
{
	return WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP;
}

static long pc(pid_t pid)
{
	struct user_pt_regs regs;
	struct iovec io = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &io))
		die("registers");
	return regs.pc;
}

/* The n-th watchpoint register; on: all of @word. */
static void set_watch(pid_t pid, int on)
{
	struct user_hwdebug_state state = { 0 };
	struct iovec io = {
		&state, offsetof(struct user_hwdebug_state, dbg_regs[1]),
	};

	state.dbg_regs[0].addr = (uintptr_t)&word;
	/* BAS, store, EL0, enabled */
	state.dbg_regs[0].ctrl = on ? 0xff << 5 | 2 << 3 | 2 << 1 | 1 : 0;
	if (ptrace(PTRACE_SETREGSET, pid, NT_ARM_HW_WATCH, &io))
		die("watchpoint registers");
}

/* A breakpoint that sends SIGTRAP as rr's do. */
static int open_signalling(pid_t pid, const char *addr)
{
	struct f_owner_ex owner = { F_OWNER_TID, pid };
	struct perf_event_attr attr;
	int fd;

	bp_attr(&attr, HW_BREAKPOINT_X);
	attr.bp_addr = (uintptr_t)addr;
	attr.sample_period = 1;
	attr.wakeup_events = 1;
	fd = must(bp_open_attr(&attr, pid, -1), "perf_event_open");
	if (fcntl(fd, F_SETOWN_EX, &owner) || fcntl(fd, F_SETSIG, SIGTRAP) ||
	    fcntl(fd, F_SETFL, O_ASYNC))
		die("fcntl");
	return fd;
}

/* ---- tests ---- */

static int step_after_stop(void)
{
	pid_t pid = start_traced(loop);
	int status, good, fd = open_signalling(pid, target);

	status = go(pid, PTRACE_CONT);
	good = trapped(status) && same("stop", pc(pid), (long)target);
	status = good ? go(pid, PTRACE_SINGLESTEP) : status;
	if (!trapped(status))
		printf("# the step did not stop, status %#x\n", status);
	good = good && trapped(status) &&
	       same("step", pc(pid), (long)after_target);
	end_traced(pid);
	close(fd);
	return good;
}

static int steps_through(void)
{
	pid_t pid = start_traced(loop);
	int i, good = 1, fd = must(open_at(HW_BREAKPOINT_X, target, 4, pid, -1),
				   "perf_event_open");

	/* until it is past the last loop */
	for (i = 0; i < 10000 && good; i++) {
		int status = go(pid, PTRACE_SINGLESTEP);

		if (WIFEXITED(status))
			break;
		good = trapped(status);
	}
	if (i == 10000)
		end_traced(pid);
	return good & same("hits", hits(fd), LOOPS);
}

/* Each time round it stops. */
static int goes_on(void)
{
	pid_t pid = start_traced(loop);
	int i, fd = open_signalling(pid, target);

	for (i = 0; i < LOOPS + 1; i++) {
		int status = go(pid, PTRACE_CONT);

		if (WIFEXITED(status))
			break;
	}
	if (i == LOOPS + 1)
		end_traced(pid);
	close(fd);
	return same("stops", i, LOOPS);
}

/* The tracer takes its watchpoint away, steps and puts it back, as gdb does. */
static int stop_and_step(pid_t pid)
{
	if (!trapped(go(pid, PTRACE_CONT)) ||
	    !same("stop", pc(pid), (long)store_here))
		return 0;
	set_watch(pid, 0);
	if (!trapped(go(pid, PTRACE_SINGLESTEP)) ||
	    !same("step", pc(pid), (long)after_store))
		return 0;
	set_watch(pid, 1);
	return 1;
}

/* Slots are given in the order of the calls: tracers' events are pinned, too. */
static int watch_both(pid_t pid, int tracer_first)
{
	struct perf_event_attr attr;
	int fd;

	bp_attr(&attr, HW_BREAKPOINT_W);
	attr.bp_addr = (uintptr_t)&word;
	attr.bp_len = 8;
	attr.pinned = 1;
	if (tracer_first)
		set_watch(pid, 1);
	fd = must(bp_open_attr(&attr, pid, -1), "perf_event_open");
	set_watch(pid, 1);
	return fd;
}

static int finish(pid_t pid, int good)
{
	if (good)
		return WIFEXITED(go(pid, PTRACE_CONT));
	end_traced(pid);
	return 0;
}

static int both_step(int tracer_first)
{
	pid_t pid = start_traced(loop);
	int i, good = 1, fd = watch_both(pid, tracer_first);

	for (i = 0; i < LOOPS && good; i++)
		good = stop_and_step(pid);
	good = finish(pid, good);
	return good & same("hits", hits(fd), LOOPS);
}

/* The tracer takes its watchpoint away at the first stop and lets the task run. */
static int both_go_on(int tracer_first)
{
	pid_t pid = start_traced(loop);
	int good, fd = watch_both(pid, tracer_first);

	good = trapped(go(pid, PTRACE_CONT)) &&
	       same("stop", pc(pid), (long)store_here);
	if (good)
		set_watch(pid, 0);
	good = finish(pid, good);
	return good & same("hits", hits(fd), LOOPS);
}

/* ---- a thread that is made by an instruction which is stepped ---- */

#define CALLS		3

extern const char svc_here[];

/* @child: where a new thread goes that has a stack of its own, or NULL */
static long __attribute__((noinline, noclone)) do_svc(long nr, long flags, void *stack,
						      const volatile int *tid,
						      void (*child)(void))
{
	register long x8 asm("x8") = nr;
	register long x0 asm("x0") = flags;
	register void *x1 asm("x1") = stack;
	register long x2 asm("x2") = 0;
	register long x3 asm("x3") = 0;
	register const volatile int *x4 asm("x4") = tid;

	asm volatile(".globl svc_here\n"
		     "svc_here: svc #0\n"
		     "cbnz x0, 1f\n"
		     "cbz %[child], 1f\n"
		     "br %[child]\n"
		     "1:"
		     : "+r" (x0)
		     : "r" (x8), "r" (x1), "r" (x2), "r" (x3), "r" (x4), [child] "r" (child)
		     : "memory", "cc");
	return x0;
}

/* What the kernel clears when the thread has gone */
static volatile int thread;

static void calls(void)
{
	int i;

	for (i = 0; i < CALLS; i++)
		do_svc(SYS_getppid, 0, NULL, NULL, NULL);
}

static void run_thread(void)
{
	calls();
	syscall(SYS_exit, 0);
}

static void make_thread(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
		     CLONE_CHILD_CLEARTID;

	thread = 1;
	if (do_svc(SYS_clone, flags, stack + sizeof(stack), &thread, run_thread) < 0)
		die("clone");
	while (thread)
		usleep(1000);
}

static void make_child(long flags)
{
	long pid = do_svc(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL);

	if (!pid) {
		calls();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		die("clone");
}

static void fork_child(void)
{
	make_child(0);
}

static void vfork_child(void)
{
	make_child(CLONE_VM | CLONE_VFORK);
}

/* Each instruction counts once: that of the creator, and those of what it has made. */
static int born_in_step(void (*make)(void))
{
	struct perf_event_attr attr;
	int status, fd;
	pid_t pid = fork();

	if (!pid) {
		bp_attr(&attr, HW_BREAKPOINT_X);
		attr.bp_addr = (uintptr_t)svc_here;
		attr.inherit = 1;
		fd = must(bp_open_attr(&attr, 0, -1), "perf_event_open");
		make();
		_exit(!same("hits", hits(fd), 1 + CALLS));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("fork");
	if (!WIFEXITED(status))
		printf("# ended by signal %d\n", WTERMSIG(status));
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

int main(void)
{
	plan(10);
	result(step_after_stop(), "PTRACE_SINGLESTEP after a stop at a breakpoint of perf's");
	result(goes_on(), "PTRACE_CONT after a stop at a breakpoint of perf's");
	result(steps_through(), "PTRACE_SINGLESTEP over a breakpoint of perf's, control");
	result(both_step(0), "a word watched by perf and a tracer, who steps");
	result(both_step(1), "a word watched by a tracer, who steps, and perf");
	result(both_go_on(0), "a word watched by perf and a tracer, who goes on");
	result(both_go_on(1), "a word watched by a tracer, who goes on, and perf");
	result(born_in_step(fork_child), "a fork() that is stepped over");
	result(born_in_step(vfork_child), "a vfork() that is stepped over");
	result(born_in_step(make_thread), "a thread that is made by what is stepped over");
	return failed;
}
