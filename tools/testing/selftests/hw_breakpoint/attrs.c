// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel answers to every combination of breakpoint attributes.
 *
 * Prints one line "key -> answer" for each combination of perf_event_open,
 * PERF_EVENT_IOC_MODIFY_ATTRIBUTES and the ptrace debug registers, kernel
 * addresses by name: the outputs of two kernels can be compared line by line.
 * After each section it counts how many breakpoints can be taken, which shows
 * what a section left behind.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/elf.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define NOBODY 65534

struct address {
	char name[24];
	unsigned long value;
	unsigned long align;	/* of a kernel symbol, on every kernel */
};

static char page[8192] __attribute__((__aligned__(4096)));

static struct address addresses[128];
static unsigned int address_count;

static const unsigned int types[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 0x80000000, 0xffffffff
};

static const uint64_t lengths[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 24, 32, 64, 128, 256, 512,
	1024, 2048, 4096, 0x7fffffff, 1ULL << 31, 1ULL << 32,
	(1ULL << 32) + 4, (1ULL << 32) + 8, 1ULL << 33, 1ULL << 63, UINT64_MAX
};

/* One target of an event */
struct target {
	const char *name;
	pid_t pid;
	int cpu;
};

static const struct target self = { "self/-1", 0, -1 };

static void add_address(const char *base, long offset, unsigned long value)
{
	struct address *a = &addresses[address_count];

	if (address_count == ARRAY_SIZE(addresses))
		exit(2);
	if (offset)
		snprintf(a->name, sizeof(a->name), "%s%+ld", base, offset);
	else
		snprintf(a->name, sizeof(a->name), "%s", base);
	a->value = value + offset;
	address_count++;
}

static void add_around(const char *base, unsigned long value)
{
	static const int offsets[] = { -8, -4, -2, -1, 0, 1, 4, 8 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		add_address(base, offsets[i], value);
}

/* The address of a kernel symbol, rounded up; 0 when there is none */
static unsigned long kernel_symbol(const char *wanted, unsigned long align)
{
	unsigned long value, found = 0;
	char line[512], name[256], type;
	FILE *f = fopen("/proc/kallsyms", "r");

	while (f && !found && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx %c %255s", &value, &type, name) == 3 &&
		    !strcmp(name, wanted))
			found = value;
	if (f)
		fclose(f);
	return (found + align - 1) & -align;
}

static void add_symbol(const char *name, unsigned long align, long offset)
{
	unsigned long value = kernel_symbol(name, align);

	if (!value) {
		printf("# no symbol %s\n", name);
		return;
	}
	add_address(name, offset, value);
	addresses[address_count - 1].align = align;
}

/* Whether two kernels must agree: the symbol is aligned that much on both */
static int comparable(const struct address *a, uint64_t len)
{
	return !a->align || len <= a->align;
}

static void add_kernel_text(void)
{
	static const char * const names[] = {
		"panic", "schedule", "notify_die", "perf_bp_event",
#ifdef __x86_64__
		"exc_debug", "asm_exc_debug", "asm_exc_nmi", "exc_int3",
		"entry_SYSCALL_64",
#else
		"el1h_64_sync_handler", "vectors",
		"el0t_64_sync_handler",
#endif
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		add_symbol(names[i], 16, 0);
}

static void add_arch_addresses(void)
{
#ifdef __x86_64__
	add_around("task-size", 0x7ffffffff000);
	add_around("2^47", 1UL << 47);
	add_address("cpu-entry-area", 0, 0xfffffe0000000000);
	add_address("cpu-entry-area", -8, 0xfffffe0000000000);
	add_address("cpu-entry-area", 0x1000, 0xfffffe0000000000);
	add_symbol("__per_cpu_offset", 16, 0);
	add_symbol("__per_cpu_offset", 16, 8);
#else
	add_around("2^39", 1UL << 39);
	add_around("2^48", 1UL << 48);
	add_around("2^52", 1UL << 52);
	add_around("tag", (1UL << 56) + (unsigned long)page);
#endif
	add_address("non-canonical", 0, 0x0080000000000000);
	add_address("sign", 0, 0x8000000000000000);
}

static void collect_addresses(void)
{
	int i;

	for (i = 0; i <= 8; i++)
		add_address("user", i, (unsigned long)page);
	add_address("user", 4096, (unsigned long)page);
	for (i = 0; i <= 8; i += 4)
		add_address("zero", i, 0);
	add_arch_addresses();
	/* rarely read, never written */
	add_symbol("linux_banner", 64, 0);
	add_symbol("linux_banner", 64, 1);
	add_symbol("linux_banner", 64, 4);
	add_kernel_text();
	for (i = 0; i < 5; i++)
		add_address("max", -(1 << i), 0);
}

static unsigned long address_of(const char *name)
{
	unsigned int i;

	for (i = 0; i < address_count; i++)
		if (!strcmp(addresses[i].name, name))
			return addresses[i].value;
	return 0;
}

static const char *answer(long result)
{
	return result < 0 ? strerrorname_np(errno) : "0";
}

static int perf_open(struct perf_event_attr *attr, const struct target *t,
		     int group)
{
	return syscall(SYS_perf_event_open, attr, t->pid, t->cpu, group,
		       PERF_FLAG_FD_CLOEXEC);
}

static struct perf_event_attr breakpoint(unsigned int type, uint64_t len,
					 unsigned long addr)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT,
		.size = sizeof(attr),
		.bp_type = type,
		.bp_len = len,
		.bp_addr = addr,
		.disabled = 1,
	};

	return attr;
}

/* Opens, prints the answer, closes */
static void try_open(const char *key, struct perf_event_attr *attr,
		     const struct target *t, int group)
{
	int fd = perf_open(attr, t, group);

	printf("%s -> %s\n", key, answer(fd));
	if (fd >= 0)
		close(fd);
}

static int count_slots(unsigned int type, const struct target *t)
{
	struct perf_event_attr attr;
	int fds[64], n, i;

	attr = breakpoint(type, type == HW_BREAKPOINT_X ? sizeof(long) : 4,
			  (unsigned long)page);
	for (n = 0; n < 64; n++) {
		fds[n] = perf_open(&attr, t, -1);
		if (fds[n] < 0)
			break;
	}
	for (i = 0; i < n; i++)
		close(fds[i]);
	return n;
}

/* How many breakpoints can be taken: fewer than before is a leak */
static void show_slots(const char *section)
{
	static const struct target cpu = { "-1/0", -1, 0 };

	printf("%s slots -> watch %d execute %d, on CPU watch %d execute %d\n",
	       section, count_slots(HW_BREAKPOINT_W, &self),
	       count_slots(HW_BREAKPOINT_X, &self),
	       count_slots(HW_BREAKPOINT_W, &cpu),
	       count_slots(HW_BREAKPOINT_X, &cpu));
}

/* Every type, length and address of a task's breakpoint */
static void test_base(void)
{
	struct perf_event_attr attr;
	unsigned int t, l, a;
	char key[128];

	for (a = 0; a < address_count; a++)
		for (t = 0; t < ARRAY_SIZE(types); t++)
			for (l = 0; l < ARRAY_SIZE(lengths); l++) {
				if (!comparable(&addresses[a], lengths[l]))
					continue;
				snprintf(key, sizeof(key),
					 "base type=%x len=%llx addr=%.31s",
					 types[t],
					 (unsigned long long)lengths[l],
					 addresses[a].name);
				attr = breakpoint(types[t], lengths[l],
						  addresses[a].value);
				try_open(key, &attr, &self, -1);
			}
}

/* The same for a CPU's, reduced to what each kernel address may be used for */
static void test_cpu(void)
{
	static const struct target cpu = { "-1/0", -1, 0 };
	static const unsigned int some[] = { HW_BREAKPOINT_W, HW_BREAKPOINT_RW,
					     HW_BREAKPOINT_X };
	static const unsigned int lens[] = { 1, 4, 8 };
	struct perf_event_attr attr;
	unsigned int t, l, a;
	char key[128];

	for (a = 0; a < address_count; a++)
		for (t = 0; t < ARRAY_SIZE(some); t++)
			for (l = 0; l < ARRAY_SIZE(lens); l++) {
				snprintf(key, sizeof(key),
					 "cpu type=%x len=%x addr=%.31s", some[t],
					 lens[l], addresses[a].name);
				attr = breakpoint(some[t], lens[l],
						  addresses[a].value);
				try_open(key, &attr, &cpu, -1);
			}
}

/* The reduced matrix that every other dimension is multiplied with */
static const struct {
	unsigned int type;
	unsigned int len;
	const char *addr;
} reduced[] = {
	{ HW_BREAKPOINT_W, 4, "user" },
	{ HW_BREAKPOINT_W, 4, "user+1" },
	{ HW_BREAKPOINT_RW, 8, "user" },
	{ HW_BREAKPOINT_R, 4, "user" },
	{ HW_BREAKPOINT_X, sizeof(long), "user" },
	{ HW_BREAKPOINT_X, 4, "user" },
	{ HW_BREAKPOINT_X, 1, "user" },
	{ HW_BREAKPOINT_W, 0, "user" },
	{ HW_BREAKPOINT_W, 16, "user" },
	{ HW_BREAKPOINT_EMPTY, 4, "user" },
	{ HW_BREAKPOINT_W, 4, "zero" },
	{ HW_BREAKPOINT_W, 4, "linux_banner" },
	{ HW_BREAKPOINT_X, sizeof(long), "panic" },
	{ HW_BREAKPOINT_X, 4, "panic" },
};

/* key PREFIX EXTRA plus the reduced matrix' entry; its attributes */
static struct perf_event_attr entry(unsigned int i, char *key, int size,
				    const char *section, const char *who,
				    const char *extra)
{
	snprintf(key, size, "%s %s type=%x len=%x addr=%s %s", section, who,
		 reduced[i].type, reduced[i].len, reduced[i].addr, extra);
	return breakpoint(reduced[i].type, reduced[i].len,
			  address_of(reduced[i].addr));
}

/* Fields that are added to an event's; SIZE replaces the size */
#define SIZE(n) .size = (n) + 1

static const struct {
	const char *name;
	struct perf_event_attr attr;
} flags[] = {
	{ "enabled", { 0 } },
	{ "disabled", { .disabled = 1 } },
	{ "inherit", { .inherit = 1 } },
	{ "pinned", { .pinned = 1 } },
	{ "exclusive", { .exclusive = 1 } },
	{ "period=1", { .sample_period = 1 } },
	{ "period=2^63", { .sample_period = 1ULL << 63 } },
	{ "freq=100", { .freq = 1, .sample_freq = 100 } },
	{ "freq=2^30", { .freq = 1, .sample_freq = 1 << 30 } },
	{ "branch-stack", { .sample_type = PERF_SAMPLE_BRANCH_STACK,
			    .branch_sample_type = PERF_SAMPLE_BRANCH_USER } },
	{ "branch-stack-default", { .sample_type = PERF_SAMPLE_BRANCH_STACK } },
	{ "sigtrap", { .sigtrap = 1 } },
	{ "sigtrap,remove_on_exec", { .sigtrap = 1, .remove_on_exec = 1 } },
	{ "sigtrap,inherit_thread", { .sigtrap = 1, .remove_on_exec = 1,
				      .sample_period = 1, .inherit = 1,
				      .inherit_thread = 1 } },
	{ "remove_on_exec", { .remove_on_exec = 1 } },
	{ "remove_on_exec,enable_on_exec", { .remove_on_exec = 1,
					     .enable_on_exec = 1 } },
	{ "inherit_thread", { .inherit_thread = 1 } },
	{ "inherit,pinned", { .inherit = 1, .pinned = 1 } },
	{ "precise=1", { .precise_ip = 1 } },
	{ "precise=3", { .precise_ip = 3 } },
	{ "config=1", { .config = 1 } },
	{ "sample_type=2^40", { .sample_type = 1ULL << 40 } },
	{ "read_format=2^20", { .read_format = 1 << 20 } },
	{ "size=0", { SIZE(0) } },
	{ "size=64", { SIZE(64) } },
	{ "size=8", { SIZE(8) } },
	{ "watermark", { .watermark = 1 } },
	{ "clockid=99", { .use_clockid = 1, .clockid = 99 } },
	{ "regs=all", { .sample_type = PERF_SAMPLE_REGS_USER,
			.sample_regs_user = UINT64_MAX } },
	{ "aux_output", { .aux_output = 1 } },
};

#define FLAGS ((int)ARRAY_SIZE(flags))

static void set_flag(struct perf_event_attr *attr, int flag)
{
	const unsigned char *from = (const unsigned char *)&flags[flag].attr;
	unsigned char *to = (unsigned char *)attr;
	unsigned int i, size = attr->size;

	attr->disabled = 0;
	for (i = 0; i < sizeof(*attr); i++)
		to[i] |= from[i];
	attr->size = flags[flag].attr.size ? flags[flag].attr.size - 1 : size;
}

static void test_flags(const char *who)
{
	struct perf_event_attr attr;
	unsigned int i;
	char key[192];
	int flag;

	for (flag = 0; flag < FLAGS; flag++)
		for (i = 0; i < ARRAY_SIZE(reduced); i++) {
			attr = entry(i, key, sizeof(key), "flags", who,
				     flags[flag].name);
			attr.exclude_kernel = i & 1;
			set_flag(&attr, flag);
			try_open(key, &attr, &self, -1);
		}
}

/* The four exclude bits */
static void test_excludes(const char *who)
{
	struct perf_event_attr attr;
	char key[192], extra[32];
	unsigned int i;
	int bits;

	for (bits = 0; bits < 32; bits++)
		for (i = 0; i < ARRAY_SIZE(reduced); i++) {
			snprintf(extra, sizeof(extra), "exclude=%s%s%s%s%s",
				 bits & 1 ? "u" : "", bits & 2 ? "k" : "",
				 bits & 4 ? "h" : "", bits & 8 ? "i" : "",
				 bits & 16 ? "g" : "");
			attr = entry(i, key, sizeof(key), "exclude", who, extra);
			attr.exclude_user = !!(bits & 1);
			attr.exclude_kernel = !!(bits & 2);
			attr.exclude_hv = !!(bits & 4);
			attr.exclude_idle = !!(bits & 8);
			attr.exclude_guest = !!(bits & 16);
			try_open(key, &attr, &self, -1);
		}
}

static void test_targets(const char *who)
{
	static const struct target targets[] = {
		{ "self/0", 0, 0 }, { "self/1", 0, 1 }, { "-1/0", -1, 0 },
		{ "-1/1", -1, 1 }, { "-1/-1", -1, -1 }, { "self/99", 0, 99 },
		{ "-1/99", -1, 99 }, { "none/-1", 4000000, -1 },
		{ "init/-1", 1, -1 }, { "init/0", 1, 0 }, { "-2/0", -2, 0 },
	};
	static const int chosen[] = { 1, 2, 3, 12 };
	struct perf_event_attr attr;
	unsigned int i, t, f;
	char key[192], extra[64];

	for (t = 0; t < ARRAY_SIZE(targets); t++)
		for (f = 0; f < ARRAY_SIZE(chosen); f++)
			for (i = 0; i < ARRAY_SIZE(reduced); i++) {
				snprintf(extra, sizeof(extra), "%s %s",
					 flags[chosen[f]].name,
					 targets[t].name);
				attr = entry(i, key, sizeof(key), "target",
					     who, extra);
				attr.exclude_kernel = i & 1;
				set_flag(&attr, chosen[f]);
				attr.disabled = 1;
				try_open(key, &attr, &targets[t], -1);
			}
}

/* A leader of either kind and a sibling of either kind */
static void test_groups(const char *who)
{
	static const struct target cpu = { "self/0", 0, 0 };
	struct perf_event_attr bp, soft = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(soft),
		.config = PERF_COUNT_SW_TASK_CLOCK,
		.exclude_kernel = 1,
	};
	struct perf_event_attr attr;
	int leaders[2], l, flag;
	char key[192], extra[64];
	unsigned int i;

	bp = breakpoint(HW_BREAKPOINT_W, 4, (unsigned long)page);
	bp.exclude_kernel = 1;
	leaders[0] = perf_open(&soft, &self, -1);
	leaders[1] = perf_open(&bp, &self, -1);
	for (l = 0; l < 2; l++)
		for (flag = 0; flag < FLAGS; flag++)
			for (i = 0; i < ARRAY_SIZE(reduced); i++) {
				snprintf(extra, sizeof(extra), "%s leader=%s",
					 flags[flag].name,
					 l ? "breakpoint" : "software");
				attr = entry(i, key, sizeof(key), "group", who,
					     extra);
				attr.exclude_kernel = 1;
				set_flag(&attr, flag);
				try_open(key, &attr, &self, leaders[l]);
			}
	snprintf(key, sizeof(key), "group %s software-in-breakpoint", who);
	try_open(key, &soft, &self, leaders[1]);
	snprintf(key, sizeof(key), "group %s other-cpu", who);
	try_open(key, &bp, &cpu, leaders[1]);
	snprintf(key, sizeof(key), "group %s no-leader", who);
	try_open(key, &bp, &self, 99);
	close(leaders[0]);
	close(leaders[1]);
}

/* Applies the change; then a good one must still be taken and the event counts */
static void try_modify(const char *key, int fd, struct perf_event_attr *attr,
		       struct perf_event_attr *good)
{
	long long count;
	long result = ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, attr);

	printf("%s -> %s", key, answer(result));
	result = ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, good);
	printf(" %s", answer(result));
	result = read(fd, &count, sizeof(count));
	printf(" %s\n", result == sizeof(count) ? "0" : answer(-1));
}

static void test_modify(const char *who, int disabled)
{
	const char *state = disabled ? "disabled" : "enabled";
	struct perf_event_attr good, attr;
	unsigned int t, l, a;
	char key[192];
	int fd, flag;

	good = breakpoint(HW_BREAKPOINT_W, 4, (unsigned long)page);
	good.disabled = disabled;
	good.exclude_kernel = strcmp(who, "root");
	fd = perf_open(&good, &self, -1);
	printf("modify %s %s open -> %s\n", who, state, answer(fd));
	if (fd < 0)
		return;
	for (a = 0; a < address_count; a++)
		for (t = 0; t < ARRAY_SIZE(types); t += disabled ? 1 : 2)
			for (l = 0; l < ARRAY_SIZE(lengths); l += 4) {
				if (!comparable(&addresses[a], lengths[l]))
					continue;
				attr = good;
				attr.disabled = 1;
				attr.bp_type = types[t];
				attr.bp_len = lengths[l];
				attr.bp_addr = addresses[a].value;
				snprintf(key, sizeof(key),
					 "modify %s %s type=%x len=%llx addr=%.31s",
					 who, state, types[t],
					 (unsigned long long)lengths[l],
					 addresses[a].name);
				try_modify(key, fd, &attr, &good);
			}
	for (flag = 0; flag < FLAGS; flag++) {
		attr = good;
		snprintf(key, sizeof(key), "modify %s %s %s", who, state,
			 flags[flag].name);
		set_flag(&attr, flag);
		try_modify(key, fd, &attr, &good);
	}
	for (t = 0; t < 6; t++) {
		attr = good;
		attr.type = t;
		snprintf(key, sizeof(key), "modify %s %s event-type=%u", who,
			 state, t);
		try_modify(key, fd, &attr, &good);
	}
	close(fd);
}

/* A child that stands still under its parent's ptrace */
static pid_t tracee(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		exit(2);
	return pid;
}

static void end_tracee(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

#ifdef __x86_64__
static long poke(pid_t pid, int reg, unsigned long value)
{
	return ptrace(PTRACE_POKEUSER, pid,
		      offsetof(struct user, u_debugreg[reg]), value);
}

static unsigned long peek(pid_t pid, int reg)
{
	errno = 0;
	return ptrace(PTRACE_PEEKUSER, pid,
		      offsetof(struct user, u_debugreg[reg]), NULL);
}

/* Every address in every debug register */
static void ptrace_addresses(void)
{
	pid_t pid = tracee();
	unsigned int a;
	int reg;

	for (reg = 0; reg < 6; reg++)
		for (a = 0; a < address_count; a++) {
			printf("ptrace DR%d=%s -> %s", reg, addresses[a].name,
			       answer(poke(pid, reg, addresses[a].value)));
			printf(" %s\n", peek(pid, reg) == addresses[a].value ?
			       "kept" : "other");
		}
	end_tracee(pid);
}

/* DR7 with one register's address, type and length */
static void ptrace_one_control(pid_t pid, int reg, const struct address *a)
{
	unsigned long control;
	int bits, enable;

	for (enable = 1; enable < 4; enable++)
		for (bits = 0; bits < 16; bits++) {
			poke(pid, 7, 0);
			poke(pid, reg, a->value);
			control = ((unsigned long)enable << (reg * 2)) |
				  ((unsigned long)bits << (16 + reg * 4));
			printf("ptrace DR%d=%s DR7=%lx -> %s", reg, a->name,
			       control, answer(poke(pid, 7, control)));
			printf(" %lx\n", peek(pid, 7));
		}
}

/* A linear congruential generator, the same on every kernel */
static unsigned long next_random(unsigned long *state)
{
	*state = *state * 6364136223846793005UL + 1442695040888963407UL;
	return *state >> 32;
}

static void ptrace_random(void)
{
	unsigned long state = 1, control;
	pid_t pid = tracee();
	int i, reg;

	for (i = 0; i < 3000; i++) {
		/* every other round starts from what the last one left */
		if (i & 1)
			poke(pid, 7, 0);
		reg = next_random(&state) & 3;
		poke(pid, reg, (unsigned long)page + next_random(&state) % 9);
		control = next_random(&state);
		if (i % 3)
			control &= 0xffff00ff;
		printf("ptrace random %d DR7=%lx -> %s", i, control,
		       answer(poke(pid, 7, control)));
		printf(" %lx\n", peek(pid, 7));
	}
	end_tracee(pid);
}

static void test_ptrace(void)
{
	unsigned long status = 1;
	unsigned int a;
	pid_t pid;
	int reg;

	ptrace_addresses();
	for (reg = 0; reg < 4; reg++) {
		pid = tracee();
		/* the register was never written */
		printf("ptrace unset DR%d DR7 -> %s", reg,
		       answer(poke(pid, 7, 0x10001UL << (reg * 2))));
		printf(" %lx\n", peek(pid, 7));
		end_tracee(pid);
		pid = tracee();
		for (a = 0; a < address_count; a++)
			ptrace_one_control(pid, reg, &addresses[a]);
		end_tracee(pid);
	}
	ptrace_random();
	pid = tracee();
	for (; status; status <<= 1) {
		printf("ptrace DR6=%lx -> %s", status,
		       answer(poke(pid, 6, status)));
		printf(" %lx\n", peek(pid, 6));
		printf("ptrace DR7=%lx -> %s", status,
		       answer(poke(pid, 7, status)));
		printf(" %lx\n", peek(pid, 7));
	}
	end_tracee(pid);
}
#else
#ifndef NT_ARM_HW_BREAK
#define NT_ARM_HW_BREAK 0x402
#define NT_ARM_HW_WATCH 0x403
#endif

struct debug_state {
	uint32_t info;
	uint32_t pad;
	struct {
		uint64_t addr;
		uint32_t ctrl;
		uint32_t pad;
	} regs[20];
};

static long set_regs(pid_t pid, int note, struct debug_state *s, size_t size)
{
	struct iovec iov = { s, size };

	return ptrace(PTRACE_SETREGSET, pid, note, &iov);
}

static long get_regs(pid_t pid, int note, struct debug_state *s)
{
	struct iovec iov = { s, sizeof(*s) };

	memset(s, 0, sizeof(*s));
	return ptrace(PTRACE_GETREGSET, pid, note, &iov);
}

#define ONE_REG offsetof(struct debug_state, regs[1])

static void try_regs(pid_t pid, const char *name, int note,
		     const struct address *a, uint32_t ctrl)
{
	struct debug_state s = { 0 };

	/* from a known state */
	s.regs[0].addr = (unsigned long)page;
	set_regs(pid, note, &s, ONE_REG);
	s.regs[0].addr = a->value;
	s.regs[0].ctrl = ctrl;
	printf("ptrace %s addr=%s ctrl=%x -> %s", name, a->name, ctrl,
	       answer(set_regs(pid, note, &s, ONE_REG)));
	get_regs(pid, note, &s);
	printf(" %s %x\n", s.regs[0].addr == a->value ? "kept" : "other",
	       s.regs[0].ctrl);
}

static void ptrace_controls(pid_t pid, const char *name, int note,
			    const struct address *a, int all_lengths)
{
	static const uint8_t some[] = { 0, 1, 2, 3, 4, 0xf, 0x3c, 0xf0, 0xff,
					0x81, 0x7f };
	uint32_t low;
	unsigned int i;

	for (low = 0; low < 32; low++)
		for (i = 0; i < (all_lengths ? 256 : ARRAY_SIZE(some)); i++)
			try_regs(pid, name, note, a,
				 low | (uint32_t)(all_lengths ? i : some[i]) << 5);
}

/* Upper bits of the control word, and what is not whole registers */
static void ptrace_shapes(const char *name, int note)
{
	struct debug_state s;
	pid_t pid = tracee();
	size_t size;
	int bit;

	for (bit = 13; bit < 32; bit++)
		try_regs(pid, name, note, &addresses[0], 1u << bit | 0x1e5);
	for (size = 0; size <= sizeof(s); size += 4) {
		memset(&s, 0, sizeof(s));
		printf("ptrace %s size=%zu -> %s\n", name, size,
		       answer(set_regs(pid, note, &s, size)));
	}
	end_tracee(pid);
}

static void test_ptrace_note(const char *name, int note)
{
	struct debug_state s;
	pid_t pid = tracee();
	unsigned int a;

	printf("ptrace %s get -> %s", name, answer(get_regs(pid, note, &s)));
	printf(" %x\n", s.info);
	for (a = 0; a < address_count; a++)
		ptrace_controls(pid, name, note, &addresses[a], !a);
	end_tracee(pid);
	ptrace_shapes(name, note);
}

static void test_ptrace(void)
{
	test_ptrace_note("break", NT_ARM_HW_BREAK);
	test_ptrace_note("watch", NT_ARM_HW_WATCH);
}
#endif

static void test_all_flags(const char *who)
{
	test_flags(who);
	test_excludes(who);
	test_targets(who);
	test_groups(who);
	test_modify(who, 1);
	test_modify(who, 0);
}

static void set_paranoid(const char *level)
{
	int fd = open("/proc/sys/kernel/perf_event_paranoid", O_WRONLY);

	if (fd < 0 || write(fd, level, 1) != 1)
		printf("# perf_event_paranoid cannot be set\n");
	close(fd);
}

/* As somebody without rights, at this level of perf_event_paranoid */
static void test_unprivileged(const char *level)
{
	char who[16];
	int status;
	pid_t pid;

	snprintf(who, sizeof(who), "user%s", level);
	set_paranoid(level);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (setresgid(NOBODY, NOBODY, NOBODY) ||
		    setresuid(NOBODY, NOBODY, NOBODY))
			_exit(2);
		test_all_flags(who);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	printf("%s ended -> %d\n", who, status);
}

/* SIGTRAP of a synchronous event is none of this program's business */
static void on_trap(int sig)
{
	(void)sig;
}

int main(void)
{
	static char buffer[1 << 20];

	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	signal(SIGTRAP, on_trap);
	collect_addresses();
	show_slots("start");
	test_base();
	show_slots("base");
	test_cpu();
	show_slots("cpu");
	test_all_flags("root");
	show_slots("root");
	test_unprivileged("1");
	test_unprivileged("2");
	show_slots("unprivileged");
	test_ptrace();
	show_slots("ptrace");
	printf("# the end\n");
	return 0;
}
