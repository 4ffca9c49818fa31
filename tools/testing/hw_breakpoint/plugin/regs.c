// SPDX-License-Identifier: GPL-2.0
/* Registers of the CPU that executes, by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "regs.h"

static struct glib_array *value;

struct qemu_plugin_register *find_reg(const struct glib_array *all, const char *name)
{
	const struct plugin_reg *regs = (const struct plugin_reg *)all->data;
	unsigned int i;

	for (i = 0; i < all->len; i++)
		if (!strcmp(regs[i].name, name))
			return regs[i].handle;
	fprintf(stderr, "plugin: this QEMU knows no register %s\n", name);
	exit(1);
}

uint64_t read_reg(struct qemu_plugin_register *reg)
{
	uint64_t word = 0;
	int size;

	if (!value)
		value = g_byte_array_new();
	g_byte_array_set_size(value, 0);
	size = qemu_plugin_read_register(reg, value);
	if (size > 0)
		memcpy(&word, value->data, size < 8 ? size : 8);
	return word;
}
