/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Breakpoint events that name a symbol, -e mem:SYMBOL[@FILE][+OFFSET][/LENGTH][:rwx].
 *
 *	parse.c		the event, as the grammar gives it
 *	aim.c		where and how long: for all events of a command line
 *	kernel.c	finds a symbol in the kernel
 *	process.c	finds one in a process, elf.c in a file
 *	length.c	what one slot can watch
 *	workload.c	holds the command that perf starts until its events are aimed
 *	resolve.c	for perf script and report: from the address to the symbol
 *
 * The event is an evsel with a config term BP_SYMBOL. Its address is 0, which nobody can
 * access, until it is known.
 */
#ifndef __PERF_BP_SYMBOL_H
#define __PERF_BP_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

struct addr_location;
struct evlist;
struct evsel;
struct evsel_config_term;
struct list_head;
struct parse_events_state;
struct parse_events_terms;
struct target;
struct thread;

/**
 * struct bp_symbol - what an event names
 * @name: the symbol
 * @file: file that has it, or NULL for any
 * @offset: bytes from its beginning
 * @len: bytes to watch; 0 for as many as it has
 * @text: SYMBOL[@FILE][+OFFSET], as it was given
 */
struct bp_symbol {
	char	*name;
	char	*file;
	u64	offset;
	u64	len;
	char	*text;
};

int bp_symbol__parse(struct bp_symbol *sym, const char *text);
void bp_symbol__exit(struct bp_symbol *sym);
struct evsel_config_term *evsel__bp_term(struct evsel *evsel);

int parse_events_add_bp_symbol(struct parse_events_state *parse_state, struct list_head *list,
			       const char *text, char *type, u64 len,
			       struct parse_events_terms *config, int column);

/**
 * struct bp_place - where a symbol is
 * @addr: its first byte
 * @size: how many bytes it has; 0 if that is not known
 * @room: how many until the next symbol, if @size is not known
 * @relative: @addr is an address of the file, which is loaded anywhere
 * @global: it is seen by other files
 * @library: it is in a library of the process
 * @hidden: none was found, and the kernel hides one of that name from this user
 */
struct bp_place {
	u64	addr;
	u64	size;
	u64	room;
	bool	relative;
	bool	global;
	bool	library;
	bool	hidden;
};

bool bp_symbol__is_of_kernel(const struct bp_symbol *sym);
bool bp_symbol__file_matches(const struct bp_symbol *sym, const char *path);
int bp_symbol__unknown(const struct bp_symbol *sym, const char *program, bool hidden);

/* What these return: 1; 0 if there is none; a negative error, which has been told */
int bp_symbol__in_kernel(const struct bp_symbol *sym, struct bp_place *place);
int bp_symbol__in_program(const struct bp_symbol *sym, pid_t pid, struct bp_place *place);
int bp_symbol__in_libraries(const struct bp_symbol *sym, pid_t pid, const char *except,
			    struct bp_place *place);

void bp_process__program(pid_t pid, char *path, size_t size);
bool bp_process__interpreter(pid_t pid, char *path, size_t size);
bool bp_process__runs_in(pid_t pid, u64 addr, const char *path);

#ifdef HAVE_LIBELF_SUPPORT
int bp_symbol__in_elf(const struct bp_symbol *sym, const char *path, const char *shown,
		      struct bp_place *place);
bool bp_elf__refers_to(const char *path, const char *name);
bool bp_elf__bias(const char *path, u64 start, u64 offset, u64 *bias);
#else
#include "util/debug.h"

static inline int bp_symbol__in_elf(const struct bp_symbol *sym __maybe_unused,
				    const char *path __maybe_unused,
				    const char *shown __maybe_unused,
				    struct bp_place *place __maybe_unused)
{
	pr_err("This perf was built without libelf: it finds symbols of the kernel only.\n");
	return -EOPNOTSUPP;
}

static inline bool bp_elf__refers_to(const char *path __maybe_unused,
				     const char *name __maybe_unused)
{
	return false;
}

static inline bool bp_elf__bias(const char *path __maybe_unused, u64 start __maybe_unused,
				u64 offset __maybe_unused, u64 *bias __maybe_unused)
{
	return false;
}
#endif

int bp_length__choose(const struct bp_symbol *sym, const struct bp_place *place, u64 *len);

int evlist__aim_breakpoints(struct evlist *evlist, struct target *target, const char **argv);
int evsel__aim_breakpoint(struct evsel *evsel, const struct bp_symbol *sym,
			  const struct bp_place *place);
int evsel__move_breakpoint(struct evsel *evsel);

void evlist__unaim_breakpoints(struct evlist *evlist);
int evlist__hold_workload(struct evlist *evlist, pid_t pid);
int evlist__aim_workload(struct evlist *evlist, pid_t pid);

bool evlist__has_breakpoints_only(struct evlist *evlist);
bool thread__find_data_symbol(struct thread *thread, u8 cpumode, u64 addr,
			      struct addr_location *al);

#endif
