/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel/debug/hw_break.c needs of kgdb and kdb; the test is the rest of them. */
#ifndef _SHIM_KGDB_H
#define _SHIM_KGDB_H

#include "basic.h"
#include "cpu.h"
#include "stubs.h"

enum kgdb_bptype {
	BP_BREAKPOINT = 0,
	BP_HARDWARE_BREAKPOINT,
	BP_WRITE_WATCHPOINT,
	BP_READ_WATCHPOINT,
	BP_ACCESS_WATCHPOINT,
	BP_POKE_BREAKPOINT,
};

#define DCPU_WANT_MASTER	0x1

struct debuggerinfo_struct {
	struct pt_regs	*debuggerinfo;
	int		exception_state;
};

extern struct debuggerinfo_struct kgdb_info[SHIM_CPUS];
extern int kgdb_single_step;
extern atomic_t kgdb_cpu_doing_single_step;
int kgdb_handle_exception(int vector, int signo, int err, struct pt_regs *regs);
#define touch_nmi_watchdog()	((void)0)

/* The debugger's clock */
extern u64 shim_now;
#define NSEC_PER_SEC		1000000000ULL
#define ktime_get_mono_fast_ns() shim_now

/* kdb */
typedef struct {
	char	*name;
	int	(*func)(int argc, const char **argv);
	char	*usage;
	char	*help;
	int	flags;
} kdbtab_t;

#define KDB_ENABLE_MEM_READ	1
#define KDB_ENABLE_FLOW_CTRL	2
#define KDB_ARGCOUNT		(-2)
#define KDB_BADINT		(-5)
int kdb_register(kdbtab_t *command);
void kdb_bp_remove(void);
int kdb_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int kstrtobool(const char *s, bool *res);

#define MODULE_PARAM_PREFIX
#define module_param_named(name, value, type, mode)	static_assert(sizeof(value))
#define MODULE_PARM_DESC(name, text)			static_assert(sizeof(text))
#define __acquire(lock)		((void)(lock))
#define raw_smp_processor_id()	shim_cpu

#endif
