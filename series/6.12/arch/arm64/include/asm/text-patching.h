/* SPDX-License-Identifier: GPL-2.0 */
/* The name that asm/patching.h has in later kernels. */
#ifndef _ASM_ARM64_TEXT_PATCHING_H
#define _ASM_ARM64_TEXT_PATCHING_H

#include <asm/patching.h>

#endif /* _ASM_ARM64_TEXT_PATCHING_H */
