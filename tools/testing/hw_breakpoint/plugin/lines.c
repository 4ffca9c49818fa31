// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU that finds what costs more the more CPUs are at work: writes of the
 * kernel to lines of the cache that other CPUs use, too.
 *
 *	-plugin lines.so,entries=FILE,out=FILE,where=FILE
 *
 * Several CPUs repeat the same operations between the markers of bench/mark.h. A write in
 * one counts if another CPU has, in one of its own, read or written that line since the
 * writer began this operation the last time. So of the first time on each CPU nothing is
 * told. What is at user space's addresses is not looked at.
 *
 * entries: see count.c. out: CSV, a line for each pair of markers, in the order of the
 * ends: how many writes of the breakpoint layer counted (see layer.c), and how many of all
 * the kernel. where: CSV, written at the end; how many at each instruction and line.
 *
 * For one thread that runs all CPUs: -icount, or -accel tcg,thread=single. Each access is
 * seen there, those of locked instructions included, which QEMU 10.0 does not show where
 * every CPU has a thread of its own. But which CPU it is QEMU gets wrong then: to a
 * callback it gives the one that has translated the instruction. So a CPU is known by the
 * address of its variables, which the kernel has in a register. And with counters and
 * conditional callbacks, which this plugin does not use therefore, QEMU multiplies that
 * number in place where it is a constant of the translated block, and the block computes
 * with a wrong one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "layer.h"
#include "machine.h"
#include "regs.h"

#define MAX_CPUS	16
#define MAX_OPS		64
#define LINE_SHIFT	6
#define BUCKETS		65536

EXPORTED int qemu_plugin_version = PLUGIN_VERSION;

/* By one instruction in one operation */
struct writes {
	struct writes *next;
	uint64_t pc;
	int op;
	bool layer;
	unsigned long n;
};

struct line {
	struct line *next;
	uint64_t number;
	/* when each CPU has used it, between markers; 0: never */
	unsigned long used[MAX_CPUS];
	struct writes *writes;
};

static const struct machine *machine;
static struct qemu_plugin_register *sp_reg, *link_reg, *base_reg, *user_base_reg, *name_reg[2];
static FILE *out, *where;

static struct line *lines[BUCKETS];

static char op_names[MAX_OPS][17];
static int nr_ops;

/* One for each CPU that has come to a marker */
static struct cpu {
	uint64_t base;
	/* what it is in, or -1 */
	int op;
	/* when each began the last time, and this one the time before; 0: never */
	unsigned long began[MAX_OPS], since;
	/* writes that count */
	unsigned long layer, all;
} cpus[MAX_CPUS];
static int nr_cpus;

/* How many operations have begun: the time */
static unsigned long now;
/* CPUs that are in one */
static unsigned int nr_active;

/* Is the instruction that is executed the layer's? */
static bool in_layer;

static bool is_kernel(uint64_t address)
{
	return address >> 63;
}

/* Where the kernel is entered and left user space's may not be exchanged yet. */
static uint64_t read_base(void)
{
	uint64_t base = read_reg(base_reg);

	return user_base_reg && !is_kernel(base) ? read_reg(user_base_reg) : base;
}

/* Return: the CPU that executes, or NULL if it has not come to a marker. */
static struct cpu *find_cpu(void)
{
	uint64_t base = read_base();
	int i;

	for (i = 0; i < nr_cpus; i++)
		if (cpus[i].base == base)
			return &cpus[i];
	return NULL;
}

static struct cpu *add_cpu(void)
{
	if (nr_cpus == MAX_CPUS) {
		fprintf(stderr, "lines: more than %d CPUs\n", MAX_CPUS);
		exit(1);
	}
	cpus[nr_cpus] = (struct cpu){ .base = read_base(), .op = -1 };
	return &cpus[nr_cpus++];
}

/* The operation that the marker names */
static int read_op(void)
{
	uint64_t words[2] = { read_reg(name_reg[0]), read_reg(name_reg[1]) };
	int i;

	for (i = 0; i < nr_ops; i++)
		if (!memcmp(op_names[i], words, sizeof(words)))
			return i;
	if (nr_ops == MAX_OPS) {
		fprintf(stderr, "lines: more than %d operations\n", MAX_OPS);
		exit(1);
	}
	memcpy(op_names[nr_ops], words, sizeof(words));
	return nr_ops++;
}

static void *new(size_t size)
{
	void *p = calloc(1, size);

	if (!p) {
		fprintf(stderr, "lines: no memory\n");
		exit(1);
	}
	return p;
}

static struct line *find_line(uint64_t number)
{
	struct line **bucket = &lines[number % BUCKETS], *line;

	for (line = *bucket; line; line = line->next)
		if (line->number == number)
			return line;
	line = new(sizeof(*line));
	line->number = number;
	line->next = *bucket;
	*bucket = line;
	return line;
}

static void add_write(struct line *line, int op, uint64_t pc)
{
	struct writes *w;

	for (w = line->writes; w; w = w->next)
		if (w->pc == pc && w->op == op && w->layer == in_layer)
			break;
	if (!w) {
		w = new(sizeof(*w));
		*w = (struct writes){ line->writes, pc, op, in_layer, 0 };
		line->writes = w;
	}
	w->n++;
}

/* Has another CPU used it since @cpu began the same operation the last time? */
static bool is_shared(const struct line *line, const struct cpu *cpu)
{
	int i;

	for (i = 0; i < nr_cpus; i++)
		if (&cpus[i] != cpu && line->used[i] >= cpu->since)
			return true;
	return false;
}

static void accessed(unsigned int unused, uint32_t info, uint64_t address, void *pc)
{
	struct line *line;
	struct cpu *cpu;

	(void)unused;
	if (!nr_active || !is_kernel(address))
		return;
	cpu = find_cpu();
	if (!cpu || cpu->op < 0)
		return;
	line = find_line(address >> LINE_SHIFT);
	line->used[cpu - cpus] = now;
	if (!cpu->since || !qemu_plugin_mem_is_store(info) || !is_shared(line, cpu))
		return;
	cpu->all++;
	cpu->layer += in_layer;
	add_write(line, cpu->op, (uint64_t)pc);
}

/* The first instruction of a function of the layer */
static void enter(unsigned int unused, void *data)
{
	(void)unused;
	(void)data;
	layer_enter(read_reg(sp_reg), link_reg ? read_reg(link_reg) : 0);
	in_layer = true;
}

/* The first instruction of a block of the kernel's */
static void step(unsigned int unused, void *pc)
{
	(void)unused;
	in_layer = layer_inside() && layer_step(read_reg(sp_reg), (uint64_t)pc);
}

static void begin(unsigned int unused, void *data)
{
	struct cpu *cpu = find_cpu();

	(void)unused;
	(void)data;
	if (!cpu)
		cpu = add_cpu();
	if (cpu->op < 0)
		nr_active++;
	cpu->op = read_op();
	cpu->since = cpu->began[cpu->op];
	cpu->began[cpu->op] = ++now;
	cpu->layer = 0;
	cpu->all = 0;
}

static void end(unsigned int unused, void *data)
{
	struct cpu *cpu = find_cpu();

	(void)unused;
	(void)data;
	if (!cpu || cpu->op < 0)
		return;
	if (cpu->since)
		fprintf(out, "%s,%ld,%lu,%lu\n", op_names[cpu->op], cpu - cpus, cpu->layer,
			cpu->all);
	cpu->op = -1;
	nr_active--;
}

static void watch_kernel(struct qemu_plugin_insn *insn)
{
	uint64_t pc = qemu_plugin_insn_vaddr(insn);

	if (layer_is_entry(pc))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, enter, PLUGIN_READS_REGS, NULL);
	qemu_plugin_register_vcpu_mem_cb(insn, accessed, PLUGIN_READS_REGS, PLUGIN_MEM_RW,
					 (void *)pc);
}

static void watch_markers(struct qemu_plugin_insn *insn)
{
	uint8_t code[16];
	size_t size = qemu_plugin_insn_data(insn, code, sizeof(code));
	enum insn_kind kind = machine->kind(code, size);

	if (kind == INSN_BEGIN)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, begin, PLUGIN_READS_REGS, NULL);
	if (kind == INSN_END)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, end, PLUGIN_READS_REGS, NULL);
}

/* What a function returns to is the first instruction of a block, and so is an interrupt's */
static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, 0);
	uint64_t first = qemu_plugin_insn_vaddr(insn);
	size_t n = qemu_plugin_tb_n_insns(tb), i;

	(void)id;
	if (is_kernel(first))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, step, PLUGIN_READS_REGS,
						       (void *)first);
	for (i = 0; i < n; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		if (is_kernel(first))
			watch_kernel(insn);
		else
			watch_markers(insn);
	}
}

static void cpu_starts(uint64_t id, unsigned int cpu)
{
	struct glib_array *all = qemu_plugin_get_registers();

	(void)id;
	(void)cpu;
	sp_reg = find_reg(all, machine->sp);
	link_reg = machine->link ? find_reg(all, machine->link) : NULL;
	base_reg = find_reg(all, machine->base);
	user_base_reg = machine->user_base ? find_reg(all, machine->user_base) : NULL;
	name_reg[0] = find_reg(all, machine->name[0]);
	name_reg[1] = find_reg(all, machine->name[1]);
	g_array_free(all, 1);
}

static void finish(uint64_t id, void *unused)
{
	const struct writes *w;
	const struct line *line;
	int i;

	(void)id;
	(void)unused;
	for (i = 0; i < BUCKETS; i++)
		for (line = lines[i]; line; line = line->next)
			for (w = line->writes; w; w = w->next)
				fprintf(where, "%s,%s,%lx,%lx,%lu\n", op_names[w->op],
					w->layer ? "layer" : "other", w->pc,
					line->number << LINE_SHIFT, w->n);
	fclose(out);
	fclose(where);
}

static FILE *create(const char *path, const char *head)
{
	FILE *file = fopen(path, "w");

	if (file)
		fprintf(file, "%s\n", head);
	else
		fprintf(stderr, "lines: %s: %s\n", path, strerror(errno));
	return file;
}

int qemu_plugin_install(uint64_t id, const struct plugin_info *info, int argc, char **argv)
{
	const char *from = argument(argc, argv, "entries"), *to = argument(argc, argv, "out");
	const char *to_where = argument(argc, argv, "where");

	machine = find_machine(info->target);
	if (!machine || !info->whole_system || !from || !to || !to_where) {
		fprintf(stderr, "lines: needs x86-64 or arm64, entries=, out= and where=FILE\n");
		return -1;
	}
	if (layer_open(from))
		return -1;
	out = create(to, "name,cpu,layer,all");
	where = out ? create(to_where, "name,whose,pc,line,writes") : NULL;
	if (!where)
		return -1;
	qemu_plugin_register_vcpu_init_cb(id, cpu_starts);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
