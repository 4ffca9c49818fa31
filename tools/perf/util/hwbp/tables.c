// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the kernel's tables of breakpoints, debugfs/hw_breakpoint/.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <limits.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>
#include <api/fs/fs.h>

#include "hwbp.h"
#include "util/debug.h"
#include "util/hwbp-error.h"

/* What to do about a table that cannot be opened */
static void explain(const char *path, int err)
{
	if (err == EACCES || err == EPERM)
		pr_err("No permission to read %s: run this as root.\n", path);
	else if (err == ENOENT)
		pr_err("There is no %s: this needs a kernel with the hw_breakpoint layer and CONFIG_DEBUG_FS.\n",
		       path);
	else
		pr_err("Cannot read %s: %s\n", path, strerror(err));
}

static FILE *open_table(const char *name)
{
	const char *debugfs = debugfs__mount();
	char path[PATH_MAX];
	FILE *table;

	if (!debugfs) {
		pr_err("debugfs is not mounted: run 'mount -t debugfs none /sys/kernel/debug' as root.\n");
		return NULL;
	}
	scnprintf(path, sizeof(path), "%s/hw_breakpoint/%s", debugfs, name);
	table = fopen(path, "r");
	if (!table)
		explain(path, errno);
	return table;
}

/* "gdb>312": the opener and the task; a debugger has no task. */
static void split_owner(struct hwbp_row *row)
{
	char *target = strrchr(row->owner, '>');

	if (target) {
		*target = '\0';
		row->target = atoi(target + 1);
	}
	hwbp_unescape(row->owner);
}

static bool parse_slot(const char *line, struct hwbp_row *row)
{
	char addr[32], len[32];

	if (sscanf(line, "%d %d %3s %31s %31s %63s %15s", &row->cpu, &row->slot, row->type, addr,
		   len, row->owner, row->state) != 7)
		return false;
	row->addr = strtoull(addr, NULL, 0);
	row->len = strtoull(len, NULL, 0);
	split_owner(row);
	return true;
}

static bool parse_holder(const char *line, struct hwbp_row *row)
{
	if (sscanf(line, "%63s %d %d %3s %" SCNx64 " %" SCNu64 " %15s", row->owner, &row->target,
		   &row->cpu, row->type, &row->addr, &row->len, row->state) != 7)
		return false;
	hwbp_unescape(row->owner);
	return true;
}

static int add_row(struct list_head *rows, const char *line,
		   bool (*parse)(const char *line, struct hwbp_row *row))
{
	struct hwbp_row *row;

	if (*line == '#')
		return 0;
	row = zalloc(sizeof(*row));
	if (!row)
		return -ENOMEM;
	list_add_tail(&row->node, rows);
	if (parse(line, row))
		return 0;
	pr_err("This perf does not understand the kernel's table of breakpoints: %s", line);
	return -EINVAL;
}

static int read_table(const char *name, struct list_head *rows,
		      bool (*parse)(const char *line, struct hwbp_row *row))
{
	FILE *table = open_table(name);
	char line[256];
	int err = 0;

	if (!table)
		return -ENOENT;
	while (!err && fgets(line, sizeof(line), table))
		err = add_row(rows, line, parse);
	fclose(table);
	return err;
}

/**
 * hwbp_tables__read_slots() - every slot of the CPUs that are online
 * @rows: list of struct hwbp_row, to which they are added
 *
 * Return: 0 or a negative error, which has been told.
 */
int hwbp_tables__read_slots(struct list_head *rows)
{
	return read_table("slots", rows, parse_slot);
}

/**
 * hwbp_tables__read_holders() - every event that has a right to a slot
 * @rows: list of struct hwbp_row, to which they are added
 *
 * Return: 0 or a negative error, which has been told.
 */
int hwbp_tables__read_holders(struct list_head *rows)
{
	return read_table("holders", rows, parse_holder);
}

/**
 * hwbp_tables__delete() - free the rows of a table
 * @rows: list of them, empty afterwards
 */
void hwbp_tables__delete(struct list_head *rows)
{
	struct hwbp_row *row, *next;

	list_for_each_entry_safe(row, next, rows, node) {
		list_del(&row->node);
		free(row);
	}
}
