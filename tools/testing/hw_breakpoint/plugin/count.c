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
 * Where the machine has several CPUs there is no other way, and only the first may be
 * started: for any other one, the firmware's too, QEMU 10.0 counts to a wild address. lines.c
 * says why.
 *
 * layer.c says which instructions are the layer's.
 *
 * For -icount only: all CPUs are in one thread then, so nothing here needs to be atomic,
 * and where one of them runs all counts come out the same each time.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "layer.h"
#include "machine.h"
#include "regs.h"
#include "where.h"

EXPORTED int qemu_plugin_version = PLUGIN_VERSION;

static const struct machine *machine;
static struct qemu_plugin_register *sp_reg, *link_reg, *flags_reg, *name_reg[2];
static FILE *out;

/* nothing counts but the kernel */
static bool kernel_only;

/* What each CPU counts; the compiled code adds to them */
struct counters {
	uint64_t insns, writes, reads, bank;
	/* how many stacks are inside of the layer */
	uint64_t inside;
};

static struct plugin_u64 insns, writes, reads, bank, inside;

static uint64_t layer;

static struct {
	char name[17];
	uint64_t insns, layer, writes, reads, bank;
	/* the layer's with interrupts off: the latest ones, and the most */
	uint64_t off, most_off;
} phase;

/* The first instruction of a function of the layer */
static void enter(unsigned int cpu, void *unused)
{
	(void)unused;
	layer_enter(read_reg(sp_reg), link_reg ? read_reg(link_reg) : 0);
	qemu_plugin_u64_set(inside, cpu, layer_inside());
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
	if (layer_step(read_reg(sp_reg), (uint64_t)pc)) {
		layer++;
		count_off();
	} else {
		qemu_plugin_u64_set(inside, cpu, layer_inside());
	}
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

static bool is_kernel(uint64_t address)
{
	return address >> 63;
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
	if (layer_is_entry(pc))
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

static void cpu_starts(uint64_t id, unsigned int cpu)
{
	struct glib_array *all = qemu_plugin_get_registers();

	(void)id;
	(void)cpu;
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

static int open_files(int argc, char **argv)
{
	const char *from = argument(argc, argv, "entries"), *to = argument(argc, argv, "out");

	if (!from || !to) {
		fprintf(stderr, "count: needs entries=FILE and out=FILE\n");
		return -1;
	}
	if (layer_open(from))
		return -1;
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
	machine = find_machine(info->target);
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
