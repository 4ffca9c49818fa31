// SPDX-License-Identifier: GPL-2.0
/*
 * perf hwbp: who has which hardware breakpoint, now and over time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/zalloc.h>
#include <api/fs/tracing_path.h>
#include <subcmd/pager.h>
#include <subcmd/parse-options.h>

#include "builtin.h"
#include "perf.h"
#include "util/debug.h"
#include "util/evlist.h"
#include "util/hwbp/hwbp.h"
#include "util/hwbp/snapshot.h"
#include "util/session.h"
#include "util/symbol_conf.h"
#include "util/util.h"

/* What the user has asked for */
static struct {
	bool		force;
	/* of list */
	bool		json;
	/* of timehist */
	const char	*cpus;
	const char	*time;
	/* of timeline */
	bool		chrome;
	int		width;
	const char	*output;
} hwbp = {
	.width = 1000,
};

/* ---- record ---- */

/* Says what to do about a tracepoint that cannot be read. */
static int explain(const char *path, int err)
{
	if (err == EACCES || err == EPERM)
		pr_err("No permission to read %s: run this as root.\n", path);
	else
		pr_err("There is no %s: this needs a kernel with the hw_breakpoint layer and CONFIG_FTRACE.\n",
		       path);
	return -err;
}

static int check_tracepoints(void)
{
	int err = 0;
	char *path;

	if (!tracing_path_mount()) {
		pr_err("tracefs is not mounted: run 'mount -t tracefs none /sys/kernel/tracing' as root.\n");
		return -ENOENT;
	}
	path = get_events_file("hw_breakpoint/hwbp_held/id");
	if (!path)
		return -ENOMEM;
	if (access(path, R_OK))
		err = explain(path, errno);
	put_events_file(path);
	return err;
}

static bool has_own_control(int argc, const char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (strstarts(argv[i], "--control"))
			return true;
	}
	return false;
}

/*
 * The events are pinned: others of a CPU are out while perf puts in what is pinned of a task, and
 * a debugger's breakpoints are.
 *
 * @control: option for perf record, or NULL
 */
static int run_record(int argc, const char **argv, const char *control)
{
	static const char * const own[] = {
		"record", "-a", "-c", "1", "-m", "1024", "--data", "-e", "hw_breakpoint:*:D",
	};
	const char **args = calloc(ARRAY_SIZE(own) + argc + 1, sizeof(*args));
	int n = ARRAY_SIZE(own), err;

	if (!args)
		return -ENOMEM;
	memcpy(args, own, sizeof(own));
	if (control)
		args[n++] = control;
	/* argv[0] is ours */
	memcpy(args + n, argv + 1, (argc - 1) * sizeof(*args));
	err = cmd_record(n + argc - 1, args);
	free(args);
	return err;
}

static int cmd_hwbp_record(int argc, const char **argv)
{
	struct hwbp_snapshot snapshot;
	int err = check_tracepoints();

	if (err)
		return err;
	if (has_own_control(argc, argv))
		return run_record(argc, argv, NULL);
	err = hwbp_snapshot__start(&snapshot);
	if (err) {
		pr_err("Cannot look at who holds slots: %s\n", strerror(-err));
		return err;
	}
	err = run_record(argc, argv, snapshot.option);
	hwbp_snapshot__end(&snapshot);
	return err;
}

/* ---- what is made of a recording ---- */

static int with_trace(int (*show)(const struct hwbp_trace *trace))
{
	struct hwbp_trace trace = { };
	int err = hwbp_trace__read(&trace, input_name, hwbp.force);

	if (!err)
		err = show(&trace);
	hwbp_trace__exit(&trace);
	return err;
}

static int show_report(const struct hwbp_trace *trace)
{
	struct hwbp_replay replay = { };
	int err = hwbp_replay__run(&replay, trace);

	setup_pager();
	if (!err)
		hwbp_report__print(&replay, stdout);
	hwbp_replay__exit(&replay);
	return err;
}

static int show_timehist(const struct hwbp_trace *trace)
{
	DECLARE_BITMAP(cpus, MAX_NR_CPUS) = { };
	struct perf_time_interval span = { };

	if (perf_time__parse_str(&span, hwbp.time)) {
		pr_err("Invalid time span '%s': start,stop in seconds.\n", hwbp.time);
		return -EINVAL;
	}
	if (hwbp.cpus && perf_session__cpu_bitmap(trace->session, hwbp.cpus, cpus))
		return -EINVAL;
	setup_pager();
	hwbp_timehist__print(trace, hwbp.cpus ? cpus : NULL, &span, stdout);
	return 0;
}

static int draw(const struct hwbp_replay *replay, FILE *out)
{
	if (hwbp.chrome)
		return hwbp_chrome__print(replay, out);
	return hwbp_svg__print(replay, hwbp.width, out);
}

static int write_picture(const struct hwbp_replay *replay)
{
	const char *path = hwbp.output ?: hwbp.chrome ? "output.json" : "output.svg";
	FILE *out = fopen(path, "w");
	int err;

	if (!out) {
		err = -errno;
		pr_err("Cannot write %s: %s\n", path, strerror(errno));
		return err;
	}
	err = draw(replay, out);
	if (fclose(out) && !err) {
		err = -errno;
		pr_err("Cannot write %s: %s\n", path, strerror(errno));
	}
	if (!err)
		pr_info("Written to %s.\n", path);
	return err;
}

static int show_timeline(const struct hwbp_trace *trace)
{
	struct hwbp_replay replay = { };
	int err = hwbp_replay__run(&replay, trace);

	if (!err)
		err = write_picture(&replay);
	hwbp_replay__exit(&replay);
	return err;
}

/* ---- subcommands ---- */

static const struct option file_options[] = {
	OPT_STRING('i', "input", &input_name, "file", "input file name"),
	OPT_BOOLEAN('f', "force", &hwbp.force, "don't complain, do it"),
	OPT_STRING('k', "vmlinux", &symbol_conf.vmlinux_name, "file", "vmlinux pathname"),
	OPT_STRING(0, "kallsyms", &symbol_conf.kallsyms_name, "file", "kallsyms pathname"),
	OPT_INCR('v', "verbose", &verbose, "be more verbose"),
	OPT_END()
};

/* No subcommand but record takes a further word. */
static void parse(int argc, const char **argv, const struct option *options,
		  const char * const *usage)
{
	if (parse_options(argc, argv, options, usage, 0))
		usage_with_options(usage, options);
}

static int cmd_hwbp_list(int argc, const char **argv)
{
	const struct option options[] = {
		OPT_BOOLEAN('j', "json", &hwbp.json, "print JSON"),
		OPT_INCR('v', "verbose", &verbose, "be more verbose"),
		OPT_END()
	};
	const char * const usage[] = { "perf hwbp list [<options>]", NULL };

	parse(argc, argv, options, usage);
	return hwbp_list__print(stdout, hwbp.json);
}

static int cmd_hwbp_report(int argc, const char **argv)
{
	const char * const usage[] = { "perf hwbp report [<options>]", NULL };

	parse(argc, argv, file_options, usage);
	return with_trace(show_report);
}

static int cmd_hwbp_timehist(int argc, const char **argv)
{
	const struct option options[] = {
		OPT_STRING('C', "cpu", &hwbp.cpus, "cpu", "list of CPUs whose events to show"),
		OPT_STRING(0, "time", &hwbp.time, "str",
			   "time span of the events to show (start,stop)"),
		OPT_PARENT(file_options)
	};
	const char * const usage[] = { "perf hwbp timehist [<options>]", NULL };

	parse(argc, argv, options, usage);
	return with_trace(show_timehist);
}

static int cmd_hwbp_timeline(int argc, const char **argv)
{
	const struct option options[] = {
		OPT_STRING('o', "output", &hwbp.output, "file",
			   "output file name (output.svg, or output.json)"),
		OPT_INTEGER('w', "width", &hwbp.width,
			    "width of the time in the picture, in pixels"),
		OPT_BOOLEAN(0, "chrome", &hwbp.chrome, "write Chrome trace JSON, as for Perfetto"),
		OPT_PARENT(file_options)
	};
	const char * const usage[] = { "perf hwbp timeline [<options>]", NULL };

	parse(argc, argv, options, usage);
	if (hwbp.width < 100 || hwbp.width > 100000) {
		pr_err("A picture %d pixels wide cannot be drawn: 100 to 100000 can.\n",
		       hwbp.width);
		return -EINVAL;
	}
	return with_trace(show_timeline);
}

static const struct {
	const char *name;
	int (*run)(int argc, const char **argv);
} subcommands[] = {
	{ "list",	cmd_hwbp_list },
	{ "record",	cmd_hwbp_record },
	{ "report",	cmd_hwbp_report },
	{ "timehist",	cmd_hwbp_timehist },
	{ "timeline",	cmd_hwbp_timeline },
};

/* Return: its index, or -1; three letters are enough, as for other commands of perf's. */
static int find_subcommand(const char *name)
{
	size_t i;

	for (i = 0; strlen(name) > 2 && i < ARRAY_SIZE(subcommands); i++) {
		if (strstarts(subcommands[i].name, name))
			return i;
	}
	return -1;
}

int cmd_hwbp(int argc, const char **argv)
{
	static const char * const names[] = {
		"list", "record", "report", "timehist", "timeline", NULL
	};
	const struct option options[] = {
		OPT_INCR('v', "verbose", &verbose, "be more verbose"),
		OPT_END()
	};
	const char *usage[] = { NULL, NULL };
	int i, err;

	argc = parse_options_subcommand(argc, argv, options, names, usage,
					PARSE_OPT_STOP_AT_NON_OPTION);
	i = argc ? find_subcommand(argv[0]) : -1;
	if (i < 0)
		usage_with_options(usage, options);
	err = subcommands[i].run(argc, argv);
	/* parse_options_subcommand() has made it */
	free((void *)usage[0]);
	return err;
}
