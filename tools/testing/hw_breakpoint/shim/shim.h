/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Enough of a kernel to compile kernel/events/hw_breakpoint/ and the back ends
 * in user space. Included ahead of everything else; the kernel headers that the
 * files ask for are then empty, see the Makefile.
 *
 *	basic.h		means the same as in the kernel
 *	cpu.h		CPUs as threads or in turn, their variables, locks
 *	stubs.h		does nothing, or the least
 *	xarray.h	arrays by number
 *	fs.h		debugfs, procfs and seq_file; who opens files
 *	perf.h		the parts of perf's structures that are looked at
 *	arch-*.h	what a back end needs of its architecture; arch-old.h is one
 *			that has none
 *	kvm.h, kvm-*.h	the parts of KVM's structures that are looked at
 *	kgdb.h		what kgdb's hardware breakpoints need of kgdb
 */
#ifndef _SHIM_H
#define _SHIM_H

#include "basic.h"
#include "cpu.h"
#include "stubs.h"
#include "xarray.h"
#include "fs.h"
#include "perf.h"
#if defined(SHIM_ARM64)
#include "kvm-arm64.h"
#elif !defined(SHIM_OLD)
#include "kvm-x86.h"
#endif
#ifdef CONFIG_KGDB
#include "kgdb.h"
#endif

#endif
