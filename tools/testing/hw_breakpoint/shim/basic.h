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
typedef long long s64;
typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;
typedef signed char s8;

#define INT_MAX			__INT_MAX__
#define U8_MAX			UINT8_MAX
#define U16_MAX			UINT16_MAX
#define U32_MAX			UINT32_MAX
#define ULONG_MAX		(~0UL)
#define U64_MAX			UINT64_MAX
#define BITS_PER_TYPE(t)	(sizeof(t) * 8)
#define BITS_PER_LONG		64
#define BITS_PER_BYTE		8
#define noinline		__attribute__((noinline))
#define offsetofend(type, member)	(offsetof(type, member) + sizeof(((type *)0)->member))
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

#define clamp(v, low, high)	min(max(v, low), high)

#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK(h, l)		((~0UL >> (63 - (h))) & (~0UL << (l)))
#define GENMASK_ULL(h, l)	GENMASK(h, l)
#define sign_extend64(v, bit)	((u64)((long)((u64)(v) << (63 - (bit))) >> (63 - (bit))))
#define BITS_TO_LONGS(n)	(((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, n)	unsigned long name[BITS_TO_LONGS(n)]
#define __set_bit(n, map)	((void)((map)[(n) / BITS_PER_LONG] |= BIT((n) % BITS_PER_LONG)))
#define FIELD_MAX(m)		((m) >> __builtin_ctzl(m))
#define FIELD_PREP(m, v)	(((unsigned long)(v) << __builtin_ctzl(m)) & (m))
#define FIELD_GET(m, v)		(((v) & (m)) >> __builtin_ctzl(m))

/* Nothing is said of 0, as in the kernel: UBSan reports it. */
#define __ffs(x)		((unsigned long)__builtin_ctzl(x))
#define __fls(x)		((unsigned long)(63 - __builtin_clzl(x)))
#define fls(x)			((x) ? 32 - __builtin_clz(x) : 0)
#define ilog2(x)		(63 - __builtin_clzl(x))
#define hweight8(x)		__builtin_popcount((x) & 0xff)
#define hweight16(x)		__builtin_popcount((x) & 0xffff)
#define hweight32(x)		__builtin_popcount(x)
#define is_power_of_2(x)	((x) && !((x) & ((x) - 1)))

/* The kernel's orders what depends on the address that is read. */
#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_CONSUME)
#define WRITE_ONCE(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELAXED)
#define smp_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define barrier()		__asm__ volatile("" : : : "memory")
#define xchg(p, v)		__atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#ifdef TSAN
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
#define shim_unseen_read(x)					\
({								\
	AnnotateIgnoreReadsBegin(__FILE__, __LINE__);		\
	__auto_type _value = (x);				\
	AnnotateIgnoreReadsEnd(__FILE__, __LINE__);		\
	_value;							\
})
#else
#define shim_unseen_read(x)	(x)
#endif
/*
 * As KCSAN, TSan does not look at what may change while it is read: whoever reads it finds
 * that out and reads it again. What is written to is looked at.
 */
#define data_race(x)		shim_unseen_read(x)
/* Whoever waits tells, if a test asks for it. */
extern void (*shim_relax)(void);
#define cpu_relax()		(shim_relax ? shim_relax() : (void)0)

/* TSan knows no fences, but what is ordered by this. */
extern int shim_fence;
#define smp_mb()		((void)__atomic_fetch_add(&shim_fence, 0, __ATOMIC_SEQ_CST))
#define smp_rmb()		smp_mb()
#define smp_wmb()		smp_mb()

typedef struct {
	int	counter;
} atomic_t;

#define atomic_read(v)		__atomic_load_n(&(v)->counter, __ATOMIC_RELAXED)
#define atomic_set(v, i)	__atomic_store_n(&(v)->counter, i, __ATOMIC_RELAXED)
#define atomic_inc(v)		((void)__atomic_fetch_add(&(v)->counter, 1, __ATOMIC_RELAXED))
#define atomic_dec(v)		((void)__atomic_fetch_sub(&(v)->counter, 1, __ATOMIC_RELAXED))
#define atomic_inc_return(v)	__atomic_add_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST)

#define cmpxchg(p, old, new) ({						\
	__typeof__(*(p)) _old = (old);					\
	__atomic_compare_exchange_n(p, &_old, new, false, __ATOMIC_SEQ_CST, \
				    __ATOMIC_ACQUIRE);			\
	_old;								\
})

typedef struct {
	s64	counter;
} atomic64_t;

#define atomic64_read(v)		__atomic_load_n(&(v)->counter, __ATOMIC_RELAXED)
#define atomic64_read_acquire(v)	__atomic_load_n(&(v)->counter, __ATOMIC_ACQUIRE)
#define atomic64_fetch_add(i, v)	__atomic_fetch_add(&(v)->counter, i, __ATOMIC_SEQ_CST)
#define atomic64_fetch_sub_release(i, v)	\
	__atomic_fetch_sub(&(v)->counter, i, __ATOMIC_RELEASE)
#define atomic64_sub(i, v)	((void)__atomic_fetch_sub(&(v)->counter, i, __ATOMIC_RELAXED))
#define atomic64_try_cmpxchg(v, old, new)	\
	__atomic_compare_exchange_n(&(v)->counter, old, new, false, __ATOMIC_SEQ_CST,	\
				    __ATOMIC_RELAXED)

typedef struct {
	long	counter;
} atomic_long_t;

#define atomic_long_read(v)		__atomic_load_n(&(v)->counter, __ATOMIC_RELAXED)
#define atomic_long_read_acquire(v)	__atomic_load_n(&(v)->counter, __ATOMIC_ACQUIRE)
#define atomic_long_set(v, i)		__atomic_store_n(&(v)->counter, i, __ATOMIC_RELAXED)
#define atomic_long_set_release(v, i)	__atomic_store_n(&(v)->counter, i, __ATOMIC_RELEASE)
#define atomic_long_add(i, v)							\
	((void)__atomic_fetch_add(&(v)->counter, i, __ATOMIC_RELAXED))
#define atomic_long_sub(i, v)	atomic_long_add(-(long)(i), v)
#define atomic_long_try_cmpxchg(v, old, new)					\
	__atomic_compare_exchange_n(&(v)->counter, (long *)(old), new, false,	\
				    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)

#define test_and_set_bit(n, word)						\
	(__atomic_fetch_or(word, BIT(n), __ATOMIC_SEQ_CST) >> (n) & 1)
#define clear_bit(n, word)							\
	((void)__atomic_fetch_and(word, ~BIT(n), __ATOMIC_RELAXED))

#define ERR_PTR(e)		((void *)(long)(e))
#define ERR_PTR_PCPU(e)		ERR_PTR(e)
#define PTR_ERR(p)		((long)(p))
#define IS_ERR(p)		((unsigned long)(p) >= -4095UL)
#define IS_ERR_OR_NULL(p)	(!(p) || IS_ERR(p))

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD(name)		struct list_head name = { &(name), &(name) }
#define INIT_LIST_HEAD(head)	((head)->next = (head)->prev = (head))

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

static inline void list_add_tail(struct list_head *node, struct list_head *head)
{
	list_add_tail_rcu(node, head);
}

static inline void list_del_init(struct list_head *node)
{
	list_del_rcu(node);
	INIT_LIST_HEAD(node);
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

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

static inline void hlist_add_head_rcu(struct hlist_node *node, struct hlist_head *head)
{
	node->next = head->first;
	node->pprev = &head->first;
	if (node->next)
		node->next->pprev = &node->next;
	__atomic_store_n(&head->first, node, __ATOMIC_RELEASE);
}

/* Readers may still stand on the node and go on from it. */
static inline void hlist_del_rcu(struct hlist_node *node)
{
	if (node->next)
		node->next->pprev = node->pprev;
	WRITE_ONCE(*node->pprev, node->next);
}

#define hlist_entry_rcu(where, type, member) ({				\
	struct hlist_node *_n = __atomic_load_n(where, __ATOMIC_ACQUIRE);	\
	_n ? container_of(_n, type, member) : NULL;			\
})
#define hlist_for_each_entry_rcu(pos, head, member)				\
	for (pos = hlist_entry_rcu(&(head)->first, __typeof__(*(pos)), member);	\
	     pos; pos = hlist_entry_rcu(&(pos)->member.next, __typeof__(*(pos)), member))

#define hlist_add_head(node, head)	hlist_add_head_rcu(node, head)
#define hlist_del(node)			hlist_del_rcu(node)
#define hlist_empty(head)		(!(head)->first)

#define hlist_for_each_entry_safe(pos, after, head, member)			\
	for (pos = hlist_entry_rcu(&(head)->first, __typeof__(*(pos)), member);	\
	     pos && ((after) = (pos)->member.next, true);			\
	     pos = (after) ? container_of(after, __typeof__(*(pos)), member) : NULL)

#define hlist_for_each_entry(pos, head, member)					\
	for (pos = (head)->first ? container_of((head)->first, __typeof__(*(pos)), member) : NULL; \
	     pos; pos = (pos)->member.next ?					\
		  container_of((pos)->member.next, __typeof__(*(pos)), member) : NULL)

/* A warning of the kernel is a failure here, unless a test wants to count them. */
extern bool shim_count_warnings;
extern int shim_warnings;
void shim_warn(const char *what, const char *file, int line);

#define WARN_ON(c) ({					\
	bool _c = (c);					\
	if (_c)						\
		shim_warn(#c, __FILE__, __LINE__);	\
	_c;						\
})
#define WARN_ON_ONCE(c)		WARN_ON(c)
#define WARN_ONCE(c, ...)	WARN_ON(c)

#endif
