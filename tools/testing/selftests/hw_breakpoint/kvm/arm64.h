/* SPDX-License-Identifier: GPL-2.0 */
/* The debug registers of arm64 as KVM_SET_ONE_REG takes them. */
#ifndef _KVM_ARM64_H
#define _KVM_ARM64_H

#include <linux/kvm.h>
#include <stdint.h>

#define REG_BVR(n)	ARM64_SYS_REG(2, 0, 0, n, 4)
#define REG_BCR(n)	ARM64_SYS_REG(2, 0, 0, n, 5)
#define REG_WVR(n)	ARM64_SYS_REG(2, 0, 0, n, 6)
#define REG_WCR(n)	ARM64_SYS_REG(2, 0, 0, n, 7)
#define REG_MDSCR	ARM64_SYS_REG(2, 0, 0, 2, 2)

/* DDI 0487 D24.3: E; PAC: EL1; LSC: store; BAS: eight bytes, an instruction's four */
#define CTRL_E		1u
#define CTRL_EL1	(1u << 1)
#define WCR_STORE	(2u << 3)
#define WCR_8		(0xffu << 5)
#define BCR_4		(0xfu << 5)
#define MDSCR_KDE_MDE	(1u << 13 | 1u << 15)

#endif
