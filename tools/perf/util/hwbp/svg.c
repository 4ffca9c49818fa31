// SPDX-License-Identifier: GPL-2.0
/*
 * perf hwbp timeline: the slots over time as a picture, in one SVG file that needs no other.
 *
 * svghelper.c draws CPUs and tasks, and knows no slots; its scale begins at a tenth of a second.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <linux/hw_breakpoint.h>
#include <linux/kernel.h>
#include <linux/time64.h>

#include "hwbp.h"

#define LEFT		110	/* of the time's beginning: names of lanes */
#define RIGHT		40
#define TOP		70	/* of the first CPU: title, legend, scale */
#define LANE		22
#define TITLE		24	/* of a CPU */
#define GAP		3	/* between boxes of two lanes */
#define MARKS		10	/* of the scale */
#define NARROW		0.3	/* no box is narrower; less is drawn as part of the one before */
#define BIG_DOT		6
#define SMALL_DOT	3
#define READABLE	30.0	/* a narrower box has no text */

/**
 * struct picture - what is drawn, and how large it is
 * @replay: the recording
 * @out: where to
 * @width: of the time
 * @from: its beginning
 * @span: its length
 * @lanes: which lanes each CPU has
 * @nr_lanes: how many
 * @drawn: up to where each lane of each CPU is drawn
 */
struct picture {
	const struct hwbp_replay	*replay;
	FILE				*out;
	int				width;
	u64				from;
	u64				span;
	bool				lanes[HWBP_LANES];
	int				nr_lanes;
	double				*drawn;
};

/* ---- places ---- */

static double x_of(const struct picture *p, u64 time)
{
	return LEFT + (double)p->width * (time - p->from) / p->span;
}

static int y_of_cpu(const struct picture *p, int cpu)
{
	return TOP + cpu * (TITLE + p->nr_lanes * LANE);
}

static int y_of_lane(const struct picture *p, int cpu, int lane)
{
	int i, above = 0;

	for (i = 0; i < lane; i++)
		above += p->lanes[i];
	return y_of_cpu(p, cpu) + TITLE + above * LANE;
}

/* ---- text ---- */

static void write_text(const struct picture *p, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", p->out);
			break;
		case '>':
			fputs("&gt;", p->out);
			break;
		case '&':
			fputs("&amp;", p->out);
			break;
		default:
			/* no other control character may be in XML, nor half a letter */
			fputc(*text >= ' ' && *text <= '~' ? *text : '?', p->out);
		}
	}
}

static void write_title(const struct picture *p, const char *text)
{
	fputs("<title>", p->out);
	write_text(p, text);
	fputs("</title>", p->out);
}

static void begin_text(const struct picture *p, const char *class, double x, double y)
{
	fprintf(p->out, "<text class=\"%s\" x=\"%.2f\" y=\"%.2f\">", class, x, y);
}

static void label(const struct picture *p, const char *class, double x, double y,
		  const char *text)
{
	begin_text(p, class, x, y);
	write_text(p, text);
	fputs("</text>\n", p->out);
}

/* ---- frame ---- */

static void begin_svg(const struct picture *p)
{
	int height = y_of_cpu(p, p->replay->trace->nr_cpus) + RIGHT;

	fprintf(p->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	fprintf(p->out, "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\"");
	fprintf(p->out, " width=\"%d\" height=\"%d\">\n", LEFT + p->width + RIGHT, height);
	fputs("<style type=\"text/css\">\n"
	      "text { font: 11px sans-serif; fill: #222; }\n"
	      "text.head { font-size: 14px; font-weight: bold; }\n"
	      "text.name { text-anchor: end; }\n"
	      "text.mark { text-anchor: middle; fill: #666; }\n"
	      "rect { stroke: #444; stroke-width: 0.3; }\n"
	      "rect.page { fill: #fff; stroke: none; }\n"
	      "rect.lane { fill: #f0f0f0; stroke: none; }\n"
	      "rect.r { fill: #8bc48a; }\n"
	      "rect.w { fill: #7fa8e0; }\n"
	      "rect.rw { fill: #b79be0; }\n"
	      "rect.x { fill: #f0b860; }\n"
	      "rect.debugger { fill: #a0a0a0; }\n"
	      "line.mark { stroke: #ccc; stroke-width: 0.5; }\n"
	      "line.refused { stroke: #d02020; stroke-width: 1; stroke-dasharray: 3 2; }\n"
	      "circle.refused { fill: #d02020; }\n"
	      "circle.lent { fill: #207070; }\n"
	      "</style>\n", p->out);
	fputs("<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n", p->out);
}

static void draw_rect(const struct picture *p, const char *class, double x, double y,
		      double width, double height)
{
	fprintf(p->out, "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\"", class, x, y);
	fprintf(p->out, " width=\"%.2f\" height=\"%.2f\"/>\n", width, height);
}

static void draw_line(const struct picture *p, const char *class, double x, int top, int bottom)
{
	fprintf(p->out, "<line class=\"%s\" x1=\"%.2f\" y1=\"%d\"", class, x, top);
	fprintf(p->out, " x2=\"%.2f\" y2=\"%d\"/>\n", x, bottom);
}

/* @title appears when the pointer rests there. */
static void draw_dot(const struct picture *p, const char *class, double x, double y, int radius,
		     const char *title)
{
	fprintf(p->out, "<circle class=\"%s\" cx=\"%.2f\" cy=\"%.2f\" r=\"%d\">", class, x, y,
		radius);
	if (title)
		write_title(p, title);
	fputs("</circle>\n", p->out);
}

static void draw_legend(const struct picture *p)
{
	static const struct { const char *class, *text; } boxes[] = {
		{ "w", "write" }, { "rw", "read or write" }, { "r", "read" },
		{ "x", "instruction" }, { "debugger", "a debugger's" },
	};
	double x = LEFT;
	size_t i;

	label(p, "head", LEFT, 20, "Hardware breakpoints");
	for (i = 0; i < ARRAY_SIZE(boxes); i++, x += 110) {
		draw_rect(p, boxes[i].class, x, 30, 12, 12);
		label(p, "legend", x + 17, 40, boxes[i].text);
	}
	x += 10;
	draw_dot(p, "refused", x + 6, 36, BIG_DOT, NULL);
	label(p, "legend", x + 17, 40, "refused");
	draw_dot(p, "lent", x + 86, 36, SMALL_DOT, NULL);
	label(p, "legend", x + 94, 40, "lent to a guest");
}

static void print_time(u64 nsec, u64 span, char *text, size_t size)
{
	if (span < 10 * NSEC_PER_MSEC)
		scnprintf(text, size, "%.1f us", (double)nsec / NSEC_PER_USEC);
	else if (span < 10 * NSEC_PER_SEC)
		scnprintf(text, size, "%.1f ms", (double)nsec / NSEC_PER_MSEC);
	else
		scnprintf(text, size, "%.1f s", (double)nsec / NSEC_PER_SEC);
}

static void draw_scale(const struct picture *p)
{
	int bottom = y_of_cpu(p, p->replay->trace->nr_cpus), i;

	for (i = 0; i <= MARKS; i++) {
		double x = LEFT + (double)p->width * i / MARKS;
		char text[32];

		draw_line(p, "mark", x, TOP, bottom);
		print_time(p->span * i / MARKS, p->span, text, sizeof(text));
		label(p, "mark", x, TOP - 8, text);
	}
}

static void draw_lanes(const struct picture *p, int cpu)
{
	char name[32];
	int lane;

	scnprintf(name, sizeof(name), "CPU %d", cpu);
	label(p, "head", 10, y_of_cpu(p, cpu) + TITLE - 7, name);
	for (lane = 0; lane < HWBP_LANES; lane++) {
		int y = y_of_lane(p, cpu, lane);

		if (!p->lanes[lane])
			continue;
		hwbp_lane_name(lane, name, sizeof(name));
		label(p, "name", LEFT - 8, y + LANE - GAP - 4, name);
		draw_rect(p, "lane", LEFT, y, p->width, LANE - GAP);
	}
}

/* ---- contents of slots ---- */

/* The inner svg cuts off what is too long. */
static void draw_box(const struct picture *p, const struct hwbp_stay *stay, double x, double y,
		     double width)
{
	char text[HWBP_NAME_SIZE + 32];

	fprintf(p->out, "<svg x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%d\">", x, y, width,
		LANE - GAP);
	hwbp_stay__describe(p->replay->trace, stay, text, sizeof(text));
	write_title(p, text);
	fprintf(p->out, "<rect class=\"%s\" width=\"100%%\" height=\"100%%\"/>",
		stay->slot < 0 ? "debugger" : hwbp_type_name(stay->type));
	if (width >= READABLE) {
		hwbp_what(p->replay->trace->machine, stay->addr, stay->hold->target, text,
			  sizeof(text));
		label(p, "what", 3, LANE - GAP - 5, text);
	}
	fputs("</svg>\n", p->out);
}

static void draw_stay(const struct picture *p, const struct hwbp_stay *stay, int cpu)
{
	int lane = hwbp_lane_of(stay);
	double from = x_of(p, stay->from), to = x_of(p, stay->to);
	double *drawn = &p->drawn[cpu * HWBP_LANES + lane];

	if (to - *drawn < NARROW)
		return;
	if (to - from < NARROW)
		to = from + NARROW;
	*drawn = to;
	draw_box(p, stay, from, y_of_lane(p, cpu, lane), to - from);
}

static void draw_stays(const struct picture *p)
{
	const struct hwbp_stay *stay;
	int cpu;

	list_for_each_entry(stay, &p->replay->stays, node) {
		for (cpu = 0; cpu < p->replay->trace->nr_cpus; cpu++) {
			if (stay->cpu < 0 || stay->cpu == cpu)
				draw_stay(p, stay, cpu);
		}
	}
}

/* ---- moments ---- */

static void mark(const struct picture *p, const char *class, const struct hwbp_record *r,
		 int lane, int radius, const char *title)
{
	draw_dot(p, class, x_of(p, r->time),
		 y_of_lane(p, r->here, lane) + (LANE - GAP) / 2.0, radius, title);
}

static void describe_refusal(const struct picture *p, const struct hwbp_refusal *refusal,
			     char *text, size_t size)
{
	const struct hwbp_trace *trace = p->replay->trace;
	const struct hwbp_record *r = refusal->record;
	char asker[32], one[HWBP_NAME_SIZE];
	unsigned int i;
	int n;

	hwbp_wish__describe(trace, r, one, sizeof(one));
	hwbp_asker(r, asker, sizeof(asker));
	n = scnprintf(text, size, "%s was refused, %s: %s", asker, hwbp_error_name(trace, r->ret),
		      one);
	for (i = 0; i < refusal->nr; i++) {
		hwbp_hold__describe(trace, &refusal->holds[i], one, sizeof(one));
		n += scnprintf(text + n, size - n, "; held by %s", one);
	}
}

/* Across all that it was refused on */
static void draw_refusal(const struct picture *p, const struct hwbp_refusal *refusal)
{
	const struct hwbp_record *r = refusal->record;
	int first = r->cpu < 0 ? 0 : r->cpu;
	int last = r->cpu < 0 ? p->replay->trace->nr_cpus - 1 : r->cpu;
	char text[4096];

	draw_line(p, "refused", x_of(p, r->time), y_of_cpu(p, first), y_of_cpu(p, last + 1));
	describe_refusal(p, refusal, text, sizeof(text));
	mark(p, "refused", r, HWBP_LANE_REFUSALS, BIG_DOT, text);
}

static void draw_loan(const struct picture *p, const struct hwbp_record *r)
{
	char text[128];

	scnprintf(text, sizeof(text), "lent to %s[%d]: slots %#x, written %#x", r->comm, r->tid,
		  r->slots, r->written);
	mark(p, "lent", r, HWBP_LANE_LOANS, SMALL_DOT, text);
}

static void draw_moments(const struct picture *p)
{
	const struct hwbp_trace *trace = p->replay->trace;
	const struct hwbp_refusal *refusal;
	size_t i;

	for (i = 0; i < trace->nr; i++) {
		if (trace->records[i].kind == HWBP_LEND)
			draw_loan(p, &trace->records[i]);
	}
	list_for_each_entry(refusal, &p->replay->refusals, node)
		draw_refusal(p, refusal);
}

/* ---- all ---- */

static void measure(struct picture *p)
{
	const struct hwbp_trace *trace = p->replay->trace;
	int lane;

	p->from = trace->nr ? trace->records[0].time : 0;
	p->span = trace->nr ? trace->records[trace->nr - 1].time - p->from : 0;
	p->span = p->span ?: 1;
	hwbp_lanes(p->replay, p->lanes);
	for (lane = 0; lane < HWBP_LANES; lane++)
		p->nr_lanes += p->lanes[lane];
}

/**
 * hwbp_svg__print() - draw a recording
 * @replay: that
 * @width: of the time, in pixels
 * @out: where to
 *
 * Return: 0 or -ENOMEM.
 */
int hwbp_svg__print(const struct hwbp_replay *replay, int width, FILE *out)
{
	struct picture p = { .replay = replay, .out = out, .width = width };
	int cpu;

	measure(&p);
	p.drawn = calloc(replay->trace->nr_cpus ?: 1, HWBP_LANES * sizeof(*p.drawn));
	if (!p.drawn)
		return -ENOMEM;
	begin_svg(&p);
	draw_legend(&p);
	draw_scale(&p);
	for (cpu = 0; cpu < replay->trace->nr_cpus; cpu++)
		draw_lanes(&p, cpu);
	draw_stays(&p);
	draw_moments(&p);
	fputs("</svg>\n", out);
	free(p.drawn);
	return 0;
}
