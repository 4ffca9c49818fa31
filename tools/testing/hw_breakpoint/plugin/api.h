/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of QEMU's plugin interface as count.c and lines.c use. Debian ships no header for
 * it. This is version 3, which QEMU 9.1 and later understand.
 */
#ifndef _PLUGIN_API_H
#define _PLUGIN_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLUGIN_VERSION	3
#define EXPORTED	__attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_register;
struct qemu_plugin_scoreboard;

struct plugin_info {
	const char *target;
	struct {
		int oldest, newest;
	} version;
	bool whole_system;
	struct {
		int cpus, max_cpus;
	} system;
};

/* A 64-bit word at @offset of each CPU's part of the scoreboard. Passed by value. */
struct plugin_u64 {
	struct qemu_plugin_scoreboard *board;
	size_t offset;
};

struct plugin_reg {
	struct qemu_plugin_register *handle;
	const char *name;
	const char *feature;
};

enum plugin_regs { PLUGIN_NO_REGS, PLUGIN_READS_REGS };
enum plugin_rw { PLUGIN_MEM_RW = 3 };
enum plugin_op { PLUGIN_ADD };
enum plugin_cond { PLUGIN_IF_NE = 3 };

typedef void (*plugin_exec_fn)(unsigned int cpu, void *data);
typedef void (*plugin_mem_fn)(unsigned int cpu, uint32_t info, uint64_t address, void *data);

void qemu_plugin_register_vcpu_init_cb(uint64_t id, void (*fn)(uint64_t id, unsigned int cpu));
void qemu_plugin_register_atexit_cb(uint64_t id, void (*fn)(uint64_t id, void *data),
				    void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*fn)(uint64_t id, struct qemu_plugin_tb *tb));

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t size);

/* Called before each execution, in the order of registration */
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, plugin_exec_fn fn,
					    enum plugin_regs regs, void *data);
void qemu_plugin_register_vcpu_insn_exec_cond_cb(struct qemu_plugin_insn *insn,
						 plugin_exec_fn fn, enum plugin_regs regs,
						 enum plugin_cond cond, struct plugin_u64 word,
						 uint64_t value, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *insn,
							 enum plugin_op op,
							 struct plugin_u64 word,
							 uint64_t value);

/* Called after each access of the instruction to memory */
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, plugin_mem_fn fn,
				      enum plugin_regs regs, enum plugin_rw rw, void *data);
bool qemu_plugin_mem_is_store(uint32_t info);

struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t size);
/* The part of @cpu */
void *qemu_plugin_scoreboard_find(struct qemu_plugin_scoreboard *board, unsigned int cpu);
uint64_t qemu_plugin_u64_get(struct plugin_u64 word, unsigned int cpu);
void qemu_plugin_u64_set(struct plugin_u64 word, unsigned int cpu, uint64_t value);

/* GLib's arrays, by which registers are handed over; QEMU has GLib loaded */
struct glib_array {
	char *data;
	unsigned int len;
};

struct glib_array *g_byte_array_new(void);
void g_byte_array_set_size(struct glib_array *array, unsigned int size);
char *g_array_free(struct glib_array *array, int and_data);

/* Only from the CPU's init callback; the array is the caller's */
struct glib_array *qemu_plugin_get_registers(void);
/* Appends to @to. Return: number of bytes, or -1. */
int qemu_plugin_read_register(struct qemu_plugin_register *reg, struct glib_array *to);

extern EXPORTED int qemu_plugin_version;
EXPORTED int qemu_plugin_install(uint64_t id, const struct plugin_info *info,
				 int argc, char **argv);

#endif
