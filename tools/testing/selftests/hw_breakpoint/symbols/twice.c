// SPDX-License-Identifier: GPL-2.0
/*
 * A second source of the program, which has a variable own, too.
 */
static volatile long own = 1;

__attribute__((constructor)) static void early(void)
{
	own++;
}
