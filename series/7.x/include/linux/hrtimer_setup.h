/* SPDX-License-Identifier: GPL-2.0 */
/* This series has hrtimer_setup(). */
#include <linux/hrtimer.h>
