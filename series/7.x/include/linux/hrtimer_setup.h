/* SPDX-License-Identifier: GPL-2.0 */
/* hrtimer_setup() is there. */
#include <linux/hrtimer.h>
