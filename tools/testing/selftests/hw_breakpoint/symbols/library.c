// SPDX-License-Identifier: GPL-2.0
/*
 * A library with variables that are watched; see program.c.
 */
volatile long shared = 1;
static volatile long hidden = 1;
static volatile long beside = 1;
/* Written by the dynamic linker. */
void *link = (void *)&shared;

__attribute__((constructor)) static void early(void)
{
	shared++;
	beside++;
}

void library_add(void);
void library_add(void)
{
	shared++;
	beside++;
	hidden++;
	beside++;
}
