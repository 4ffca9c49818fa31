// SPDX-License-Identifier: GPL-2.0
/*
 * perf hwbp list: what the kernel tells of this moment.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <perf/threadmap.h>

#include "../../../bpf/bpftool/json_writer.h"
#include "hwbp.h"
#include "series.h"
#include "util/hwbp-error.h"
#include "util/machine.h"
#include "util/symbol.h"
#include "util/synthetic-events.h"
#include "util/target.h"
#include "util/thread.h"
#include "util/thread_map.h"

/* ---- names ---- */

static bool is_free(const struct hwbp_row *row)
{
	return !strcmp(row->type, "-");
}

/* The maps of the tasks whose addresses are to be named; without them there are numbers. */
static void learn_maps(struct machine *machine, const struct list_head *rows)
{
	struct target target = { };
	struct hwbp_row *row;

	list_for_each_entry(row, rows, node) {
		struct perf_thread_map *threads;

		if (row->target <= 0 || is_free(row))
			continue;
		threads = thread_map__new_by_pid(row->target);
		target.pid = "";
		if (threads)
			machine__synthesize_threads(machine, &target, threads, /*needs_mmap=*/true,
						    /*data_mmap=*/true, 1);
		perf_thread_map__put(threads);
	}
}

/* ---- as text ---- */

static void print_cpu(int cpu, FILE *out)
{
	if (cpu < 0)
		fprintf(out, "%5s", "any");
	else
		fprintf(out, "%5d", cpu);
}

static void print_row(struct machine *machine, const struct hwbp_row *row, FILE *out)
{
	char place[HWBP_NAME_SIZE], task[32], whose[64];

	hwbp_what(machine, row->addr, row->target, place, sizeof(place));
	if (row->target > 0) {
		hwbp_task_name(row->target, task, sizeof(task));
		scnprintf(whose, sizeof(whose), "%s[%d]", task, row->target);
	} else {
		scnprintf(whose, sizeof(whose), "-");
	}
	fprintf(out, "  %-4s %4" PRIu64 "  %-16s %-22s %-9s %s\n", row->type, row->len, row->owner,
		whose, row->state, place);
}

static void print_slots(struct machine *machine, const struct list_head *rows, FILE *out)
{
	const struct hwbp_row *row;

	fprintf(out, "  CPU  slot  type  len  %-16s %-22s %-9s address\n",
		"owner", "task", "state");
	list_for_each_entry(row, rows, node) {
		print_cpu(row->cpu, out);
		fprintf(out, " %5d", row->slot);
		if (is_free(row))
			fprintf(out, "  %s\n", row->state);
		else
			print_row(machine, row, out);
	}
}

static void print_holders(struct machine *machine, const struct list_head *rows, FILE *out)
{
	const struct hwbp_row *row;

	fprintf(out, "  CPU  type  len  %-16s %-22s %-9s address\n", "opener", "task",
		"state");
	list_for_each_entry(row, rows, node) {
		print_cpu(row->cpu, out);
		print_row(machine, row, out);
	}
}

static void print_text(struct machine *machine, const struct list_head *slots,
		       const struct list_head *holders, FILE *out)
{
	fprintf(out, "Slots\n\n");
	if (list_empty(slots))
		fprintf(out, "  This architecture keeps its slots to itself.\n");
	else
		print_slots(machine, slots, out);
	fprintf(out, "\nReservations of perf events\n\n");
	if (list_empty(holders))
		fprintf(out, "  There are none.\n");
	else
		print_holders(machine, holders, out);
}

/* ---- as JSON ---- */

static void write_aim(json_writer_t *json, struct machine *machine, const struct hwbp_row *row)
{
	char text[HWBP_NAME_SIZE];

	jsonw_string_field(json, "type", row->type);
	jsonw_lluint_field(json, "len", row->len);
	scnprintf(text, sizeof(text), "%#" PRIx64, row->addr);
	jsonw_string_field(json, "addr", text);
	if (hwbp_place(machine, row->addr, row->target, text, sizeof(text)))
		jsonw_string_field(json, "symbol", text);
	jsonw_string_field(json, "owner", row->owner);
	if (row->target <= 0)
		return;
	hwbp_task_name(row->target, text, sizeof(text));
	jsonw_int_field(json, "pid", row->target);
	jsonw_string_field(json, "comm", text);
}

static void write_slot(json_writer_t *json, struct machine *machine, const struct hwbp_row *row)
{
	jsonw_start_object(json);
	jsonw_int_field(json, "cpu", row->cpu);
	jsonw_int_field(json, "slot", row->slot);
	jsonw_string_field(json, "state", row->state);
	if (!is_free(row))
		write_aim(json, machine, row);
	jsonw_end_object(json);
}

static void write_holder(json_writer_t *json, struct machine *machine, const struct hwbp_row *row)
{
	jsonw_start_object(json);
	if (row->cpu >= 0)
		jsonw_int_field(json, "cpu", row->cpu);
	jsonw_string_field(json, "state", row->state);
	write_aim(json, machine, row);
	jsonw_end_object(json);
}

static void write_rows(json_writer_t *json, struct machine *machine, const char *name,
		       const struct list_head *rows,
		       void (*write)(json_writer_t *json, struct machine *machine,
				     const struct hwbp_row *row))
{
	const struct hwbp_row *row;

	jsonw_name(json, name);
	jsonw_start_array(json);
	list_for_each_entry(row, rows, node)
		write(json, machine, row);
	jsonw_end_array(json);
}

static int print_json(struct machine *machine, const struct list_head *slots,
		      const struct list_head *holders, FILE *out)
{
	json_writer_t *json = jsonw_new(out);

	if (!json)
		return -ENOMEM;
	jsonw_pretty(json, true);
	jsonw_start_object(json);
	write_rows(json, machine, "slots", slots, write_slot);
	write_rows(json, machine, "reservations", holders, write_holder);
	jsonw_end_object(json);
	jsonw_destroy(&json);
	return 0;
}

/* ---- both ---- */

static int print(const struct list_head *slots, const struct list_head *holders, FILE *out,
		 bool json)
{
	struct machine *machine = hwbp_new_host();
	int err = 0;

	if (!machine)
		return -ENOMEM;
	learn_maps(machine, slots);
	learn_maps(machine, holders);
	if (json)
		err = print_json(machine, slots, holders, out);
	else
		print_text(machine, slots, holders, out);
	machine__delete(machine);
	return err;
}

/**
 * hwbp_list__print() - print every slot and every reservation of this moment
 * @out: where to
 * @json: as JSON
 *
 * Return: 0 or a negative error, which has been told.
 */
int hwbp_list__print(FILE *out, bool json)
{
	LIST_HEAD(slots);
	LIST_HEAD(holders);
	int err = symbol__init(NULL);

	if (!err)
		err = hwbp_tables__read_slots(&slots);
	if (!err)
		err = hwbp_tables__read_holders(&holders);
	if (!err)
		err = print(&slots, &holders, out, json);
	hwbp_tables__delete(&slots);
	hwbp_tables__delete(&holders);
	return err;
}
