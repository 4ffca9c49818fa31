/* SPDX-License-Identifier: GPL-2.0 */
/* In which functions of the kernel instructions are executed between two markers. */
#ifndef _PLUGIN_WHERE_H
#define _PLUGIN_WHERE_H

struct qemu_plugin_insn;

/* Nothing is counted here without both of the files. Return: 0, or -1 after a message. */
int where_open(const char *functions, const char *out);
void where_watch(struct qemu_plugin_insn *insn);
void where_begin(unsigned int cpu);
void where_end(unsigned int cpu, const char *name);
void where_finish(void);

#endif
