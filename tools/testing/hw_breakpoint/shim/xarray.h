/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is used of arrays by number: of whole numbers, by CPU. The functions are none of
 * the layer's instructions, see steps.h.
 */
#ifndef _SHIM_XARRAY_H
#define _SHIM_XARRAY_H

#include "basic.h"

#define XA_FLAGS_ACCOUNT	0

/* Ascending by number. @entry is NULL where room has only been reserved. */
struct xarray {
	struct shim_xa_slot {
		unsigned long	i;
		void		*entry;
	} *slots;
	unsigned int		n;
};

#define xa_mk_value(v)		((void *)((unsigned long)(v) << 1 | 1))
#define xa_to_value(entry)	((unsigned long)(entry) >> 1)
#define xa_init_flags(xa, flags) ((void)(*(xa) = (struct xarray) { }))

/* Warns of room that was reserved for nothing. */
void xa_destroy(struct xarray *xa);
int xa_reserve(struct xarray *xa, unsigned long i, int gfp);
void xa_release(struct xarray *xa, unsigned long i);
void *xa_load(struct xarray *xa, unsigned long i);
/* There is an entry, or room has been reserved: this takes no memory. */
void xa_store(struct xarray *xa, unsigned long i, void *entry, int gfp);
void xa_erase(struct xarray *xa, unsigned long i);
static inline bool xa_empty(const struct xarray *xa)
{
	return !xa->n;
}

/* The first entry at @i or after it, or NULL. */
void *shim_xa_find(struct xarray *xa, unsigned long *i);

#define xa_for_each(xa, i, entry)						\
	for ((i) = 0; ((entry) = shim_xa_find(xa, &(i))); (i)++)

#endif
