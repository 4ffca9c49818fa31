/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BOCHS_COUNT_H
#define _BOCHS_COUNT_H

#include <stdint.h>

/* A decoded instruction begins with the function that executes it. */
struct instruction {
	void	*execute;
	uint8_t	rest[48];
};

/* Before each instruction */
void count(const struct instruction *i);

#endif
