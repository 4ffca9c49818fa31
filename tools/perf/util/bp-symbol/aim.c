// SPDX-License-Identifier: GPL-2.0
/*
 * Where the breakpoints of a command line are, as far as that can be said before the command
 * runs.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <api/fs/fs.h>
#include <internal/xyarray.h>
#include <linux/hw_breakpoint.h>
#include <linux/string.h>
#include <perf/threadmap.h>

#include "bp-symbol.h"
#include "util/debug.h"
#include "util/evlist.h"
#include "util/evsel.h"
#include "util/evsel_config.h"
#include "util/parse-events.h"
#include "util/target.h"

/* The events are not enabled with the command, but some time later. */
static bool enabled_later;

/**
 * evsel__aim_breakpoint() - give an event the address and the length of what it names
 * @evsel: the event
 * @sym: what it names
 * @place: where that is
 *
 * Return: 0; -EINVAL, which has been told, if one slot cannot watch it.
 */
int evsel__aim_breakpoint(struct evsel *evsel, const struct bp_symbol *sym,
			  const struct bp_place *place)
{
	struct perf_event_attr *attr = &evsel->core.attr;
	u64 len = sym->len;
	int err = 0;

	if (attr->bp_type & HW_BREAKPOINT_X)
		len = len ?: default_breakpoint_len();
	else if (!len)
		err = bp_length__choose(sym, place, &len);
	if (err)
		return err;
	attr->bp_len = len;
	/* a place in a file that is loaded anywhere says the length only */
	attr->bp_addr = place->relative ? 0 : place->addr + sym->offset;
	return 0;
}

/*
 * The kernel takes a change of address, length and type only, and compares the rest with what it
 * has made of it: it has filled in a 0, and the exec that enables an event clears that mark.
 */
static void changed_attr(const struct evsel *evsel, struct perf_event_attr *attr)
{
	int max_stack;

	*attr = evsel->core.attr;
	attr->enable_on_exec = 0;
	if (!enabled_later)
		attr->disabled = 0;
	if (!attr->sample_max_stack &&
	    !sysctl__read_int("kernel/perf_event_max_stack", &max_stack))
		attr->sample_max_stack = max_stack;
}

/**
 * evsel__move_breakpoint() - tell the kernel of an address that was found after the opening
 * @evsel: the event
 *
 * Return: 0 or a negative error, which has been told.
 */
int evsel__move_breakpoint(struct evsel *evsel)
{
	struct perf_event_attr attr;
	int x, y;
	int *fd;

	if (!evsel->core.fd)
		return 0;
	changed_attr(evsel, &attr);
	for (x = 0; x < xyarray__max_x(evsel->core.fd); x++) {
		for (y = 0; y < xyarray__max_y(evsel->core.fd); y++) {
			fd = xyarray__entry(evsel->core.fd, x, y);
			if (*fd < 0 || !ioctl(*fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr))
				continue;
			pr_err("Cannot move the breakpoint %s to %#llx, %llu bytes: %s\n",
			       evsel__name(evsel), (unsigned long long)attr.bp_addr,
			       (unsigned long long)attr.bp_len, strerror(errno));
			return -EINVAL;
		}
	}
	return 0;
}

/**
 * bp_symbol__unknown() - tell that a symbol is nowhere
 * @sym: the symbol
 * @program: into which has been looked, and into its libraries; or NULL
 * @hidden: the kernel has one of that name, but hides its address
 *
 * Return: -ENOENT.
 */
int bp_symbol__unknown(const struct bp_symbol *sym, const char *program, bool hidden)
{
	bool file = sym->file && !bp_symbol__is_of_kernel(sym);

	if (file)
		pr_err("There is no symbol %s in a file %s", sym->name, sym->file);
	else
		pr_err("There is no symbol %s in the kernel", sym->name);
	if (program)
		pr_err("%s %s and its libraries", file ? " of" : " or in", program);
	pr_err("%s\n", hidden ? "; the kernel has one and hides its address from this user" : "");
	return -ENOENT;
}

static int in_both(const struct bp_symbol *sym, const char *program)
{
	pr_err("The kernel and a library of %s have a %s: say mem:%s@kernel or mem:%s@FILE\n",
	       program, sym->name, sym->name, sym->name);
	return -EINVAL;
}

/* ---- a command ---- */

/* Where execvp() will find it */
static bool find_program(const char *name, char *path, size_t size)
{
	const char *dir = getenv("PATH") ?: "/usr/bin:/bin";
	int len;

	if (strchr(name, '/')) {
		scnprintf(path, size, "%s", name);
		return !access(path, X_OK);
	}
	for (; *dir; dir += len + (dir[len] == ':')) {
		len = strcspn(dir, ":");
		scnprintf(path, size, "%.*s/%s", len ?: 1, len ? dir : ".", name);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

/* The program, then the kernel; what is in neither may be in a library. */
static int aim_for_command(struct evsel *evsel, const struct bp_symbol *sym, const char *command)
{
	char program[PATH_MAX];
	struct bp_place place;
	int found = 0;

	if (!find_program(command, program, sizeof(program)))
		program[0] = '\0';
	if (program[0] && bp_symbol__file_matches(sym, program))
		found = bp_symbol__in_elf(sym, program, program, &place);
	if (found < 0)
		return found;
	evsel__bp_term(evsel)->weak = !found || place.relative;
	if (found)
		return evsel__aim_breakpoint(evsel, sym, &place);
	if (!evsel->core.attr.exclude_kernel)
		found = bp_symbol__in_kernel(sym, &place);
	if (found <= 0)
		return found;
	if (!sym->file && bp_elf__refers_to(program, sym->name))
		return in_both(sym, program);
	evsel__bp_term(evsel)->weak = false;
	return evsel__aim_breakpoint(evsel, sym, &place);
}

/* ---- tasks that run ---- */

static int in_task(const struct bp_symbol *sym, pid_t pid, struct bp_place *place)
{
	return bp_symbol__in_program(sym, pid, place) ?:
		bp_symbol__in_libraries(sym, pid, "", place);
}

static int elsewhere(const struct bp_symbol *sym, pid_t first, pid_t second)
{
	pr_err("%s is not at the same address in %d and in %d: trace one at a time\n", sym->name,
	       first, second);
	return -EINVAL;
}

/* Threads have their memory together. */
static bool is_thread_of(pid_t pid, pid_t tid)
{
	char path[64];

	scnprintf(path, sizeof(path), "/proc/%d/task/%d", pid, tid);
	return !access(path, F_OK);
}

static int in_tasks(const struct bp_symbol *sym, struct perf_thread_map *threads,
		    struct bp_place *place)
{
	pid_t first = perf_thread_map__pid(threads, 0), pid;
	int i, found, here;
	struct bp_place other;

	found = in_task(sym, first, place);
	for (i = 1; found >= 0 && i < perf_thread_map__nr(threads); i++) {
		pid = perf_thread_map__pid(threads, i);
		if (is_thread_of(first, pid))
			continue;
		here = in_task(sym, pid, &other);
		if (here < 0)
			return here;
		if (here != found || (here && other.addr != place->addr))
			return elsewhere(sym, first, pid);
	}
	return found;
}

static int aim_now(struct evsel *evsel, const struct bp_symbol *sym,
		   struct perf_thread_map *threads)
{
	struct bp_place place = { }, kernel = { };
	int found = threads ? in_tasks(sym, threads, &place) : 0;
	int other = 0;

	if ((!found || (found > 0 && place.library)) && !evsel->core.attr.exclude_kernel)
		other = bp_symbol__in_kernel(sym, &kernel);
	if (found < 0 || other < 0)
		return found < 0 ? found : other;
	if (found && other)
		return in_both(sym, "the process");
	if (!found && !other)
		return bp_symbol__unknown(sym, threads ? "the process" : NULL, kernel.hidden);
	return evsel__aim_breakpoint(evsel, sym, found ? &place : &kernel);
}

static int aim(struct evsel *evsel, struct target *target, const char **argv)
{
	struct evsel_config_term *term = evsel__bp_term(evsel);
	struct bp_symbol sym;
	int err;

	if (!term)
		return 0;
	err = bp_symbol__parse(&sym, term->val.str);
	if (err)
		return err;
	if (bp_symbol__is_of_kernel(&sym))
		err = aim_now(evsel, &sym, NULL);
	else if (target->pid || target->tid)
		err = aim_now(evsel, &sym, evsel->core.threads);
	else if (argv && argv[0])
		err = aim_for_command(evsel, &sym, argv[0]);
	else
		err = aim_now(evsel, &sym, NULL);
	bp_symbol__exit(&sym);
	return err;
}

/**
 * evlist__aim_breakpoints() - find what the events of a command line name
 * @evlist: the events; their tasks are known
 * @target: whom they are for
 * @argv: the command that will be started, or NULL
 *
 * What cannot be found before the command runs is left to evlist__aim_workload().
 *
 * Return: 0 or a negative error, which has been told.
 */
int evlist__aim_breakpoints(struct evlist *evlist, struct target *target, const char **argv)
{
	struct evsel *evsel;
	int err;

	enabled_later = target->initial_delay;
	evlist__for_each_entry(evlist, evsel) {
		err = aim(evsel, target, argv);
		if (err)
			return err;
	}
	return 0;
}
