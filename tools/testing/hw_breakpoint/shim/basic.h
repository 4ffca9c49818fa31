/* SPDX-License-Identifier: GPL-2.0 */
/* What means the same in the kernel. */
#ifndef _SHIM_BASIC_H
#define _SHIM_BASIC_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

typedef unsigned long long u64;
typedef unsigned int u32;
typedef unsigned char u8;
typedef signed char s8;

#define U32_MAX			UINT32_MAX
#define U64_MAX			UINT64_MAX
#define BITS_PER_TYPE(t)	(sizeof(t) * 8)
#define BITS_PER_LONG		64
#define noinline		__attribute__((noinline))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define likely(x)		(x)
#define unlikely(x)		(x)
#undef static_assert
#define static_assert(e)	_Static_assert(e, #e)

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define max(a, b) ({				\
	__typeof__(a) _a = (a);			\
	__typeof__(b) _b = (b);			\
	_a > _b ? _a : _b;			\
})

#define min(a, b) ({				\
	__typeof__(a) _a = (a);			\
	__typeof__(b) _b = (b);			\
	_a < _b ? _a : _b;			\
})

#define BIT(n)			(1UL << (n))
#define GENMASK(h, l)		((~0UL >> (63 - (h))) & (~0UL << (l)))
#define sign_extend64(v, bit)	((u64)((long)((u64)(v) << (63 - (bit))) >> (63 - (bit))))
#define FIELD_MAX(m)		((m) >> __builtin_ctzl(m))
#define FIELD_PREP(m, v)	(((unsigned long)(v) << __builtin_ctzl(m)) & (m))
#define FIELD_GET(m, v)		(((v) & (m)) >> __builtin_ctzl(m))

/* Nothing is said of 0, as in the kernel: UBSan reports it. */
#define __ffs(x)		((unsigned long)__builtin_ctzl(x))
#define __fls(x)		((unsigned long)(63 - __builtin_clzl(x)))
#define fls(x)			((x) ? 32 - __builtin_clz(x) : 0)
#define hweight8(x)		__builtin_popcount((x) & 0xff)
#define hweight32(x)		__builtin_popcount(x)
#define is_power_of_2(x)	((x) && !((x) & ((x) - 1)))

/* The kernel's orders what depends on the address that is read. */
#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_CONSUME)
#define WRITE_ONCE(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELAXED)
#define smp_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define barrier()		__asm__ volatile("" : : : "memory")
/* KCSAN is the kernel's. */
#define data_race(x)		(x)
/* Whoever waits tells, if a test asks for it. */
extern void (*shim_relax)(void);
#define cpu_relax()		(shim_relax ? shim_relax() : (void)0)

/* TSan knows no fences, but what is ordered by this. */
extern int shim_fence;
#define smp_mb()		((void)__atomic_fetch_add(&shim_fence, 0, __ATOMIC_SEQ_CST))
#define smp_rmb()		smp_mb()
#define smp_wmb()		smp_mb()
#define smp_mb__before_atomic()	smp_mb()

typedef struct {
	int	counter;
} atomic_t;

#define atomic_read(v)		__atomic_load_n(&(v)->counter, __ATOMIC_RELAXED)
#define atomic_read_acquire(v)	__atomic_load_n(&(v)->counter, __ATOMIC_ACQUIRE)
#define atomic_inc(v)		((void)__atomic_fetch_add(&(v)->counter, 1, __ATOMIC_RELAXED))
#define atomic_dec(v)		((void)__atomic_fetch_sub(&(v)->counter, 1, __ATOMIC_RELAXED))
#define atomic_fetch_inc(v)	__atomic_fetch_add(&(v)->counter, 1, __ATOMIC_SEQ_CST)
#define atomic_fetch_or_acquire(i, v)						\
	__atomic_fetch_or(&(v)->counter, i, __ATOMIC_ACQUIRE)
/* TSan does not see that a full barrier before it orders it. */
#define atomic_andnot(i, v)							\
	((void)__atomic_fetch_and(&(v)->counter, ~(i), __ATOMIC_RELEASE))

typedef struct {
	long	counter;
} atomic_long_t;

#define atomic_long_read(v)		__atomic_load_n(&(v)->counter, __ATOMIC_RELAXED)
#define atomic_long_read_acquire(v)	__atomic_load_n(&(v)->counter, __ATOMIC_ACQUIRE)
#define atomic_long_add(i, v)							\
	((void)__atomic_fetch_add(&(v)->counter, i, __ATOMIC_RELAXED))
#define atomic_long_sub(i, v)							\
	((void)__atomic_fetch_sub(&(v)->counter, i, __ATOMIC_RELAXED))
#define atomic_long_dec(v)	atomic_long_sub(1, v)

#define ERR_PTR(e)		((void *)(long)(e))
#define PTR_ERR(p)		((long)(p))
#define IS_ERR(p)		((unsigned long)(p) >= -4095UL)
#define IS_ERR_OR_NULL(p)	(!(p) || IS_ERR(p))

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD(name)		struct list_head name = { &(name), &(name) }

static inline bool list_empty(const struct list_head *head)
{
	return READ_ONCE(head->next) == head;
}

static inline void list_add_tail_rcu(struct list_head *node,
				     struct list_head *head)
{
	node->next = head;
	node->prev = head->prev;
	__atomic_store_n(&head->prev->next, node, __ATOMIC_RELEASE);
	head->prev = node;
}

/* Readers may still stand on the node and go on from it. */
static inline void list_del_rcu(struct list_head *node)
{
	node->next->prev = node->prev;
	WRITE_ONCE(node->prev->next, node->next);
}

#define list_for_each_entry(pos, head, member)				\
	for (pos = container_of((head)->next, __typeof__(*(pos)), member); \
	     &(pos)->member != (head);					\
	     pos = container_of((pos)->member.next, __typeof__(*(pos)), member))

#define list_next_rcu(pos, member) \
	container_of(__atomic_load_n(&(pos)->member.next, __ATOMIC_ACQUIRE), \
		     __typeof__(*(pos)), member)
#define list_for_each_entry_rcu(pos, head, member)			\
	for (pos = container_of(__atomic_load_n(&(head)->next,		\
						__ATOMIC_ACQUIRE),	\
				__typeof__(*(pos)), member);		\
	     &(pos)->member != (head); pos = list_next_rcu(pos, member))

/* A warning of the kernel is a failure here. */
void shim_warn(const char *what, const char *file, int line);

#define WARN_ON(c) ({					\
	bool _c = (c);					\
	if (_c)						\
		shim_warn(#c, __FILE__, __LINE__);	\
	_c;						\
})
#define WARN_ON_ONCE(c)		WARN_ON(c)
#define WARN_ONCE(c, ...)	WARN_ON(c)

struct seq_file {
	char	*buf;
	size_t	len;
	size_t	size;
};

void seq_printf(struct seq_file *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
#define seq_puts(m, s)		seq_printf(m, "%s", s)

#endif
