/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Enough of a kernel to compile kernel/events/hw_breakpoint/ and the back ends
 * in user space. Included ahead of everything else; the kernel headers that the
 * files ask for are then empty, see the Makefile.
 *
 *	basic.h		means the same as in the kernel
 *	cpu.h		CPUs as threads or in turn, their variables, locks
 *	stubs.h		does nothing, or the least
 *	perf.h		the parts of perf's structures that are looked at
 *	arch-*.h	what a back end needs of its architecture
 *	kvm-arm64.h	the parts of arm64 KVM's structures that are looked at
 */
#ifndef _SHIM_H
#define _SHIM_H

#include "basic.h"
#include "cpu.h"
#include "stubs.h"
#include "perf.h"
#ifdef SHIM_ARM64
#include "kvm-arm64.h"
#endif

#endif
