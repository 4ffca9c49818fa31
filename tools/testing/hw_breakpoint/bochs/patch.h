/* SPDX-License-Identifier: GPL-2.0 */
/* Libraries that are preloaded into Bochs: both end the program if they cannot. */
#ifndef _BOCHS_PATCH_H
#define _BOCHS_PATCH_H

void *must_find(const char *symbol);
/* From now on whoever calls @from calls @to. */
void redirect(void *from, void *to);

#endif
