// SPDX-License-Identifier: GPL-2.0
/*
 * perf hwbp timeline --chrome: the slots over time as Chrome trace JSON, a process for each CPU
 * and a thread for each slot.
 *
 * A viewer takes process 0 for the idle one, and wants threads of different processes to have
 * different numbers.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/time64.h>

#include "../../../bpf/bpftool/json_writer.h"
#include "hwbp.h"

static int process_of(int cpu)
{
	return cpu + 1;
}

static int thread_of(int cpu, int lane)
{
	return process_of(cpu) * 100 + lane;
}

static void start_event(json_writer_t *json, const char *phase, int cpu, int lane)
{
	jsonw_start_object(json);
	jsonw_string_field(json, "ph", phase);
	jsonw_int_field(json, "pid", process_of(cpu));
	jsonw_int_field(json, "tid", thread_of(cpu, lane));
}

static void write_time(json_writer_t *json, const char *field, u64 nsec)
{
	jsonw_float_field_fmt(json, field, "%.3f", (double)nsec / NSEC_PER_USEC);
}

static void write_name(json_writer_t *json, int cpu, int lane, const char *of,
		       const char *name)
{
	start_event(json, "M", cpu, lane);
	jsonw_string_field(json, "name", of);
	jsonw_name(json, "args");
	jsonw_start_object(json);
	jsonw_string_field(json, "name", name);
	jsonw_end_object(json);
	jsonw_end_object(json);
}

/* ---- contents of slots ---- */

static void write_stay(json_writer_t *json, const struct hwbp_trace *trace,
		       const struct hwbp_stay *stay, int cpu)
{
	char text[HWBP_NAME_SIZE];

	start_event(json, "X", cpu, hwbp_lane_of(stay));
	write_time(json, "ts", stay->from);
	write_time(json, "dur", stay->to - stay->from);
	hwbp_what(trace->machine, stay->addr, stay->hold->target, text, sizeof(text));
	jsonw_string_field(json, "name", text);
	jsonw_string_field(json, "cat", hwbp_type_name(stay->type));
	jsonw_name(json, "args");
	jsonw_start_object(json);
	hwbp_stay__describe(trace, stay, text, sizeof(text));
	jsonw_string_field(json, "holder", text);
	scnprintf(text, sizeof(text), "%#" PRIx64, stay->addr);
	jsonw_string_field(json, "addr", text);
	jsonw_lluint_field(json, "len", stay->len);
	jsonw_end_object(json);
	jsonw_end_object(json);
}

static void write_stays(json_writer_t *json, const struct hwbp_replay *replay)
{
	const struct hwbp_stay *stay;
	int cpu;

	list_for_each_entry(stay, &replay->stays, node) {
		for (cpu = 0; cpu < replay->trace->nr_cpus; cpu++) {
			if (stay->cpu < 0 || stay->cpu == cpu)
				write_stay(json, replay->trace, stay, cpu);
		}
	}
}

/* ---- moments ---- */

static void start_moment(json_writer_t *json, const struct hwbp_record *r, int lane,
			 const char *name)
{
	start_event(json, "i", r->here, lane);
	write_time(json, "ts", r->time);
	jsonw_string_field(json, "s", "t");
	jsonw_string_field(json, "name", name);
	jsonw_name(json, "args");
	jsonw_start_object(json);
}

static void end_moment(json_writer_t *json)
{
	jsonw_end_object(json);
	jsonw_end_object(json);
}

static void write_refusal(json_writer_t *json, const struct hwbp_trace *trace,
			  const struct hwbp_refusal *refusal)
{
	const struct hwbp_record *r = refusal->record;
	char text[HWBP_NAME_SIZE];
	unsigned int i;

	start_moment(json, r, HWBP_LANE_REFUSALS, hwbp_error_name(trace, r->ret));
	hwbp_wish__describe(trace, r, text, sizeof(text));
	jsonw_string_field(json, "wanted", text);
	hwbp_asker(r, text, sizeof(text));
	jsonw_string_field(json, "by", text);
	jsonw_name(json, "holders");
	jsonw_start_array(json);
	for (i = 0; i < refusal->nr; i++) {
		hwbp_hold__describe(trace, &refusal->holds[i], text, sizeof(text));
		jsonw_string(json, text);
	}
	jsonw_end_array(json);
	end_moment(json);
}

static void write_loan(json_writer_t *json, const struct hwbp_record *r)
{
	start_moment(json, r, HWBP_LANE_LOANS, r->comm);
	jsonw_uint_field(json, "slots", r->slots);
	jsonw_uint_field(json, "written", r->written);
	end_moment(json);
}

static void write_moments(json_writer_t *json, const struct hwbp_replay *replay)
{
	const struct hwbp_refusal *refusal;
	size_t i;

	list_for_each_entry(refusal, &replay->refusals, node)
		write_refusal(json, replay->trace, refusal);
	for (i = 0; i < replay->trace->nr; i++) {
		if (replay->trace->records[i].kind == HWBP_LEND)
			write_loan(json, &replay->trace->records[i]);
	}
}

/* ---- all ---- */

static void write_cpu(json_writer_t *json, int cpu, const bool *lanes)
{
	char name[32];
	int lane;

	scnprintf(name, sizeof(name), "CPU %d", cpu);
	write_name(json, cpu, 0, "process_name", name);
	for (lane = 0; lane < HWBP_LANES; lane++) {
		if (!lanes[lane])
			continue;
		hwbp_lane_name(lane, name, sizeof(name));
		write_name(json, cpu, lane, "thread_name", name);
	}
}

/**
 * hwbp_chrome__print() - print a recording as Chrome trace JSON
 * @replay: that
 * @out: where to
 *
 * Return: 0 or -ENOMEM.
 */
int hwbp_chrome__print(const struct hwbp_replay *replay, FILE *out)
{
	bool lanes[HWBP_LANES];
	json_writer_t *json = jsonw_new(out);
	int cpu;

	if (!json)
		return -ENOMEM;
	hwbp_lanes(replay, lanes);
	jsonw_start_object(json);
	jsonw_name(json, "traceEvents");
	jsonw_start_array(json);
	for (cpu = 0; cpu < replay->trace->nr_cpus; cpu++)
		write_cpu(json, cpu, lanes);
	write_stays(json, replay);
	write_moments(json, replay);
	jsonw_end_array(json);
	jsonw_end_object(json);
	jsonw_destroy(&json);
	return 0;
}
