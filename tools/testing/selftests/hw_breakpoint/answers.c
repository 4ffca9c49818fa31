// SPDX-License-Identifier: GPL-2.0
/*
 * One question, and all who can be asked: how many breakpoints has this machine? sysfs, the
 * layer's own tables, KVM, ptrace, and perf, which takes so many. And what is free, how long it
 * may be, and of which type, as sysfs says it and as perf does.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#ifdef __aarch64__
#include <asm/ptrace.h>
#include <elf.h>
#endif

#include "bp.h"
#include "ktap.h"
#include "traced.h"

#ifndef KVM_CAP_GUEST_DEBUG_HW_SHARED
#define KVM_CAP_GUEST_DEBUG_HW_SHARED	10120
#endif

#define DEVICE		"/sys/bus/event_source/devices/breakpoint/"
#define TABLES		"/sys/kernel/debug/hw_breakpoint/"
#define NOBODY		65534
/* More than any CPU has */
#define MOST		64
#define LONGEST_WORD	8

static int code, data, shared;

/* Return: the line without its end, good until the next call; NULL if there is no such file. */
static const char *read_line(const char *path)
{
	static char line[256];
	FILE *f = fopen(path, "re");

	if (!f)
		return NULL;
	if (!fgets(line, sizeof(line), f))
		line[0] = 0;
	fclose(f);
	line[strcspn(line, "\n")] = 0;
	return line;
}

static const char *must_read(const char *path)
{
	const char *line = read_line(path);

	if (!line)
		die(path);
	return line;
}

static const char *sysfs(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), DEVICE "%s", name);
	return read_line(path);
}

static const char *must_sysfs(const char *name)
{
	const char *line = sysfs(name);

	if (!line)
		die(name);
	return line;
}

static long long value_of(const char *name)
{
	const char *line = must_sysfs(name);
	long long n;
	char *end;

	n = strtoll(line, &end, 10);
	if (end == line || *end) {
		printf("Bail out! %s is no number: '%s'\n", name, line);
		exit(1);
	}
	return n;
}

static void skip(const char *name, const char *why)
{
	printf("ok %d %s # SKIP %s\n", ++number, name, why);
}

/* From a list as "1-2,4,8". Return: false at its end. */
static bool next_range(const char **list, unsigned int *first, unsigned int *last)
{
	int chars;

	if (sscanf(*list, "%u%n", first, &chars) < 1)
		return false;
	*list += chars;
	*last = *first;
	if (sscanf(*list, "-%u%n", last, &chars) == 1)
		*list += chars;
	*list += **list == ',';
	return true;
}

/* ---- the layer's own tables ---- */

/* Return: how many CPUs the machine may ever have */
static long possible_cpus(void)
{
	const char *list = must_read("/sys/devices/system/cpu/possible");
	unsigned int first, last;
	long n = 0;

	while (next_range(&list, &first, &last))
		n += last - first + 1;
	return n;
}

/* Return: how many lines a table has but the first; -1 if @right says that one is not. */
static int for_lines(const char *table, bool (*right)(const char *line))
{
	char path[128], text[256];
	int lines = 0;
	FILE *f;

	snprintf(path, sizeof(path), TABLES "%s", table);
	f = fopen(path, "re");
	if (!f)
		die(path);
	while (fgets(text, sizeof(text), f)) {
		if (*text == '#')
			continue;
		lines++;
		if (right(text))
			continue;
		printf("# %s: %s", table, text);
		lines = -1;
		break;
	}
	fclose(f);
	return lines;
}

static bool is_in_cpus(const char *line)
{
	int pool, slots;

	return sscanf(line, "%*d %d %d", &pool, &slots) == 2 && pool <= !shared &&
	       slots == (pool ? data : code);
}

static void table_of_cpus(void)
{
	long pools = shared ? 1 : 2;

	result(same("lines", for_lines("cpus", is_in_cpus), pools * possible_cpus()),
	       "the table of CPUs");
}

static bool any(const char *line)
{
	return *line;
}

static void table_of_slots(void)
{
	long each = code + data - shared;

	result(same("lines", for_lines("slots", any), each * sysconf(_SC_NPROCESSORS_ONLN)),
	       "the table of slots");
}

/* ---- KVM ---- */

static int answers_of(int fd)
{
	return same("BPS", ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_GUEST_DEBUG_HW_BPS), code) &
	       same("WPS", ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_GUEST_DEBUG_HW_WPS), data) &
	       same("SHARED", ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_GUEST_DEBUG_HW_SHARED),
		    shared);
}

#ifdef __aarch64__
/* Return: how many a guest's ID register promises. */
static int contexts_of(int vm)
{
	struct kvm_vcpu_init init;
	unsigned long long dfr0;
	struct kvm_one_reg reg = {
		.id	= ARM64_SYS_REG(3, 0, 0, 5, 0),	/* ID_AA64DFR0_EL1 */
		.addr	= (unsigned long)&dfr0,
	};
	int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0UL);

	if (vcpu < 0 || ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init) ||
	    ioctl(vcpu, KVM_ARM_VCPU_INIT, &init) || ioctl(vcpu, KVM_GET_ONE_REG, &reg))
		die("a vCPU");
	close(vcpu);
	return (dfr0 >> 28 & 15) + 1;	/* CTX_CMPs */
}
#else
/* No slot of x86's matches contexts. */
static int contexts_of(int vm)
{
	(void)vm;
	return 0;
}
#endif

static void kvm(void)
{
	static const char * const names[] = { "KVM", "KVM, of a VM", "a guest's contexts" };
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm;

	if (fd < 0) {
		skip(names[0], "no /dev/kvm");
		skip(names[1], "no /dev/kvm");
		skip(names[2], "no /dev/kvm");
		return;
	}
	result(answers_of(fd), names[0]);
	vm = ioctl(fd, KVM_CREATE_VM, 0UL);
	if (vm < 0)
		die("KVM_CREATE_VM");
	result(answers_of(vm), names[1]);
	result(same("context-aware", contexts_of(vm), value_of("caps/context_slots")), names[2]);
	close(vm);
	close(fd);
}

/* ---- ptrace ---- */

#ifdef __x86_64__
/* As many as take an address; none is switched on. */
static int traced_registers(pid_t pid)
{
	size_t n = 0, offset = offsetof(struct user, u_debugreg);

	while (n < 8 && !ptrace(PTRACE_POKEUSER, pid, offset + n * sizeof(long), BP_ADDR))
		n++;
	return n;
}

static int traced(pid_t pid)
{
	return same("registers", traced_registers(pid), code + data - shared);
}
#elif defined(__aarch64__)
static int traced_registers(pid_t pid, int regset)
{
	struct user_hwdebug_state state;
	struct iovec iov = { &state, sizeof(state) };

	if (ptrace(PTRACE_GETREGSET, pid, regset, &iov))
		die("PTRACE_GETREGSET");
	return state.dbg_info & 0xff;
}

static int traced(pid_t pid)
{
	return same("breakpoints", traced_registers(pid, NT_ARM_HW_BREAK), code) &
	       same("watchpoints", traced_registers(pid, NT_ARM_HW_WATCH), data);
}
#endif

static void tracer(void)
{
	pid_t pid = start_traced(NULL);

	result(traced(pid), "ptrace");
	end_traced(pid);
}

/* ---- perf ---- */

/* What others hold at the moment is in both. */
static int free_as_perf_says(void)
{
	return same("free_code", value_of("free_code"), bp_room(HW_BREAKPOINT_X, 0, -1, MOST)) &
	       same("free_data", value_of("free_data"), bp_room(HW_BREAKPOINT_W, 0, -1, MOST));
}

static void is_free(void)
{
	result(free_as_perf_says(), "as many are free as perf takes");
}

/* One less for whoever cannot have it any more */
static void is_free_beside(pid_t pid, int cpu, int less, const char *name)
{
	long before = value_of("free_data");
	int fd = must(bp_open(HW_BREAKPOINT_W, pid, cpu, 0), "a breakpoint");

	result(same("free_data", value_of("free_data"), before - less) & free_as_perf_says(), name);
	close(fd);
}

static void is_free_beside_a_task(void)
{
	pid_t pid = fork();

	if (!pid) {
		pause();
		_exit(0);
	}
	is_free_beside(pid, -1, 0, "another task's take nothing from this one");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* A number is all that is told, so everybody may know it. */
static void unprivileged(void)
{
	int status, good;
	pid_t pid = fork();

	if (!pid) {
		good = !setgid(NOBODY) && !setuid(NOBODY) && value_of("caps/code_slots") == code &&
		       value_of("caps/data_slots") == data && sysfs("free_code") &&
		       sysfs("free_data") && sysfs("uneven_cpus");
		_exit(!good);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("fork");
	result(!status, "nobody is told the same");
}

static bool takes(int bp_type, unsigned long long len)
{
	struct perf_event_attr attr;
	int fd;

	bp_attr(&attr, bp_type);
	attr.bp_len = len;
	/* a multiple of the longest range */
	attr.bp_addr = 1ull << 33;
	fd = bp_open_attr(&attr, 0, -1);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Return: bits of the lengths. One that is longer than any word is as one of 0, which none has. */
static unsigned int lengths_in(const char *list)
{
	unsigned int bits = 0, first, last, n;

	while (next_range(&list, &first, &last)) {
		for (n = first; n <= last; n++)
			bits |= 1u << (n <= LONGEST_WORD ? n : 0);
	}
	return bits;
}

static void lengths(const char *file, int bp_type)
{
	unsigned int taken = 0, len;

	for (len = 1; len <= LONGEST_WORD; len++)
		taken |= (unsigned int)takes(bp_type, len) << len;
	result(same(file, lengths_in(must_sysfs(file)), taken), file);
}

/* That range is taken, twice as long is none; and without any, none is taken. */
static void range(void)
{
	unsigned long long longest = value_of("caps/data_range"), len;
	int good = longest ? takes(HW_BREAKPOINT_W, longest) : 1;

	for (len = 2 * (longest ?: LONGEST_WORD); len <= 1ull << 32; len *= 2)
		good &= !takes(HW_BREAKPOINT_W, len);
	result(good, "caps/data_range");
}

static void types(void)
{
	static const struct {
		int bp_type;
		const char *name;
	} all[] = {
		{ HW_BREAKPOINT_R, "r" }, { HW_BREAKPOINT_W, "w" }, { HW_BREAKPOINT_RW, "rw" },
	};
	char taken[16] = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		if (!takes(all[i].bp_type, 4))
			continue;
		if (*taken)
			strcat(taken, ",");
		strcat(taken, all[i].name);
	}
	result(!strcmp(must_sysfs("caps/data_types"), taken), "caps/data_types");
}

int main(void)
{
	if (!sysfs("caps/code_slots")) {
		printf("1..0 # SKIP this kernel does not say in sysfs what it has\n");
		return 4;
	}
	plan(15);
	code = value_of("caps/code_slots");
	data = value_of("caps/data_slots");
	shared = value_of("caps/shared_slots");
	printf("# %d for instructions, %d for data, %d of these for both\n", code, data, shared);
	printf("# CPUs with more: '%s'\n", must_sysfs("uneven_cpus"));
	table_of_cpus();
	table_of_slots();
	kvm();
	tracer();
	is_free();
	is_free_beside(0, -1, 1, "one's own is one less");
	is_free_beside(-1, 0, 1, "a CPU's is one less for every task");
	is_free_beside_a_task();
	unprivileged();
	lengths("caps/code_lengths", HW_BREAKPOINT_X);
	lengths("caps/data_lengths", HW_BREAKPOINT_W);
	range();
	types();
	return failed;
}
