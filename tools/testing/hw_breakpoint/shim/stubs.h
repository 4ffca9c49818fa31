/* SPDX-License-Identifier: GPL-2.0 */
/* What does nothing here, or the least. */
#ifndef _SHIM_STUBS_H
#define _SHIM_STUBS_H

#include "basic.h"

#define CONFIG_64BIT			1
#define CONFIG_X86_64			1
#define CONFIG_SMP			1
#define CONFIG_DEBUG_FS			1
#define CONFIG_PROC_FS			1
#define CONFIG_SYSFS			1
#define CONFIG_CPU_PM			1
#define CONFIG_HAVE_HW_BREAKPOINT	1
#ifndef SHIM_OLD
#define CONFIG_HAVE_HW_BREAKPOINT_BACKEND 1
#endif
#define CONFIG_KPROBES			1
#define CONFIG_UPROBES			1

/* 1 for an option that is defined as 1, else 0, as linux/kconfig.h does it */
#define SHIM_COMMA_IF_1			0,
#define SHIM_SECOND(first, second, ...)	second
#define SHIM_IS_1(comma)		SHIM_SECOND(comma 1, 0, 0)
#define SHIM_PASTE(value)		SHIM_IS_1(SHIM_COMMA_IF_##value)
#define IS_ENABLED(option)		SHIM_PASTE(option)

#define __init
#define __ro_after_init
#define __force
#define __acquires(x)
#define __releases(x)
#define __user
#define noinstr
#define nokprobe_inline			inline
#define NOKPROBE_SYMBOL(fn)		static_assert(sizeof(&(fn)))
#define EXPORT_SYMBOL_GPL(x)		static_assert(sizeof(&(x)))
/* As 6.12's asm/hw_breakpoint_series.h has it */
#define EXPORT_SYMBOL_FOR_KVM(symbol)	EXPORT_SYMBOL_GPL(symbol)
#define EXPORT_PER_CPU_SYMBOL(x)	static_assert(sizeof(x))
#define EXPORT_PER_CPU_SYMBOL_GPL(x)	static_assert(sizeof(x))

/* Counts down to the allocation that fails, if it is not negative. */
extern int shim_fail_alloc;

/* Bytes that have been allocated, and those of them that are charged to a task's cgroup */
extern unsigned long shim_allocated, shim_charged;

/* Zeroed */
void *shim_alloc(size_t n, size_t size, unsigned int gfp);

#ifdef SHIM_LINES
/*
 * As the kernel's: what two CPUs have allocated lies in no line of the cache together, and a
 * CPU gets its own memory again, not another's. Here none is used again.
 */
#define kfree(p)		((void)(p))
#else
#define kfree(p)		free(p)
#endif
#define kcalloc(n, size, gfp)	shim_alloc(n, size, gfp)
#define kzalloc(size, gfp)	kcalloc(1, size, gfp)
#define kvcalloc(n, size, gfp)	kcalloc(n, size, gfp)
#define kvmalloc_array(n, size, gfp)	kcalloc(n, size, gfp)
#define kvfree(p)		free(p)
#define GFP_KERNEL		1
#define __GFP_ACCOUNT		2
#define GFP_KERNEL_ACCOUNT	(GFP_KERNEL | __GFP_ACCOUNT)

typedef struct {
	int	n;
} refcount_t;

#define refcount_set(r, v)	__atomic_store_n(&(r)->n, v, __ATOMIC_RELAXED)
#define refcount_inc(r)		__atomic_add_fetch(&(r)->n, 1, __ATOMIC_RELAXED)
#define refcount_dec_and_test(r) \
	(!__atomic_sub_fetch(&(r)->n, 1, __ATOMIC_ACQ_REL))

#define refcount_inc_not_zero(r)	(refcount_inc(r) > 1)

/* Nobody reads meanwhile in these tests, where anything is freed so. */
struct rcu_head {
	int	unused;
};

#define call_rcu(head, fn)	fn(head)

#define __cacheline_aligned
/* A test may want to know. */
extern void (*shim_resched)(void);
void cond_resched(void);

#define pr_info(...)		((void)0)
#define pr_err(...)		((void)0)
#define pr_warn(fmt, ...)	((void)snprintf(NULL, 0, fmt, __VA_ARGS__))
#define pr_warn_ratelimited	pr_warn
/* Of shim.c, where a test has none of its own. */
int printk_deferred(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
#define DEFINE_RATELIMIT_STATE(name, interval, burst)	int name
#define __ratelimit(state)	((void)(state), true)
#define strscpy(to, from, size)	((void)snprintf(to, size, "%s", from))
#define copy_from_kernel_nofault(to, from, size) (memcpy(to, from, size), 0)

/* One address in each back end's kernel space is on the blacklist. */
extern unsigned long shim_blacklisted;
#define within_kprobe_blacklist(addr)	((addr) == shim_blacklisted)

#define task_pid_nr(task)	((task)->pid)

#define capable(cap)		true

typedef struct {
	unsigned int	val;
} kuid_t;

#define uid_eq(a, b)		((a).val == (b).val)

struct cred {
	kuid_t	fsuid;
};

struct pid_namespace {
	struct {
		unsigned int	inum;
	} ns;
};

/* Signals that are sent to the current task are counted. */
extern int shim_signals, shim_si_code;
#define SIGTRAP			5
#define TRAP_TRACE		2
#define TRAP_HWBKPT		4
#define force_sig_fault(sig, code, addr) \
	((void)(sig), (void)(addr), shim_si_code = (code), (void)shim_signals++)

#define NOTIFY_DONE		0

struct notifier_block {
	int	(*notifier_call)(struct notifier_block *nb, unsigned long val, void *data);
	int	priority;
};

/* The last record of these on this thread, and how many there have been. */
struct shim_trace {
	const char	*name;
	int		value;
	unsigned long	n;
};

extern __thread struct shim_trace shim_traced;
#ifdef SHIM_TRACED
#define shim_trace(what, v)	\
	((void)(shim_traced = (struct shim_trace) { (what), (v), shim_traced.n + 1 }))
#else
/* No step of the layer, where these are counted */
#define shim_trace(what, v)	((void)(v))
#endif
#define trace_hwbp_reserve(bp, ret)	((void)(bp), shim_trace("reserve", ret))
#define trace_hwbp_release(bp, ret)	((void)(bp), shim_trace("release", ret))
#define trace_hwbp_modify(bp, ret)	((void)(bp), shim_trace("modify", ret))
#define trace_hwbp_reserve_for_cpu(cpu, pool, ret)	\
	((void)(cpu), (void)(pool), shim_trace("reserve_for_cpu", ret))
#define trace_hwbp_release_for_cpu(cpu, pool, ret)	\
	((void)(cpu), (void)(pool), shim_trace("release_for_cpu", ret))
#define trace_hwbp_hand_over(bp, cpu, pool, to_event)	\
	((void)(bp), (void)(cpu), (void)(pool), shim_trace("hand_over", !!(to_event)))
#define trace_hwbp_retire(slots)	((void)(slots))
#define trace_hwbp_held(holder, id, len, on_cpu, slot) \
	((void)(holder), (void)(id), (void)(len), (void)(on_cpu), (void)(slot))
#define trace_hwbp_debug_reserve(bp, ret) ((void)(bp), (void)(ret))
#define trace_hwbp_debug_set(bp, ret)	((void)(bp), (void)(ret))
#define trace_hwbp_debug_clear(bp, ret)	((void)(bp), (void)(ret))
#define trace_hwbp_debug_release(bp, ret) ((void)(bp), (void)(ret))
/* A test may want to know. */
struct hw_breakpoint_holder;
void shim_taken(const struct hw_breakpoint_holder *holder);
#define trace_hwbp_taken(holder)	shim_taken(holder)
struct perf_event_attr;
void shim_modify_wide(const struct perf_event_attr *attr, bool local, bool left, int ret);
#define trace_hwbp_modify_wide(attr, local, left, ret)	shim_modify_wide(attr, local, left, ret)
#ifdef SHIM_TRACED
struct perf_event;

/* What the layer itself has hung on its tracepoints; and how many calls more can be hung there. */
struct shim_probes {
	void	(*install)(void *data, struct perf_event *bp, int slot);
	void	(*uninstall)(void *data, struct perf_event *bp, int slot);
	void	(*commit)(void *data, u32 live, u32 written, u64 master);
	int	left;
};

extern struct shim_probes shim_probes;
#define shim_probe(name, ...)	\
	(shim_probes.name ? shim_probes.name(NULL, __VA_ARGS__) : (void)0)
#define shim_hang(name, fn)	\
	(shim_probes.left ? shim_probes.left--, shim_probes.name = (fn), 0 : -ENOMEM)
/* As the kernel's do, these warn of what is not there. */
#define shim_unhang(name, fn)	\
	((void)WARN_ON(shim_probes.name != (fn)), shim_probes.left++, shim_probes.name = NULL)
#define trace_hwbp_install(bp, slot)	shim_probe(install, bp, slot)
#define trace_hwbp_uninstall(bp, slot)	shim_probe(uninstall, bp, slot)
#define trace_hwbp_commit(live, written, master) shim_probe(commit, live, written, master)
#define trace_hwbp_install_enabled()	(!!shim_probes.install)
#define trace_hwbp_commit_enabled()	(!!shim_probes.commit)
#else
#define shim_hang(name, fn)		((void)(fn), -ENOMEM)
#define shim_unhang(name, fn)		((void)(fn))
#define trace_hwbp_install(bp, slot)	((void)(bp), (void)(slot))
#define trace_hwbp_uninstall(bp, slot)	((void)(bp), (void)(slot))
#define trace_hwbp_commit(live, written, master) \
	((void)(live), (void)(written), (void)(master))
#define trace_hwbp_install_enabled()	false
#define trace_hwbp_commit_enabled()	false
#endif
#define register_trace_hwbp_install(fn, data)		shim_hang(install, fn)
#define register_trace_hwbp_uninstall(fn, data)		shim_hang(uninstall, fn)
#define register_trace_hwbp_commit(fn, data)		shim_hang(commit, fn)
#define unregister_trace_hwbp_install(fn, data)		shim_unhang(install, fn)
#define unregister_trace_hwbp_uninstall(fn, data)	shim_unhang(uninstall, fn)
#define unregister_trace_hwbp_commit(fn, data)		shim_unhang(commit, fn)
#define trace_hwbp_lend(slots, written)	((void)(slots), (void)(written))
#define trace_hwbp_heal(count)		((void)(count))
#define trace_hwbp_unwatched(pc)	((void)(pc))

#endif
