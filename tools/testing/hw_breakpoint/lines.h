/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the layer reads and writes, by lines of the cache. Its files are compiled with
 * -fsanitize=thread, and lines.c is called for each access in the place of libtsan.
 */
#ifndef _LINES_H
#define _LINES_H

/* Writes so far, by the layer on any CPU, to a line that another CPU uses, too */
extern unsigned int lines_shared;

/* From now on; nobody has used any line yet. */
void lines_start(void);

#endif
