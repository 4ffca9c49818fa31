// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU that counts what a guest executes between two markers:
 * instructions, writes and reads of debug registers, of either those of the bank,
 * and the instructions of the breakpoint layer; and of these the most that were executed
 * one after the other with interrupts off.
 *
 *	-plugin count.so,entries=FILE,out=FILE[,kernel=yes]
 *		[,functions=FILE,where=FILE]
 *
 * entries: the addresses of the layer's functions, hexadecimal, one at the start
 * of each line. out: CSV, a line for each pair of markers, in the order executed.
 * functions, where: see where.c. kernel: only what is at the kernel's addresses counts.
 * Where the machine has several CPUs there is no other way: QEMU 10.0 counts to a wild
 * address in the firmware then.
 *
 * The layer's instructions are those from the entry into one of its functions
 * until that function returns to whoever called it from outside, the functions it
 * calls included. They are followed by the stack: what runs on another stack
 * meanwhile (another task, an interrupt) is not the layer's. The function has
 * returned when the stack is above what it was at entry, or, where the return
 * address is in a register, when that is reached with the stack of the entry.
 *
 * For -icount only: all CPUs are in one thread then, so nothing here needs to be atomic,
 * and where one of them runs all counts come out the same each time.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "machine.h"
#include "where.h"

#define MAX_ENTRIES	4096
#define MAX_STACKS	256
/* Every stack of the kernel lies within an aligned block of this size */
#define STACK_SHIFT	14

EXPORTED int qemu_plugin_version = PLUGIN_VERSION;

static const struct machine *machine;
static struct qemu_plugin_register *sp_reg, *link_reg, *flags_reg, *name_reg[2];
static struct glib_array *value;
static FILE *out;

static uint64_t entries[MAX_ENTRIES];
static size_t nr_entries;

/* nothing counts but the kernel */
static bool kernel_only;

/* What each CPU counts; the compiled code adds to them */
struct counters {
	uint64_t insns, writes, reads, bank;
	/* how many stacks are inside of the layer */
	uint64_t inside;
};

static struct plugin_u64 insns, writes, reads, bank, inside;

static struct {
	uint64_t sp, link;
} stacks[MAX_STACKS];
static unsigned int nr_stacks;
static uint64_t layer;

static struct {
	char name[17];
	uint64_t insns, layer, writes, reads, bank;
	/* the layer's with interrupts off: the latest ones, and the most */
	uint64_t off, most_off;
} phase;

static uint64_t read_reg(struct qemu_plugin_register *reg)
{
	uint64_t word = 0;
	int size;

	g_byte_array_set_size(value, 0);
	size = qemu_plugin_read_register(reg, value);
	if (size > 0)
		memcpy(&word, value->data, size < 8 ? size : 8);
	return word;
}

/* Return: the index of the stack that @sp is on, or nr_stacks. */
static unsigned int find_stack(uint64_t sp)
{
	unsigned int i;

	for (i = 0; i < nr_stacks; i++)
		if (!((stacks[i].sp ^ sp) >> STACK_SHIFT))
			break;
	return i;
}

/* The first instruction of a function of the layer */
static void enter(unsigned int cpu, void *unused)
{
	uint64_t sp = read_reg(sp_reg);

	(void)unused;
	if (find_stack(sp) < nr_stacks)
		return;
	if (nr_stacks == MAX_STACKS) {
		fprintf(stderr, "count: too many tasks inside of the layer\n");
		exit(1);
	}
	stacks[nr_stacks].sp = sp;
	stacks[nr_stacks].link = link_reg ? read_reg(link_reg) : 0;
	nr_stacks++;
	qemu_plugin_u64_set(inside, cpu, nr_stacks);
}

static void count_off(void)
{
	bool off = (read_reg(flags_reg) & machine->irq_mask) == machine->irqs_off;

	phase.off = off ? phase.off + 1 : 0;
	if (phase.off > phase.most_off)
		phase.most_off = phase.off;
}

/* Any instruction of the kernel while some stack is inside of the layer */
static void step(unsigned int cpu, void *pc)
{
	uint64_t sp = read_reg(sp_reg);
	unsigned int i = find_stack(sp);

	if (i == nr_stacks)
		return;
	if (sp <= stacks[i].sp && !(sp == stacks[i].sp && (uint64_t)pc == stacks[i].link)) {
		layer++;
		count_off();
		return;
	}
	stacks[i] = stacks[--nr_stacks];
	qemu_plugin_u64_set(inside, cpu, nr_stacks);
}

static void begin(unsigned int cpu, void *unused)
{
	uint64_t name[2] = { read_reg(name_reg[0]), read_reg(name_reg[1]) };

	(void)unused;
	memcpy(phase.name, name, sizeof(name));
	phase.insns = qemu_plugin_u64_get(insns, cpu);
	phase.layer = layer;
	phase.writes = qemu_plugin_u64_get(writes, cpu);
	phase.reads = qemu_plugin_u64_get(reads, cpu);
	phase.bank = qemu_plugin_u64_get(bank, cpu);
	phase.off = 0;
	phase.most_off = 0;
	where_begin(cpu);
}

static void end(unsigned int cpu, void *unused)
{
	(void)unused;
	fprintf(out, "%s,%lu,%lu,%lu,%lu,%lu,%lu\n", phase.name,
		qemu_plugin_u64_get(insns, cpu) - phase.insns, layer - phase.layer,
		qemu_plugin_u64_get(writes, cpu) - phase.writes,
		qemu_plugin_u64_get(reads, cpu) - phase.reads,
		qemu_plugin_u64_get(bank, cpu) - phase.bank, phase.most_off);
	where_end(cpu, phase.name);
}

static void add_one(struct qemu_plugin_insn *insn, struct plugin_u64 counter)
{
	qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, PLUGIN_ADD, counter, 1);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool is_kernel(uint64_t address)
{
	return address >> 63;
}

static bool is_entry(uint64_t address)
{
	return bsearch(&address, entries, nr_entries, sizeof(address), compare);
}

/* Of the markers themselves neither is counted */
static void watch_kind(struct qemu_plugin_insn *insn, enum insn_kind kind)
{
	bool counts = !kernel_only || is_kernel(qemu_plugin_insn_vaddr(insn));

	if (kind == INSN_END)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, end, PLUGIN_NO_REGS, NULL);
	if (counts)
		add_one(insn, insns);
	if (kind == INSN_BEGIN)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, begin, PLUGIN_READS_REGS, NULL);
	if (!counts)
		return;
	if (kind == INSN_DR_WRITE || kind == INSN_BANK_WRITE)
		add_one(insn, writes);
	if (kind == INSN_DR_READ || kind == INSN_BANK_READ)
		add_one(insn, reads);
	if (kind == INSN_BANK_WRITE || kind == INSN_BANK_READ)
		add_one(insn, bank);
}

static void watch_layer(struct qemu_plugin_insn *insn, uint64_t pc)
{
	if (!is_kernel(pc))
		return;
	if (is_entry(pc))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, enter, PLUGIN_READS_REGS, NULL);
	qemu_plugin_register_vcpu_insn_exec_cond_cb(insn, step, PLUGIN_READS_REGS,
						    PLUGIN_IF_NE, inside, 0, (void *)pc);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb), i;

	(void)id;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint8_t code[16];
		size_t size = qemu_plugin_insn_data(insn, code, sizeof(code));

		watch_kind(insn, machine->kind(code, size));
		watch_layer(insn, qemu_plugin_insn_vaddr(insn));
		where_watch(insn);
	}
}

static struct qemu_plugin_register *find_reg(const struct glib_array *all, const char *name)
{
	const struct plugin_reg *regs = (const struct plugin_reg *)all->data;
	unsigned int i;

	for (i = 0; i < all->len; i++)
		if (!strcmp(regs[i].name, name))
			return regs[i].handle;
	fprintf(stderr, "count: this QEMU knows no register %s\n", name);
	exit(1);
}

static void cpu_starts(uint64_t id, unsigned int cpu)
{
	struct glib_array *all = qemu_plugin_get_registers();

	(void)id;
	(void)cpu;
	if (!value)
		value = g_byte_array_new();
	sp_reg = find_reg(all, machine->sp);
	link_reg = machine->link ? find_reg(all, machine->link) : NULL;
	flags_reg = find_reg(all, machine->flags);
	name_reg[0] = find_reg(all, machine->name[0]);
	name_reg[1] = find_reg(all, machine->name[1]);
	g_array_free(all, 1);
}

static void finish(uint64_t id, void *unused)
{
	(void)id;
	(void)unused;
	fclose(out);
	where_finish();
}

static int read_entries(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[256];

	if (!file)
		return -1;
	while (nr_entries < MAX_ENTRIES && fgets(line, sizeof(line), file))
		entries[nr_entries++] = strtoull(line, NULL, 16);
	fclose(file);
	qsort(entries, nr_entries, sizeof(entries[0]), compare);
	return nr_entries ? 0 : -1;
}

/* Return: what the argument @key says, or NULL. */
static const char *argument(int argc, char **argv, const char *key)
{
	size_t size = strlen(key);
	int i;

	for (i = 0; i < argc; i++)
		if (!strncmp(argv[i], key, size) && argv[i][size] == '=')
			return argv[i] + size + 1;
	return NULL;
}

static int open_files(int argc, char **argv)
{
	const char *from = argument(argc, argv, "entries"), *to = argument(argc, argv, "out");

	if (!from || !to) {
		fprintf(stderr, "count: needs entries=FILE and out=FILE\n");
		return -1;
	}
	if (read_entries(from)) {
		fprintf(stderr, "count: no addresses in %s\n", from);
		return -1;
	}
	out = fopen(to, "w");
	if (!out) {
		fprintf(stderr, "count: %s: %s\n", to, strerror(errno));
		return -1;
	}
	fprintf(out, "name,insns,layer,writes,reads,bank,off\n");
	return 0;
}

static void make_counters(void)
{
	struct qemu_plugin_scoreboard *board;

	board = qemu_plugin_scoreboard_new(sizeof(struct counters));
	insns = (struct plugin_u64){ board, offsetof(struct counters, insns) };
	writes = (struct plugin_u64){ board, offsetof(struct counters, writes) };
	reads = (struct plugin_u64){ board, offsetof(struct counters, reads) };
	bank = (struct plugin_u64){ board, offsetof(struct counters, bank) };
	inside = (struct plugin_u64){ board, offsetof(struct counters, inside) };
}

int qemu_plugin_install(uint64_t id, const struct plugin_info *info, int argc, char **argv)
{
	if (!strcmp(info->target, machine_x86_64.target))
		machine = &machine_x86_64;
	else if (!strcmp(info->target, machine_arm64.target))
		machine = &machine_arm64;
	kernel_only = argument(argc, argv, "kernel");
	if (!machine || !info->whole_system || (info->system.max_cpus != 1 && !kernel_only)) {
		fprintf(stderr, "count: needs x86-64 or arm64, and one CPU if not kernel=yes\n");
		return -1;
	}
	if (open_files(argc, argv) ||
	    where_open(argument(argc, argv, "functions"), argument(argc, argv, "where")))
		return -1;
	make_counters();
	qemu_plugin_register_vcpu_init_cb(id, cpu_starts);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
