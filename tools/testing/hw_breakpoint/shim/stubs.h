/* SPDX-License-Identifier: GPL-2.0 */
/* What does nothing here, or the least. */
#ifndef _SHIM_STUBS_H
#define _SHIM_STUBS_H

#include "basic.h"

#define CONFIG_64BIT			1
#define CONFIG_X86_64			1
#define CONFIG_SMP			1
#define CONFIG_DEBUG_FS			1
#define CONFIG_CPU_PM			1
#define CONFIG_HAVE_HW_BREAKPOINT	1
#define CONFIG_HAVE_HW_BREAKPOINT_BACKEND 1
#define CONFIG_KPROBES			1
#define IS_ENABLED(option)		(option)

#define __init
#define __ro_after_init
#define __force
#define nokprobe_inline			inline
#define NOKPROBE_SYMBOL(fn)		static_assert(sizeof(&(fn)))
#define EXPORT_SYMBOL_GPL(x)		static_assert(sizeof(&(x)))
#define EXPORT_PER_CPU_SYMBOL(x)	static_assert(sizeof(x))
#define EXPORT_PER_CPU_SYMBOL_GPL(x)	static_assert(sizeof(x))

/* Events are freed only when no reader is left: tests see to that. */
static inline void rcu_read_lock(void) { }
static inline void rcu_read_unlock(void) { }
static inline void synchronize_rcu(void) { }
static inline void shim_guard_rcu(void) { }
#define guard(name)			shim_guard_##name

/* Counts down to the allocation that fails, if it is not negative. */
extern int shim_fail_alloc;

static inline bool shim_alloc_fails(void)
{
	return shim_fail_alloc >= 0 && shim_fail_alloc-- == 0;
}

#define kcalloc(n, size, gfp)	(shim_alloc_fails() ? NULL : calloc(n, size))
#define kzalloc(size, gfp)	kcalloc(1, size, gfp)
#define kfree(p)		free(p)
#define GFP_KERNEL_ACCOUNT	0

typedef struct {
	int	n;
} refcount_t;

#define refcount_set(r, v)	__atomic_store_n(&(r)->n, v, __ATOMIC_RELAXED)
#define refcount_inc(r)		__atomic_add_fetch(&(r)->n, 1, __ATOMIC_RELAXED)
#define refcount_dec_and_test(r) \
	(!__atomic_sub_fetch(&(r)->n, 1, __ATOMIC_ACQ_REL))

#define pr_info(...)		((void)0)
#define pr_err(...)		((void)0)
#define pr_warn(fmt, ...)	((void)snprintf(NULL, 0, fmt, __VA_ARGS__))
#define pr_warn_ratelimited	pr_warn
#define strscpy(to, from, size)	((void)snprintf(to, size, "%s", from))
#define copy_from_kernel_nofault(to, from, size) (memcpy(to, from, size), 0)

/* One address in each back end's kernel space is on the blacklist. */
extern unsigned long shim_blacklisted;
#define within_kprobe_blacklist(addr)	((addr) == shim_blacklisted)

#define capable(cap)		true

#define NOTIFY_DONE		0
#define NOTIFY_STOP		0x8001
#define DIE_DEBUG		1

struct notifier_block;

struct die_args {
	struct pt_regs	*regs;
	long		err;
};

#define trace_hwbp_reserve(bp, ret)	((void)(bp), (void)(ret))
#define trace_hwbp_release(bp, ret)	((void)(bp), (void)(ret))
#define trace_hwbp_modify(bp, ret)	((void)(bp), (void)(ret))
#define trace_hwbp_retire(slots)	((void)(slots))
#define trace_hwbp_debug_reserve(bp, ret) ((void)(bp), (void)(ret))
#define trace_hwbp_debug_set(bp, ret)	((void)(bp), (void)(ret))
#define trace_hwbp_debug_clear(bp, ret)	((void)(bp), (void)(ret))
#define trace_hwbp_debug_release(bp, ret) ((void)(bp), (void)(ret))
/* A test may want to know. */
struct hw_breakpoint_holder;
void shim_taken(const struct hw_breakpoint_holder *holder);
#define trace_hwbp_taken(holder)	shim_taken(holder)
#define trace_hwbp_install(bp, slot)	((void)(bp), (void)(slot))
#define trace_hwbp_install_enabled()	false
#define trace_hwbp_uninstall(bp, slot)	((void)(bp), (void)(slot))
#define trace_hwbp_lend(slots, written)	((void)(slots), (void)(written))
#define trace_hwbp_commit(live, written, master) \
	((void)(live), (void)(written), (void)(master))

#endif
