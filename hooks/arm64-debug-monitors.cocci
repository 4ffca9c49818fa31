// file: arch/arm64/kernel/debug-monitors.c
// reason: MDE is the breakpoint core's master switch: a kernel single-step, which does not need it, must not keep armed slots firing;
//	KDE was not cleared while MDE was in use, so EL0 watchpoints went on to fire in uaccess routines
// expect: +9 -9
@@
symbol el, enable, mde_ref_count, kde_ref_count;
identifier MDE = {DBG_MDSCR_MDE, MDSCR_EL1_MDE};
identifier KDE = {DBG_MDSCR_KDE, MDSCR_EL1_KDE};
@@
  enable_debug_monitors(enum dbg_active_el el)
  {
  ...
- if (this_cpu_inc_return(mde_ref_count) == 1)
+ if (el != DBG_ACTIVE_STEP && this_cpu_inc_return(mde_ref_count) == 1)
  	enable = MDE;
  ...
- if (el == DBG_ACTIVE_EL1 &&
+ if (el != DBG_ACTIVE_EL0 &&
      this_cpu_inc_return(kde_ref_count) == 1)
  	enable |= KDE;
  ...
  }

// from here on the variable says what goes, not what stays; the word itself is
// one of Coccinelle's
@@
identifier off =~ "^disable$";
identifier MDE = {DBG_MDSCR_MDE, MDSCR_EL1_MDE};
identifier KDE = {DBG_MDSCR_KDE, MDSCR_EL1_KDE};
@@
  disable_debug_monitors(enum dbg_active_el el)
  {
  ...
- if (this_cpu_dec_return(mde_ref_count) == 0)
- 	off = ~MDE;
+ if (el != DBG_ACTIVE_STEP && this_cpu_dec_return(mde_ref_count) == 0)
+ 	off = MDE;
  ...
- if (el == DBG_ACTIVE_EL1 &&
+ if (el != DBG_ACTIVE_EL0 &&
      this_cpu_dec_return(kde_ref_count) == 0)
- 	off &= ~KDE;
+ 	off |= KDE;
  ...
  }

@@
identifier off =~ "^disable$";
symbol mdscr;
@@
- mdscr &= off;
+ mdscr &= ~off;

@@ @@
  kernel_enable_single_step(...)
  {
  ...
- enable_debug_monitors(DBG_ACTIVE_EL1);
+ enable_debug_monitors(DBG_ACTIVE_STEP);
  }

@@ @@
  kernel_disable_single_step(...)
  {
  ...
- disable_debug_monitors(DBG_ACTIVE_EL1);
+ disable_debug_monitors(DBG_ACTIVE_STEP);
  }
