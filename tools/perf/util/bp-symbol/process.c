// SPDX-License-Identifier: GPL-2.0
/*
 * Symbols of a process: of its program and of the libraries that it has loaded.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "bp-symbol.h"
#include "util/debug.h"

/**
 * struct mapped - a file of which a process has a piece in its memory
 * @start: where
 * @offset: which piece
 * @path: the file's name, as that process sees it
 */
struct mapped {
	u64	start;
	u64	offset;
	char	path[PATH_MAX];
};

/**
 * bp_symbol__file_matches() - is a file the one that an event names?
 * @sym: what the event names
 * @path: the file
 *
 * libc is libc.so.6, too.
 *
 * Return: it is, or the event names none.
 */
bool bp_symbol__file_matches(const struct bp_symbol *sym, const char *path)
{
	const char *base = strrchr(path, '/');
	size_t len;

	if (!sym->file)
		return true;
	base = base ? base + 1 : path;
	len = strlen(sym->file);
	return !strncmp(base, sym->file, len) && (!base[len] || strchr(".-", base[len]));
}

static FILE *open_maps(pid_t pid)
{
	char path[64];
	FILE *maps;

	scnprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	if (!maps)
		pr_err("Cannot read %s: %s\n", path, strerror(errno));
	return maps;
}

/* The next file, by the first piece of it that is loaded; the kernel sorts by address */
static bool next_file(FILE *maps, struct mapped *map)
{
	char line[PATH_MAX + 128], last[PATH_MAX];
	int at;

	scnprintf(last, sizeof(last), "%s", map->path);
	while (fgets(line, sizeof(line), maps)) {
		at = 0;
		if (sscanf(line, "%" SCNx64 "-%*x %*s %" SCNx64 " %*s %*s %n", &map->start,
			   &map->offset, &at) != 2 || line[at] != '/')
			continue;
		line[strcspn(line, "\n")] = '\0';
		if (!strcmp(line + at, last))
			continue;
		scnprintf(map->path, sizeof(map->path), "%s", line + at);
		return true;
	}
	return false;
}

/* A file of a process that may have another root directory */
static void get_path(pid_t pid, const char *path, char *real, size_t size)
{
	scnprintf(real, size, "/proc/%d/root%s", pid, path);
	if (access(real, R_OK))
		scnprintf(real, size, "%s", path);
}

static int in_file(const struct bp_symbol *sym, pid_t pid, const struct mapped *map,
		   struct bp_place *place)
{
	char path[PATH_MAX + 32];
	u64 bias;
	int nr;

	get_path(pid, map->path, path, sizeof(path));
	nr = bp_symbol__in_elf(sym, path, map->path, place);
	if (nr <= 0 || !place->relative)
		return nr;
	if (!bp_elf__bias(path, map->start, map->offset, &bias))
		return 0;
	place->addr += bias;
	place->relative = false;
	return nr;
}

/**
 * bp_process__program() - what a process runs
 * @pid: the process
 * @path: result; "" if that is not known
 * @size: size of @path
 */
void bp_process__program(pid_t pid, char *path, size_t size)
{
	char link[64];
	ssize_t len;

	scnprintf(link, sizeof(link), "/proc/%d/exe", pid);
	len = readlink(link, path, size - 1);
	path[len < 0 ? 0 : len] = '\0';
}

static bool is_program(pid_t pid, const char *path)
{
	char program[PATH_MAX];

	bp_process__program(pid, program, sizeof(program));
	return !strcmp(program, path);
}

static int ambiguous(const struct bp_symbol *sym, const char *first, const char *second)
{
	pr_err("%s is in %s and in %s: say which, mem:%s@FILE\n", sym->name, first, second,
	       sym->name);
	return -EINVAL;
}

/**
 * struct choice - of the files of a process
 * @sym: what is looked for
 * @place: where it is
 * @path: file that has it
 */
struct choice {
	const struct bp_symbol	*sym;
	struct bp_place		*place;
	char			path[PATH_MAX];
};

/* What is global in one file is meant rather than what another file has for itself. */
static int choose(struct choice *choice, pid_t pid, const struct mapped *map)
{
	bool have = choice->path[0];
	struct bp_place place;
	int nr;

	if (!bp_symbol__file_matches(choice->sym, map->path))
		return 0;
	nr = in_file(choice->sym, pid, map, &place);
	if (nr <= 0)
		return nr;
	if (have && place.global == choice->place->global)
		return ambiguous(choice->sym, choice->path, map->path);
	if (have && !place.global)
		return 0;
	*choice->place = place;
	scnprintf(choice->path, sizeof(choice->path), "%s", map->path);
	return 0;
}

/* The program alone, or all files but it and another */
static int search_files(struct choice *choice, pid_t pid, bool program, const char *except)
{
	FILE *maps = open_maps(pid);
	struct mapped map = { };
	int err = 0;

	if (!maps)
		return -ESRCH;
	while (!err && next_file(maps, &map))
		if (is_program(pid, map.path) == program && strcmp(map.path, except))
			err = choose(choice, pid, &map);
	fclose(maps);
	return err ?: choice->path[0] != '\0';
}

/**
 * bp_symbol__in_program() - find a symbol in the program of a process
 * @sym: the symbol
 * @pid: the process
 * @place: where it is
 *
 * Return: 1; 0 if there is none; a negative error, which has been told, if there are several
 * or the process cannot be looked into.
 */
int bp_symbol__in_program(const struct bp_symbol *sym, pid_t pid, struct bp_place *place)
{
	struct choice choice = { .sym = sym, .place = place };

	return search_files(&choice, pid, true, "");
}

/**
 * bp_symbol__in_libraries() - find a symbol in the libraries that a process has loaded
 * @sym: the symbol
 * @pid: the process
 * @except: a file that is not looked into, or ""
 * @place: where it is
 *
 * Return: as bp_symbol__in_program().
 */
int bp_symbol__in_libraries(const struct bp_symbol *sym, pid_t pid, const char *except,
			    struct bp_place *place)
{
	struct choice choice = { .sym = sym, .place = place };

	int found = search_files(&choice, pid, false, except);

	place->library = found > 0;
	return found;
}

/**
 * bp_process__interpreter() - the file that loads the libraries of a process
 * @pid: the process, stopped at its exec
 * @path: result
 * @size: size of @path
 *
 * Return: whether there is one: the kernel has mapped it and the program.
 */
bool bp_process__interpreter(pid_t pid, char *path, size_t size)
{
	FILE *maps = open_maps(pid);
	struct mapped map = { };
	bool found = false;

	while (maps && !found && next_file(maps, &map))
		found = !is_program(pid, map.path);
	if (maps)
		fclose(maps);
	if (found)
		scnprintf(path, size, "%s", map.path);
	return found;
}

/**
 * bp_process__runs_in() - is an address one of a file's?
 * @pid: process that has loaded the file
 * @addr: the address
 * @path: the file
 *
 * Return: it is.
 */
bool bp_process__runs_in(pid_t pid, u64 addr, const char *path)
{
	char line[PATH_MAX + 128];
	FILE *maps = open_maps(pid);
	bool found = false;
	u64 start, end;
	int at;

	while (maps && !found && fgets(line, sizeof(line), maps)) {
		at = 0;
		line[strcspn(line, "\n")] = '\0';
		found = sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %*s %*s %*s %n", &start, &end,
			       &at) == 2 &&
			addr >= start && addr < end && at && !strcmp(line + at, path);
	}
	if (maps)
		fclose(maps);
	return found;
}
