// SPDX-License-Identifier: GPL-2.0
/*
 * Why a breakpoint could not be opened, and what to do.
 *
 * What this machine can watch is in the PMU's caps/, who has the slots in /proc/hw_breakpoints.
 * Where the kernel has neither, what is known of the architecture has to do.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/utsname.h>
#include <api/fs/fs.h>
#include <linux/hw_breakpoint.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/perf_event.h>
#include <linux/string.h>
#include <linux/zalloc.h>
#include <perf/cpumap.h>
#include <perf/threadmap.h>

#include "event.h"
#include "evlist.h"
#include "evsel.h"
#include "hwbp-error.h"
#include "strbuf.h"
#include "strlist.h"
#include "thread_map.h"

/* Of the holders, more would hide the rest of what is said. */
#define MOST_LINES	16

static bool is_code(const struct evsel *evsel)
{
	return evsel->core.attr.bp_type == HW_BREAKPOINT_X;
}

static bool is_breakpoint(const struct evsel *evsel)
{
	return evsel->core.attr.type == PERF_TYPE_BREAKPOINT;
}

/* As this perf's own architecture has it: the upper half, or the one with the highest bit */
static bool is_kernel(u64 addr)
{
	return addr >> (BITS_PER_LONG - 1);
}

/* ---- what the machine has ---- */

/**
 * struct machine_caps - what breakpoints can do
 * @code_slots: how many instructions a CPU can stop at; 0 if that is not known
 * @data_slots: how many places it can watch
 * @shared: these are the same
 * @code_lengths: lengths of an instruction, a list; NULL if they are not known
 * @data_lengths: lengths up to 8 of what is watched
 * @data_range: the longest above, a power of 2, or 0
 * @data_types: accesses that can be watched, with commas
 */
struct machine_caps {
	int	code_slots;
	int	data_slots;
	bool	shared;
	const char *code_lengths;
	const char *data_lengths;
	u64	data_range;
	const char *data_types;
};

/* What every kernel of an architecture takes */
static const struct machine_caps x86 = {
	.code_slots	= 4,
	.data_slots	= 4,
	.shared		= true,
	.code_lengths	= "8",
	.data_lengths	= "1-2,4,8",
	/* AMD's; on others it is refused with EOPNOTSUPP */
	.data_range	= 1ULL << 32,
	.data_types	= "w,rw",
};

static const struct machine_caps arm64 = {
	.code_lengths	= "1-8",
	.data_lengths	= "1-8",
	.data_types	= "r,w,rw",
};

static const struct machine_caps unknown;

static bool is_arm64(void)
{
	struct utsname name;

	return !uname(&name) && !strncmp(name.machine, "aarch64", 7);
}

static bool is_x86_64(void)
{
	struct utsname name;

	return !uname(&name) && !strcmp(name.machine, "x86_64");
}

/* The caller frees it. */
static char *read_caps(const char *name, const char *otherwise)
{
	char path[128], *text = NULL;
	size_t size;

	scnprintf(path, sizeof(path), "bus/event_source/devices/breakpoint/caps/%s", name);
	if (sysfs__read_str(path, &text, &size))
		return otherwise ? strdup(otherwise) : NULL;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static u64 read_number(const char *name, u64 otherwise)
{
	char *text = read_caps(name, NULL);
	u64 n = text ? strtoull(text, NULL, 0) : otherwise;

	free(text);
	return n;
}

static void machine_caps__read(struct machine_caps *caps)
{
	const struct machine_caps *usual = is_x86_64() ? &x86 : is_arm64() ? &arm64 : &unknown;

	caps->code_slots = read_number("code_slots", usual->code_slots);
	caps->data_slots = read_number("data_slots", usual->data_slots);
	caps->shared = read_number("shared_slots", usual->shared);
	caps->code_lengths = read_caps("code_lengths", usual->code_lengths);
	caps->data_lengths = read_caps("data_lengths", usual->data_lengths);
	caps->data_range = read_number("data_range", usual->data_range);
	caps->data_types = read_caps("data_types", usual->data_types);
}

static void machine_caps__exit(struct machine_caps *caps)
{
	zfree(&caps->code_lengths);
	zfree(&caps->data_lengths);
	zfree(&caps->data_types);
}

/* @list: as "1-2,4,8", or NULL if nothing is known */
static bool has_number(const char *list, u64 n)
{
	struct perf_cpu_map *numbers;
	bool has;

	if (!list)
		return true;
	numbers = perf_cpu_map__new(list);
	has = n <= INT16_MAX && perf_cpu_map__has(numbers, (struct perf_cpu){ .cpu = n });
	perf_cpu_map__put(numbers);
	return has;
}

static bool has_word(const char *list, const char *word)
{
	struct strlist *words;
	bool has;

	if (!list)
		return true;
	words = strlist__new(list, NULL);
	has = !words || strlist__has_entry(words, word);
	strlist__delete(words);
	return has;
}

/* ---- EINVAL: which of type, length, address is at fault ---- */

static bool wrong_type(const struct evsel *evsel, const struct machine_caps *caps,
		       struct strbuf *text)
{
	u32 type = evsel->core.attr.bp_type;

	if (type & HW_BREAKPOINT_X && type & HW_BREAKPOINT_RW) {
		strbuf_addf(text,
			    "A breakpoint stops at an instruction (x) or watches data (r, w, rw), not both.\n"
			    "Hint: Use two events.");
		return true;
	}
	if (type == HW_BREAKPOINT_R && !has_word(caps->data_types, "r")) {
		strbuf_addf(text, "This CPU has no watchpoints for reads alone.\n"
			    "Hint: Use 'mem:%#" PRIx64 "/%" PRIu64 ":rw', of writes, too.",
			    (u64)evsel->core.attr.bp_addr, (u64)evsel->core.attr.bp_len);
		return true;
	}
	return false;
}

static bool wrong_code_length(const struct evsel *evsel, const struct machine_caps *caps,
			      struct strbuf *text)
{
	if (!is_code(evsel) || has_number(caps->code_lengths, evsel->core.attr.bp_len))
		return false;
	strbuf_addf(text,
		    "The length of an instruction's breakpoint is sizeof(long), %zu, whatever the instruction's.\n"
		    "Hint: Use 'mem:%#" PRIx64 ":x', without a length.",
		    sizeof(long), (u64)evsel->core.attr.bp_addr);
	return true;
}

static bool wrong_data_length(const struct evsel *evsel, const struct machine_caps *caps,
			      struct strbuf *text)
{
	u64 len = evsel->core.attr.bp_len;

	if (is_code(evsel) || has_number(caps->data_lengths, len))
		return false;
	if (len > 8 && len <= caps->data_range && is_power_of_2(len))
		return false;
	strbuf_addf(text, "A watchpoint cannot have %" PRIu64 " bytes. This CPU's have %s%s", len,
		    caps->data_lengths, caps->data_range > 8 ? "" : ".");
	if (caps->data_range > 8)
		strbuf_addf(text, ", or a power of 2 up to %" PRIu64 ".", caps->data_range);
	strbuf_addf(text, "\nHint: Use several events for the parts.");
	return true;
}

static bool wrong_arm64_alignment(const struct evsel *evsel, struct strbuf *text)
{
	u64 addr = evsel->core.attr.bp_addr, len = evsel->core.attr.bp_len;
	u64 first = 8 - addr % 8;

	if (is_code(evsel) || len > 8 || len <= first)
		return false;
	strbuf_addf(text, "A watchpoint's bytes lie between two multiples of 8, and %" PRIu64
		    " from %#" PRIx64 " on do not.\n"
		    "Hint: Use two events: 'mem:%#" PRIx64 "/%" PRIu64 ":w' and 'mem:%#" PRIx64
		    "/%" PRIu64 ":w'.", len, addr, addr, first, addr + first, len - first);
	return true;
}

static bool wrong_alignment(const struct evsel *evsel, struct strbuf *text)
{
	u64 addr = evsel->core.attr.bp_addr, len = evsel->core.attr.bp_len;

	if (is_arm64())
		return wrong_arm64_alignment(evsel, text);
	if (is_code(evsel) || !len || !(addr % len))
		return false;
	strbuf_addf(text, "The address of a watchpoint is a multiple of its length: %" PRIu64
		    " bytes can be watched from %#" PRIx64 " or %#" PRIx64 " on, not from %#" PRIx64
		    ".\n"
		    "Hint: Use 'mem:%#" PRIx64 "/1:w' for the one byte.",
		    len, addr - addr % len, addr - addr % len + len, addr, addr);
	return true;
}

/* Bits that no address has with 48 bits of address, and what larger ones have did not help. */
static bool wrong_address(const struct evsel *evsel, struct strbuf *text)
{
	u64 addr = evsel->core.attr.bp_addr;
	u16 top = addr >> 48;

	if (BITS_PER_LONG == 64 && top && top != 0xffff) {
		strbuf_addf(text, "No memory can be at %#" PRIx64 ", not even the kernel's.",
			    addr);
		return true;
	}
	if (is_kernel(addr) && evsel->core.attr.exclude_kernel) {
		strbuf_addf(text, "%#" PRIx64 " is the kernel's, and excluded.\n",
			    addr);
		strbuf_addf(text,
			    "Hint: It takes CAP_SYS_ADMIN, and no modifier 'u', which perf adds for others.");
		return true;
	}
	if (is_kernel(addr)) {
		strbuf_addf(text, "Nobody may watch %#" PRIx64 ": the kernel may need it itself\n"
			    "to handle breakpoints, or no kprobe may be there either (see\n"
			    "/sys/kernel/debug/kprobes/blacklist).", addr);
		return true;
	}
	return false;
}

static bool explain_invalid(const struct evsel *evsel, const struct machine_caps *caps,
			    struct strbuf *text)
{
	if (wrong_type(evsel, caps, text) || wrong_code_length(evsel, caps, text) ||
	    wrong_data_length(evsel, caps, text) || wrong_alignment(evsel, text) ||
	    wrong_address(evsel, text))
		return true;
	/* evsel__open_strerror() knows more of these. */
	if (evsel->core.attr.use_clockid || evsel->core.attr.precise_ip)
		return false;
	strbuf_addf(text,
		    "The kernel takes no such breakpoint (Invalid argument), though type, length and address look right.");
	return true;
}

/* ---- ENOSPC: who holds the slots ---- */

/**
 * struct holder - those who hold slots for the same
 * @node: in a list of them
 * @opener: name of the process, or of a kernel debugger; "-" if it may not be known
 * @pid: number of the process, or 0
 * @target: the task whose event it is, the first of them; or 0
 * @cpu: the CPU, the first of them; or -1
 * @type: as "rw"
 * @addr: address, 0 if it may not be known
 * @len: bytes
 * @state: as the kernel calls it
 * @more: how many tasks or CPUs there are more
 * @last: the latest of these tasks: one that is watched on each CPU has a row for each
 */
struct holder {
	struct list_head	node;
	char			opener[64];
	pid_t			pid;
	pid_t			target;
	int			cpu;
	char			type[4];
	u64			addr;
	u64			len;
	char			state[16];
	int			more;
	pid_t			last;
};

/**
 * hwbp_unescape() - a name as it was before the kernel printed it
 * @name: the name; a blank is \040 in it
 */
void hwbp_unescape(char *name)
{
	char *to = name;

	while (*name) {
		unsigned int c;

		if (sscanf(name, "\\%3o", &c) == 1) {
			*to++ = c;
			name += 4;
		} else {
			*to++ = *name++;
		}
	}
	*to = '\0';
}

static bool is_same(const struct holder *a, const struct holder *b)
{
	return a->pid == b->pid && !a->target == !b->target && (a->cpu < 0) == (b->cpu < 0) &&
	       a->addr == b->addr && a->len == b->len && !strcmp(a->type, b->type) &&
	       !strcmp(a->opener, b->opener) && !strcmp(a->state, b->state);
}

static void add_holder(struct list_head *holders, const struct holder *holder)
{
	struct holder *other;

	list_for_each_entry(other, holders, node) {
		if (!is_same(other, holder))
			continue;
		if (!holder->target || other->last != holder->target)
			other->more++;
		other->last = holder->target;
		return;
	}
	other = memdup(holder, sizeof(*holder));
	if (!other)
		return;
	other->last = holder->target;
	list_add_tail(&other->node, holders);
}

static bool is_every_task(const struct evsel *evsel)
{
	struct perf_thread_map *threads = evsel->core.threads;

	return !threads || perf_thread_map__pid(threads, 0) < 0;
}

/*
 * Tasks run one at a time, so what another one holds is only in the way of events of CPUs.
 * @caps: says whether instructions and data are in each other's way.
 */
static bool is_in_the_way(const struct evsel *evsel, const struct machine_caps *caps,
			  const struct holder *holder)
{
	if (!caps->shared && is_code(evsel) == !!strcmp(holder->type, "x") &&
	    strcmp(holder->type, "-"))
		return false;
	return !holder->target || is_every_task(evsel) ||
	       thread_map__has(evsel->core.threads, holder->target);
}

/* What others hold of whom nothing may be known: "# others: 2", or by instructions and data */
static unsigned int parse_others(const char *line, bool code)
{
	unsigned int n[2];
	int read = sscanf(line, "# others: %u %u", &n[0], &n[1]);

	return read == 2 ? n[!code] : read == 1 ? n[0] : 0;
}

static bool parse_holder(const char *line, struct holder *h)
{
	memset(h, 0, sizeof(*h));
	if (sscanf(line, "%63s %d %d %d %3s %" SCNx64 " %" SCNu64 " %15s", h->opener, &h->pid,
		   &h->target, &h->cpu, h->type, &h->addr, &h->len, h->state) != 8)
		return false;
	hwbp_unescape(h->opener);
	return true;
}

/* Return: how many others there are, or -1 if the kernel does not tell who holds slots. */
static int read_holders(const struct evsel *evsel, const struct machine_caps *caps,
			struct list_head *holders)
{
	char path[PATH_MAX], line[256];
	struct holder holder;
	int others = 0;
	FILE *table;

	scnprintf(path, sizeof(path), "%s/hw_breakpoints", procfs__mountpoint());
	table = fopen(path, "r");
	if (!table)
		return -1;
	while (fgets(line, sizeof(line), table)) {
		if (*line == '#')
			others += parse_others(line, is_code(evsel));
		else if (parse_holder(line, &holder) && is_in_the_way(evsel, caps, &holder))
			add_holder(holders, &holder);
	}
	fclose(table);
	return others;
}

/**
 * hwbp_task_name() - what a task is called now
 * @tid: task
 * @name: filled, with "?" if it has gone
 * @size: room there
 */
void hwbp_task_name(pid_t tid, char *name, size_t size)
{
	char path[64], *comm = NULL;
	size_t len;

	scnprintf(path, sizeof(path), "%d/comm", tid);
	if (procfs__read_str(path, &comm, &len))
		scnprintf(name, size, "?");
	else
		scnprintf(name, size, "%.*s", (int)strcspn(comm, "\n"), comm);
	free(comm);
}

static void describe_opener(const struct holder *h, struct strbuf *text)
{
	if (h->pid == getpid())
		strbuf_addf(text, "this %s", h->opener);
	else if (!strcmp(h->opener, "-") && !h->pid)
		strbuf_addf(text, "somebody");
	else if (h->pid)
		strbuf_addf(text, "%s[%d]", h->opener, h->pid);
	else
		strbuf_addf(text, "%s", h->opener);
}

static void describe_aim(const struct holder *h, struct strbuf *text)
{
	bool code = !strcmp(h->type, "x");

	if (!strcmp(h->type, "-"))
		strbuf_addf(text, " has one reserved");
	else if (h->addr && code)
		strbuf_addf(text, " has a breakpoint at %#" PRIx64, h->addr);
	else if (h->addr)
		strbuf_addf(text, " watches %#" PRIx64 ", %" PRIu64 " bytes", h->addr, h->len);
	else if (code)
		strbuf_addf(text, " has a breakpoint");
	else
		strbuf_addf(text, " watches %" PRIu64 " bytes", h->len);
	/* as gdb leaves a watchpoint that it has deleted; this perf has not begun */
	if (!strcmp(h->state, "off") && h->pid != getpid())
		strbuf_addf(text, " (switched off)");
}

/* "  gdb[312] watches 0x404040, 8 bytes, for counter[310]" */
static void describe_holder(const struct holder *h, struct strbuf *text)
{
	char name[32];

	strbuf_addf(text, "\n  ");
	describe_opener(h, text);
	describe_aim(h, text);
	if (h->target) {
		hwbp_task_name(h->target, name, sizeof(name));
		strbuf_addf(text, ", for %s[%d]", name, h->target);
		if (h->more)
			strbuf_addf(text, " and %d more", h->more);
	} else if (h->cpu < 0) {
		strbuf_addf(text, ", on all CPUs");
	} else if (h->more) {
		strbuf_addf(text, ", on %d CPUs", h->more + 1);
	} else {
		strbuf_addf(text, ", on CPU %d", h->cpu);
	}
}

static void describe_holders(const struct list_head *holders, struct strbuf *text)
{
	const struct holder *holder;
	int n = 0;

	list_for_each_entry(holder, holders, node) {
		if (n++ < MOST_LINES)
			describe_holder(holder, text);
	}
	if (n > MOST_LINES)
		strbuf_addf(text, "\n  and %d more", n - MOST_LINES);
}

static void describe_slots(const struct evsel *evsel, const struct machine_caps *caps,
			   struct strbuf *text)
{
	int slots = is_code(evsel) ? caps->code_slots : caps->data_slots;

	strbuf_addf(text, "No breakpoint is left: ");
	if (!slots)
		strbuf_addf(text, "a CPU has a few.");
	else if (caps->shared)
		strbuf_addf(text, "a CPU has %d, for instructions and data.", slots);
	else
		strbuf_addf(text, "a CPU has %d for %s.", slots,
			    is_code(evsel) ? "instructions" : "data");
}

/* How many of this kind are asked for at once */
static int asked_for(const struct evsel *evsel, const struct machine_caps *caps)
{
	struct evsel *other;
	int n = 0;

	if (!evsel->evlist)
		return 1;
	evlist__for_each_entry(evsel->evlist, other) {
		if (is_breakpoint(other) && (caps->shared || is_code(other) == is_code(evsel)))
			n++;
	}
	return n;
}

static void explain_no_slot(const struct evsel *evsel, const struct machine_caps *caps,
			    struct strbuf *text)
{
	int asked = asked_for(evsel, caps), others;
	struct holder *holder, *next;
	LIST_HEAD(holders);

	others = read_holders(evsel, caps, &holders);
	describe_slots(evsel, caps, text);
	if (asked > 1)
		strbuf_addf(text, " You ask for %d.", asked);
	describe_holders(&holders, text);
	if (others > 0)
		strbuf_addf(text,
			    "\nOthers hold %d, and you may not know more of them: ask root for 'perf hwbp list'.",
			    others);
	if (others < 0)
		strbuf_addf(text,
			    "\nThis kernel does not tell who has them. Debuggers (gdb), perf and kernel debuggers take some.");
	strbuf_addf(text,
		    "\nHint: Breakpoints do not take turns. End one of these, or watch less at once.");
	list_for_each_entry_safe(holder, next, &holders, node) {
		list_del(&holder->node);
		free(holder);
	}
}

/* ---- the others ---- */

static bool explain_denied(const struct evsel *evsel, int err, struct strbuf *text)
{
	u64 addr = evsel->core.attr.bp_addr;

	if (is_kernel(addr)) {
		strbuf_addf(text, "%#" PRIx64 " is the kernel's: it takes CAP_SYS_ADMIN.\n"
			    "Hint: Run perf as root.", addr);
		return true;
	}
	if (err == EPERM)
		return false;
	if (is_every_task(evsel))
		strbuf_addf(text,
			    "To watch all that a CPU does takes CAP_PERFMON, or a perf_event_paranoid of 0 or less; it is %d.\n"
			    "Hint: Watch a program of yours, with a command or -p PID.",
			    perf_event_paranoid());
	else
		strbuf_addf(text,
			    "You may only watch tasks that you may trace, and with a perf_event_paranoid above 2 none; it is %d.\n"
			    "Hint: Run perf as the task's user, or as root.",
			    perf_event_paranoid());
	return true;
}

static bool explain_unsupported(const struct evsel *evsel, struct strbuf *text)
{
	u64 len = evsel->core.attr.bp_len;

	if (evsel->core.attr.sample_type & PERF_SAMPLE_BRANCH_STACK)
		return false;
	if (!is_code(evsel) && len > 8)
		strbuf_addf(text, "This CPU cannot watch ranges: %" PRIu64 " bytes are too many.\n"
			    "Hint: Use several events, of 8 bytes at most.", len);
	else
		strbuf_addf(text, "This machine has no breakpoints for %s.",
			    is_code(evsel) ? "instructions" : "data");
	return true;
}

static bool explain(const struct evsel *evsel, int err, struct strbuf *text)
{
	struct machine_caps caps;
	bool known = true;

	machine_caps__read(&caps);
	switch (err) {
	case ENOSPC:
		explain_no_slot(evsel, &caps, text);
		break;
	case EINVAL:
		known = explain_invalid(evsel, &caps, text);
		break;
	case EOPNOTSUPP:
		known = explain_unsupported(evsel, text);
		break;
	case EPERM:
	case EACCES:
		known = explain_denied(evsel, err, text);
		break;
	case ENODEV:
		strbuf_addf(text,
			    "There is no such CPU, or it is offline: see /sys/devices/system/cpu/online.");
		break;
	case ENOENT:
		strbuf_addf(text,
			    "This kernel was built without hardware breakpoints, or the machine has none.");
		break;
	default:
		known = false;
	}
	machine_caps__exit(&caps);
	return known;
}

/**
 * hwbp_open_strerror() - why could a breakpoint not be opened?
 * @evsel: event
 * @err: what the kernel answered
 * @msg: filled
 * @size: room there
 *
 * Return: the length of what was said; 0 if it is no breakpoint, or there is nothing to say.
 */
int hwbp_open_strerror(struct evsel *evsel, int err, char *msg, size_t size)
{
	struct strbuf text = STRBUF_INIT;
	int len = 0;

	if (is_breakpoint(evsel) && explain(evsel, err, &text))
		len = scnprintf(msg, size, "%s: %s", evsel__name(evsel), text.buf);
	strbuf_release(&text);
	return len;
}

/**
 * hwbp_evlist_open_strerror() - the same, where it is not known which event it was
 * @evlist: events, of which one could not be opened
 * @err: what the kernel answered
 * @msg: filled
 * @size: room there
 *
 * Return: true if one of them is a breakpoint that explains it.
 */
bool hwbp_evlist_open_strerror(struct evlist *evlist, int err, char *msg, size_t size)
{
	struct evsel *evsel;

	evlist__for_each_entry(evlist, evsel) {
		if (hwbp_open_strerror(evsel, err, msg, size))
			return true;
	}
	return false;
}

/**
 * hwbp_is_refused() - has an event failed that is no use to go on without?
 * @evsel: event
 * @err: what the kernel answered
 *
 * Other events may be not supported, and are shown as such. Who names an address wants it watched.
 *
 * Return: true if it is a breakpoint, and nothing that perf could try with less would help.
 */
bool hwbp_is_refused(const struct evsel *evsel, int err)
{
	if (!is_breakpoint(evsel))
		return false;
	switch (err) {
	case EACCES:
		return evsel->core.attr.exclude_kernel;
	case EINVAL:
	case ENODEV:
	case ENOENT:
	case ENOSPC:
	case EOPNOTSUPP:
	case EPERM:
		return true;
	default:
		return false;
	}
}
