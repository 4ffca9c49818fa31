/* SPDX-License-Identifier: GPL-2.0 */
/* Which of the kernel's instructions are the breakpoint layer's. */
#ifndef _PLUGIN_LAYER_H
#define _PLUGIN_LAYER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * @path has the addresses of the layer's functions, hexadecimal, one at the start of each
 * line. Return: 0, or -1 after a message.
 */
int layer_open(const char *path);
bool layer_is_entry(uint64_t address);

/* The first instruction of one of its functions; @link is 0 where that is on the stack. */
void layer_enter(uint64_t sp, uint64_t link);
/*
 * Called before each instruction while layer_inside() is not 0.
 * Return: is the one at @pc the layer's?
 */
bool layer_step(uint64_t sp, uint64_t pc);
/* How many stacks are inside of the layer */
unsigned int layer_inside(void);

#endif
