/* SPDX-License-Identifier: GPL-2.0 */
/* Registers of the CPU that executes, by name. */
#ifndef _PLUGIN_REGS_H
#define _PLUGIN_REGS_H

#include <stdint.h>

struct glib_array;
struct qemu_plugin_register;

/* @all is what QEMU has handed over. Ends QEMU where it has no such register. */
struct qemu_plugin_register *find_reg(const struct glib_array *all, const char *name);
/* The lowest 64 bits; in callbacks that may read registers */
uint64_t read_reg(struct qemu_plugin_register *reg);

#endif
