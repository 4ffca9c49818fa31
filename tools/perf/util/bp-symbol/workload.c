// SPDX-License-Identifier: GPL-2.0
/*
 * The command that perf starts, while its events have no addresses yet.
 *
 * Where a program that can be loaded anywhere is, is known when it has been executed, and where
 * a library is, when it has been mapped. The kernel stops the command at these moments for its
 * tracer, which perf is until then: at the exec, before the program's first instruction, and at
 * the return from each mmap() of the dynamic linker, before it touches what it has mapped. The
 * events are open already and watch address 0, which nobody accesses; they are moved. When the
 * first system call is made outside the dynamic linker, all libraries have been loaded that the
 * program was linked with, and what has not been found is told and the command killed, before
 * that call.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <linux/ptrace.h>

#include "bp-symbol.h"
#include "util/debug.h"
#include "util/evlist.h"
#include "util/evsel.h"
#include "util/evsel_config.h"

#define SYSCALL_STOP	(SIGTRAP | 0x80)

/**
 * struct hold - the command while it is held
 * @evlist: events that wait for their addresses
 * @pid: its process
 * @program: file that it has executed
 * @linker: the dynamic linker's file, or ""
 * @executed: it is the program, no longer perf's child
 * @loaded: no library will come
 */
struct hold {
	struct evlist	*evlist;
	pid_t		pid;
	char		program[PATH_MAX];
	char		linker[PATH_MAX];
	bool		executed;
	bool		loaded;
};

static bool waits(struct evsel *evsel)
{
	struct evsel_config_term *term = evsel__bp_term(evsel);

	return term && term->weak && !evsel->core.attr.bp_addr;
}

static struct evsel *first_waiting(struct evlist *evlist)
{
	struct evsel *evsel;

	evlist__for_each_entry(evlist, evsel)
		if (waits(evsel))
			return evsel;
	return NULL;
}

/**
 * evlist__unaim_breakpoints() - forget addresses of an earlier run of the command
 * @evlist: the events, which are not open
 */
void evlist__unaim_breakpoints(struct evlist *evlist)
{
	struct evsel *evsel;
	struct evsel_config_term *term;

	evlist__for_each_entry(evlist, evsel) {
		term = evsel__bp_term(evsel);
		if (term && term->weak)
			evsel->core.attr.bp_addr = 0;
	}
}

/* ---- the events ---- */

static int find(const struct hold *hold, const struct bp_symbol *sym, struct bp_place *place)
{
	int found = bp_symbol__in_program(sym, hold->pid, place);

	if (found || !hold->linker[0])
		return found;
	return bp_symbol__in_libraries(sym, hold->pid, hold->loaded ? "" : hold->linker, place);
}

static int unknown(const struct hold *hold, const struct bp_symbol *sym)
{
	struct bp_place kernel;

	bp_symbol__in_kernel(sym, &kernel);
	return bp_symbol__unknown(sym, hold->program, kernel.hidden);
}

static int aim(const struct hold *hold, struct evsel *evsel)
{
	struct bp_place place;
	struct bp_symbol sym;
	int found, err = bp_symbol__parse(&sym, evsel__bp_term(evsel)->val.str);

	if (err)
		return err;
	found = find(hold, &sym, &place);
	if (found > 0)
		err = evsel__aim_breakpoint(evsel, &sym, &place) ?: evsel__move_breakpoint(evsel);
	else
		err = found ?: hold->loaded ? unknown(hold, &sym) : 0;
	bp_symbol__exit(&sym);
	return err;
}

/* All that can be found now */
static int aim_all(const struct hold *hold)
{
	struct evsel *evsel;
	int err = 0;

	evlist__for_each_entry(hold->evlist, evsel)
		if (!err && waits(evsel))
			err = aim(hold, evsel);
	return err;
}

/* ---- the command ---- */

static bool is_outside(const struct hold *hold)
{
	struct ptrace_syscall_info info = { };

	if (ptrace(PTRACE_GET_SYSCALL_INFO, hold->pid, sizeof(info), &info) <= 0)
		return false;
	return info.op == PTRACE_SYSCALL_INFO_ENTRY &&
	       !bp_process__runs_in(hold->pid, info.instruction_pointer, hold->linker);
}

static int at_exec(struct hold *hold)
{
	hold->executed = true;
	bp_process__program(hold->pid, hold->program, sizeof(hold->program));
	hold->loaded = !bp_process__interpreter(hold->pid, hold->linker, sizeof(hold->linker));
	return aim_all(hold);
}

static int at_syscall(struct hold *hold)
{
	hold->loaded = is_outside(hold);
	return aim_all(hold);
}

static bool stops_a_group(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

static void go_on(const struct hold *hold, int sig)
{
	ptrace(hold->executed ? PTRACE_SYSCALL : PTRACE_CONT, hold->pid, NULL, (long)sig);
}

/* Returns whether it has stopped; what it leaves when it ends is for the caller of perf's. */
static bool wait_for_stop(pid_t pid, int *status)
{
	siginfo_t info = { };

	while (waitid(P_PID, pid, &info, WEXITED | WSTOPPED | WNOWAIT))
		if (errno != EINTR)
			return false;
	if (info.si_code == CLD_EXITED || info.si_code == CLD_KILLED ||
	    info.si_code == CLD_DUMPED)
		return false;
	while (waitpid(pid, status, __WALL) < 0)
		if (errno != EINTR)
			return false;
	return true;
}

static int handle_stop(struct hold *hold, int status)
{
	int sig = WSTOPSIG(status), event = status >> 16, err = 0;

	if (event == PTRACE_EVENT_STOP && stops_a_group(sig)) {
		ptrace(PTRACE_LISTEN, hold->pid, NULL, NULL);
		return 0;
	}
	if (event == PTRACE_EVENT_EXEC)
		err = at_exec(hold);
	else if (sig == SYSCALL_STOP && hold->executed)
		err = at_syscall(hold);
	if (!err && first_waiting(hold->evlist))
		go_on(hold, event || sig == SYSCALL_STOP ? 0 : sig);
	return err;
}

/* It could not be executed, which is told elsewhere, or it has ended before all was found. */
static int has_ended(const struct hold *hold)
{
	struct evsel *evsel = first_waiting(hold->evlist);

	if (!hold->executed)
		return 0;
	pr_err("%s ended before %s was found\n", hold->program, evsel__name(evsel));
	return -ENOENT;
}

static int follow(struct hold *hold)
{
	int status, err = 0;

	while (!err && first_waiting(hold->evlist)) {
		if (!wait_for_stop(hold->pid, &status))
			return has_ended(hold);
		err = handle_stop(hold, status);
	}
	if (err)
		kill(hold->pid, SIGKILL);
	ptrace(PTRACE_DETACH, hold->pid, NULL, NULL);
	return err;
}

/* A command that stops must not look as if it had ended. */
static void ignore_stops(bool ignore)
{
	struct sigaction action;

	sigaction(SIGCHLD, NULL, &action);
	if (ignore)
		action.sa_flags |= SA_NOCLDSTOP;
	else
		action.sa_flags &= ~SA_NOCLDSTOP;
	sigaction(SIGCHLD, &action, NULL);
}

/**
 * evlist__hold_workload() - before the command is let go
 * @evlist: the events
 * @pid: perf's child that will be the command
 *
 * Return: 0 or -1, which has been told.
 */
int evlist__hold_workload(struct evlist *evlist, pid_t pid)
{
	struct evsel *evsel = first_waiting(evlist);
	long options = PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD;

	if (!evsel)
		return 0;
	ignore_stops(true);
	if (!ptrace(PTRACE_SEIZE, pid, NULL, options))
		return 0;
	ignore_stops(false);
	pr_err("Cannot hold the command until it is known where %s is: ptrace: %s\n",
	       evsel__name(evsel), strerror(errno));
	return -1;
}

/**
 * evlist__aim_workload() - when the command has been let go, see that the events find it
 * @evlist: the events
 * @pid: the same process
 *
 * Return: 0; after -1, which has been told, the command has been killed.
 */
int evlist__aim_workload(struct evlist *evlist, pid_t pid)
{
	struct hold hold = { .evlist = evlist, .pid = pid };
	int err;

	if (!first_waiting(evlist))
		return 0;
	err = follow(&hold);
	ignore_stops(false);
	return err ? -1 : 0;
}
