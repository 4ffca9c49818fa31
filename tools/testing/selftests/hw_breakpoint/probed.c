// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints on an instruction that has a probe, too: both count, once for each time that
 * the instruction is executed, and a tracer is told once.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

#ifdef __aarch64__
#include <asm/ptrace.h>
#endif

#include "ktap.h"
#include "probe.h"
#include "traced.h"

#define LOOPS		10
/* no test takes so many stops or steps */
#define MANY		1000

static volatile uint64_t word __attribute__((aligned(8)));

/* ---- the traced task ---- */

extern const char store_here[], after_store[], nop_here[], after_nop[], end_here[];

static void __attribute__((noinline)) loop(void)
{
#ifdef __aarch64__
	asm volatile(".globl store_here, after_store, nop_here, after_nop, end_here\n"
		     "mov x9, %0\n"
		     "1:\n"
		     "store_here: str x9, [%1]\n"
		     "after_store: nop\n"
		     "nop_here: nop\n"
		     "after_nop: subs x9, x9, #1\n"
		     "b.ne 1b\n"
		     "end_here: nop"
		     : : "i" (LOOPS), "r" (&word) : "x9", "memory", "cc");
#else
	asm volatile(".globl store_here, after_store, nop_here, after_nop, end_here\n"
		     "mov %0, %%ecx\n"
		     "1:\n"
		     "store_here: mov %%rcx, (%1)\n"
		     "after_store: nop\n"
		     "nop_here: nop\n"
		     "after_nop: dec %%ecx\n"
		     "jnz 1b\n"
		     "end_here: nop"
		     : : "i" (LOOPS), "r" (&word) : "rcx", "memory", "cc");
#endif
}

/* ---- the tracer ---- */

/* A task that runs on and on is killed; what it says then is no stop. */
static int wait_for(pid_t pid)
{
	struct timespec t = { .tv_nsec = 1000000 };
	int i, status;

	for (i = 0; i < 5000; i++) {
		if (waitpid(pid, &status, WNOHANG | __WALL) == pid)
			return status;
		nanosleep(&t, NULL);
	}
	printf("# the task neither stops nor ends\n");
	kill(pid, SIGKILL);
	waitpid(pid, &status, __WALL);
	return status;
}

static int go(pid_t pid, int how)
{
	if (ptrace(how, pid, 0, 0))
		die("ptrace");
	return wait_for(pid);
}

static int trapped(int status)
{
	return WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP;
}

static void end(pid_t pid, int status)
{
	if (WIFSTOPPED(status)) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, __WALL);
	}
}

#ifdef __aarch64__

static long pc(pid_t pid)
{
	struct user_pt_regs regs;
	struct iovec io = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &io))
		die("registers");
	return regs.pc;
}

/* In the first register of its kind, or none; EL0, enabled. */
static void set_register(pid_t pid, int kind, const volatile void *addr, unsigned int ctrl)
{
	struct user_hwdebug_state state = { 0 };
	struct iovec io = { &state, offsetof(struct user_hwdebug_state, dbg_regs[1]) };

	state.dbg_regs[0].addr = (uintptr_t)addr;
	state.dbg_regs[0].ctrl = addr ? ctrl | 2 << 1 | 1 : 0;
	if (ptrace(PTRACE_SETREGSET, pid, kind, &io))
		die("debug registers");
}

static void set_watch(pid_t pid, const volatile void *addr)
{
	set_register(pid, NT_ARM_HW_WATCH, addr, 0xff << 5 | 2 << 3);
}

static void set_break(pid_t pid, const void *addr)
{
	set_register(pid, NT_ARM_HW_BREAK, addr, 0xf << 5);
}

#define HAS_RF	0
/* what the stock kernel does wrong there */
#define ARM64(text)	text
#define X86(text)	text ", control"

#else

static long pc(pid_t pid)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, pid, 0, &regs))
		die("registers");
	return regs.rip;
}

static long debugreg(pid_t pid, int n)
{
	return ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, u_debugreg[n]), 0);
}

static void set_register(pid_t pid, int n, const volatile void *addr, unsigned long ctrl)
{
	unsigned long dr7 = debugreg(pid, 7);

	dr7 &= ~(3UL << 2 * n | 0xfUL << (16 + 4 * n));
	if (ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]), dr7) ||
	    ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[n]), addr))
		die("debug registers");
	if (addr)
		dr7 |= 1UL << 2 * n | ctrl << (16 + 4 * n);
	if (ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]), dr7))
		die("DR7");
}

static void set_watch(pid_t pid, const volatile void *addr)
{
	set_register(pid, 0, addr, 0x9);
}

static void set_break(pid_t pid, const void *addr)
{
	set_register(pid, 1, addr, 0);
}

#define HAS_RF	1
#define ARM64(text)	text ", control"
#define X86(text)	text

#endif

/* ---- probes and perf's breakpoints ---- */

static int open_break(pid_t pid, const void *addr)
{
	struct perf_event_attr attr;

	bp_attr(&attr, HW_BREAKPOINT_X);
	attr.bp_addr = (uintptr_t)addr;
	return must(bp_open_attr(&attr, pid, -1), "a breakpoint");
}

static int open_watch(pid_t pid)
{
	struct perf_event_attr attr;

	bp_attr(&attr, HW_BREAKPOINT_W);
	attr.bp_addr = (uintptr_t)&word;
	attr.bp_len = 8;
	return must(bp_open_attr(&attr, pid, -1), "a watchpoint");
}

static int open_probe(pid_t pid, const void *addr)
{
	return must(uprobe_open(addr, pid), "a uprobe");
}

/* ---- tests ---- */

/* A tracer that takes its breakpoint away and steps the task over what has stopped it. */
static int step_over(pid_t pid, void (*set)(pid_t pid, const void *addr), const void *addr,
		     const char *after)
{
	int status;

	set(pid, NULL);
	status = go(pid, PTRACE_SINGLESTEP);
	if (trapped(status) && same("after the step at", pc(pid), (long)after))
		set(pid, addr);
	return status;
}

static void set_watch_const(pid_t pid, const void *addr)
{
	set_watch(pid, addr);
}

/* The tracer watches the word; @perf: so does perf. */
static int watched_store(int perf, int probed)
{
	int stops, status, fd = -1, probe = -1, good = 1;
	pid_t pid = start_traced(loop);

	set_watch(pid, &word);
	if (perf)
		fd = open_watch(pid);
	if (probed)
		probe = open_probe(pid, store_here);
	for (stops = 0; stops < MANY; stops++) {
		status = go(pid, PTRACE_CONT);
		if (!trapped(status))
			break;
		/* before the store only if it is not probed, and not on x86 */
		if (pc(pid) == (long)store_here)
			status = step_over(pid, set_watch_const, (void *)&word, after_store);
		else
			good &= same("stop", pc(pid), (long)after_store);
		if (!trapped(status))
			break;
	}
	good &= WIFEXITED(status);
	end(pid, status);
	good &= same("stops", stops, LOOPS);
	if (perf)
		good &= same("watched", hits(fd), LOOPS);
	if (probed)
		good &= same("probed", hits(probe), LOOPS);
	return good;
}

/* The tracer breaks where the probe is. */
static int break_at(const char *here, const char *after)
{
	pid_t pid = start_traced(loop);
	int stops, status, good = 1, probe = open_probe(pid, here);

	set_break(pid, here);
	for (stops = 0; stops < MANY; stops++) {
		status = go(pid, PTRACE_CONT);
		if (!trapped(status))
			break;
		good &= same("stop", pc(pid), (long)here);
		if (!HAS_RF)
			status = step_over(pid, set_break, here, after);
		if (!trapped(status))
			break;
	}
	good &= WIFEXITED(status);
	end(pid, status);
	return good & same("stops", stops, LOOPS) & same("probed", hits(probe), LOOPS);
}

/* perf's breakpoints alone: nobody is told. */
static int perf_counts(const char *here)
{
	pid_t pid = start_traced(loop);
	int status, probe = open_probe(pid, here), x = open_break(pid, here), w = open_watch(pid);

	status = go(pid, PTRACE_CONT);
	end(pid, status);
	return WIFEXITED(status) & same("executed", hits(x), LOOPS) &
	       same("watched", hits(w), LOOPS) & same("probed", hits(probe), LOOPS);
}

/* Five instructions each time round, whatever has been set on them. */
static int steps(const char *probed, int perf)
{
	int i, n = 0, status, good = 1, probe = -1, x = -1, w = -1;
	pid_t pid = start_traced(loop);

	if (probed)
		probe = open_probe(pid, probed);
	if (perf) {
		x = open_break(pid, probed);
		w = open_watch(pid);
	}
	/* until it is past the last loop */
	set_break(pid, store_here);
	status = go(pid, PTRACE_CONT);
	set_break(pid, NULL);
	for (i = 0; i < MANY && trapped(status) && pc(pid) != (long)end_here; i++, n++)
		status = go(pid, PTRACE_SINGLESTEP);
	good = trapped(status);
	if (good)
		status = go(pid, PTRACE_CONT);
	good &= WIFEXITED(status);
	end(pid, status);
	good &= same("steps", n, 5 * LOOPS);
	if (probed)
		good &= same("probed", hits(probe), LOOPS);
	if (perf)
		good &= same("executed", hits(x), LOOPS) & same("watched", hits(w), LOOPS);
	return good;
}

/* ---- the kernel ---- */

static int kernel_break(uint64_t addr)
{
	struct perf_event_attr attr;

	bp_attr(&attr, HW_BREAKPOINT_X);
	attr.bp_addr = addr;
	attr.exclude_kernel = 0;
	return must(bp_open_attr(&attr, -1, 0), "a breakpoint in the kernel");
}

#ifdef __aarch64__
#define GETPPID	"__arm64_sys_getppid"
#else
#define GETPPID	"__x64_sys_getppid"
#endif

/* In the middle of a function, too: the probe at its entry is not one of those that break. */
static int kprobed(int offset)
{
	uint64_t addr = kernel_symbol(GETPPID) + offset;
	int i, probe = kprobe_open(addr, 0), x;

	if (probe == -EINVAL || probe == -EILSEQ)
		return -1;
	must(probe, "a kprobe");
	x = kernel_break(addr);
	for (i = 0; i < LOOPS; i++)
		syscall(SYS_getppid);
	return same("executed", hits(x), LOOPS) & same("probed", hits(probe), LOOPS);
}

/* Wherever a probe can be; at least at two places. */
static int kprobes(void)
{
	int offset, good = 1, places = 0;

	if (stay_on_cpu_0())
		die("sched_setaffinity");
	for (offset = 0; offset < 16; offset++) {
		int ret = kprobed(offset);

		places += ret >= 0;
		good &= !!ret;
	}
	return good & (places >= 2);
}

/*
 * Without a word of the command line: what a store hits while it is stepped, which QEMU's x86
 * cannot do.
 */
int main(int argc, char **argv __attribute__((unused)))
{
	int stores = argc == 1;

	plan(6 + 6 * stores);
	result(break_at(store_here, after_store), ARM64("a tracer breaks at a probed store"));
	result(break_at(nop_here, after_nop), ARM64("a tracer breaks at a probed nop"));
	result(steps(NULL, 0), "a tracer steps, control");
	result(steps(store_here, 0), ARM64("a tracer steps through a probed store"));
	result(steps(nop_here, 0), ARM64("a tracer steps through a probed nop"));
	result(kprobes(), "breakpoints where kprobes are, control");
	if (!stores)
		return failed;
	result(watched_store(0, 0), "a tracer watches, control");
	result(watched_store(0, 1), "a tracer watches a word that a probed instruction stores");
	result(watched_store(1, 1), X86("so do a tracer and perf"));
	result(perf_counts(store_here), ARM64("perf breaks at a probed store and watches it"));
	result(steps(store_here, 1), ARM64("a tracer steps through what perf watches"));
	result(steps(nop_here, 1), ARM64("a tracer steps through a nop that perf breaks at"));
	return failed;
}
