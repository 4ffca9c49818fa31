#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# mutants.sh: breaks one line of the core at a time, in a copy, and expects the
# tests to fail. Each mutant is FILE|PROGRAM|SED EXPRESSION. ADAPTERS is as in the Makefile.
set -eu
cd "$(dirname "$0")"
top=$(cd ../../.. && pwd)
adapters=${ADAPTERS:-$top}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# mutants.sh WORD: only those that have the word
only=${1:-}

account_mutants() {
	cat <<'END'
account.c|account.x86.asan|/^static bool cpu_has_room/,/^}/s/>= total->slots/> total->slots/
account.c|account.x86.asan|s/return hwbp_demand\(total, ca\) < total->slots;/return hwbp_demand(total, ca) <= total->slots;/
account.c|account.x86.asan|/^static bool cpu_has_room/,/^}/s/hwbp_lower_demand\(cpu, type\);/;/
account.c|account.x86.asan|s/pinned_cpus\[type\]\[n\]\+\+;//
account.c|account.x86.asan|s/pinned_cpus\[type\]\[ca->pinned\]--;//
account.c|order.x86.steps|/^\tsmp_mb\(\);/,/^}/s/err = hwbp_cpu_beside_debuggers\(cpu, type, own\);/err = 0;/
account.c|order.x86.steps|s/set_pinned\(cpu, type, own - 1\);/;/
account.c|account.x86.asan|/^static void hand_over/,/^}/s/from->held = false;//
account.c|account.x86.asan|/^static void hand_over/,/^}/s/unlist\(from\);//
account.c|account.x86.asan|s/bp->overflow_handler == hwbp_takes_over/bp->overflow_handler_context/
account.c|account.x86.asan|s/trace_hwbp_hand_over\(.*/;/
account.c|account.x86.asan|s/^\ttrace_hwbp_reserve_for_cpu\(.*//
account.c|account.x86.asan|s/^\t\ttrace_hwbp_release_for_cpu\(.*/\t\t;/
account.c|account.x86.asan|/^void hwbp_release_reservation/,/^}/s/if \(release_one\(res\)\)/release_one(res);/
attach.c|account.x86.asan|/^int hw_breakpoint_attach/,/^}/s/trace_hwbp_reserve\(.*//
change.c|account.x86.asan|s/trace_hwbp_modify\(bp, -EINVAL\);//
legacy.c|legacy.old.asan|/^int dbg_reserve_bp_slot/,/^}/s/trace_hwbp_reserve\(.*//
legacy.c|legacy.old.asan|/^int dbg_release_bp_slot/,/^}/s/trace_hwbp_release\(bp, 0\);/;/
account.c|account.arm64.asan|/^static void end_move/,/^}/s/move \? res->type : res->next_type/res->type/
account.c|account.arm64.asan|s/res->moving = true;//
account.c|account.arm64.asan|/^static inline bool let_go/,/^}/s/end_move\(res, false\);//
account.c|account.x86.asan|/^static inline bool let_go/,/^}/s/unlist\(res\);//
account.c|account.x86.asan|/^static inline bool let_go/,/^}/s/res->held = false;//
context.c|claims.x86.asan|/^void hwbp_context_fell/,/^}/s/hwbp_level_lower\(cpu, type\);/;/
account.c|claims.x86.asan|/^static bool release_one/,/^}/s/hwbp_retry_missing\(\);/;/
attach.c|account.x86.asan|s/return bp->parent \? 0 : hwbp_reserve\(bp\);/return hwbp_reserve(bp);/
attach.c|shared.x86.lines|s/^\treturn bp->parent \? 0 : hwbp_reserve\(bp\);/\tif (bp->parent) { guard(mutex)(\&bp->parent->child_mutex); return 0; }\n\treturn hwbp_reserve(bp);/
attach.c|account.x86.asan|/^void hw_breakpoint_leave/,/^}/s/hwbp_release\(bp\);/;/
attach.c|account.x86.asan|/^void hw_breakpoint_leave/,/^}/s/!acc \|\| //
attach.c|growth.x86.steps|/^void hw_breakpoint_leave/,/^}/s/if \(.*/if (1)/
attach.c|tables.x86.steps|/^static void move_to_cpu/,/^}/s/synchronize_rcu\(\);//
account.c|tables.x86.steps|s/res->number = \+\+list->last;/res->number = 1;/
account.c|growth.x86.steps|/^static bool release_one/,/^}/s/held && hwbp_debuggers_present\(\);/held;/
context.c|account.arm64.asan|/^static unsigned int bound_in/,/^}/s/type \* BITS_PER_BYTE/0/
context.c|account.x86.asan|s/value &= ~\(\(unsigned long\)U8_MAX .*/;/
context.c|account.x86.asan|s/acc->nr_bound\[type\] \+= n - bound_in\(entry, type\);//
context.c|account.x86.asan|s/new \? new \+ anywhere : 0\)/new + anywhere)/
context.c|account.x86.asan|s/old \? old \+ anywhere : 0,/old + anywhere,/
context.c|account.arm64.asan|s/if \(held == anywhere\)$/if (0)/
context.c|account.x86.asan|s/return ret \|\| .* : for_levels_of_bound\(c, fn\);/return ret;/
context.c|account.x86.asan|s/if \(cpu == HWBP_ANYWHERE && c->acc->nr_bound\[c->type\]\)$/if (0)/
context.c|order.x86.steps|/^static int undo/,/^}/s/hwbp_level_leave\(.*//
context.c|order.x86.steps|/^static int undo/,/^}/s/c->done--;/;/
context.c|order.x86.steps|/^static int ask/,/^}/s/hwbp_context_fell\(.*/;/
context.c|account.x86.asan|s/if \(c->more < 0\)$/if (0)/
context.c|account.x86.asan|/^static int leave_old/,/^}/s/hwbp_level_leave\(.*//
context.c|order.x86.steps|/^static int leave_old/,/^}/{/hwbp_level_leave/d;s/^\tif \(c->more < 0\)$/\thwbp_level_leave(cpu, c->type, old, c->acc->spare);\n&/}
context.c|account.x86.asan|s/hwbp_pinned_on\(cpu, c->type\) \+ new >/new >/
context.c|nmi.x86.steps|s/^\treturn hwbp_beside_debuggers\(cpu, c->type, new\);/\treturn 0;/
context.c|order.x86.steps|/^static int raise/,/^}/{/hwbp_level_count/d;s/^\thwbp_level_allow\(.*/&\thwbp_level_count(cpu, c->type, new, c->acc->spare);/}
context.c|order.x86.steps|s/if \(before < new\)$/if (0)/
context.c|order.x86.steps|/^static int raise/,/^}/s/hwbp_level_leave\(.*//
context.c|order.x86.steps|/^static int raise/,/^}/s/hwbp_level_forgo\(.*//
END
}

known_mutants() {
	cat <<'END'
attach.c|known.x86.asan|s/if \(original\) \{/if (0) {/
context.c|known.x86.asan|/^unsigned int hwbp_context_holds/,/^}/s/acc->retired \? 0 : //
context.c|known.x86.asan|s/acc->anywhere\[type\] \+ acc->nr_bound\[type\]\)/acc->nr_bound[type])/
holders.c|known.x86.asan|/^static bool may_look_at/,/^}/s/override_creds\(viewer->cred\)/shim_cred/
holders.c|known.x86.asan|/^static bool may_look_at/,/^}/s/revert_creds\(old\)/(void)old/
holders.c|known.x86.asan|s/c->target && may_look_at/may_look_at/
holders.c|known.x86.asan|s/c->target && may_look_at\(viewer, task\)/c->target/
holders.c|known.x86.asan|s/viewer \? pid_nr_ns\(pid, viewer->ns\) : c->pid/c->pid/
holders.c|known.x86.asan|/^static bool knows_own/,/^}/s/return .*/return true;/
holders.c|known.x86.asan|s/^\t\t\tc->hidden\[.*//
holders.c|known.x86.asan|/^bool hwbp_knows_opener/,/^}/s/return viewer->all/return true/
holders.c|known.x86.asan|/^bool hwbp_knows_opener/,/^}/s/uid_eq\(opener->uid, viewer->cred->fsuid\)/true/
holders.c|known.x86.asan|/^pid_t hwbp_opener_pid/,/^}/s/viewer->ns->ns\.inum == opener->ns/true/
columns.c|known.x86.asan|s/\\\\#"/\\\\"/
columns.c|known.x86.asan|s/if \(!\*comm\)/if (0)/
proc.c|known.x86.asan|s/addr < TASK_SIZE_MAX \|\| viewer->kernel/true/
proc.c|known.x86.asan|s/addr < TASK_SIZE_MAX \|\| //
proc.c|known.x86.asan|s/\.all\t= perfmon_capable\(\)/.all = true/
proc.c|known.x86.asan|/^static void \*proc_next/,/^}/s/reader->ended = true;/;/
proc.c|reading.x86.steps|/^static void \*proc_next/,/^}/s/cond_resched\(\);//
END
}

context_mutants() {
	cat <<'END'
context.c|lower.x86.steps|/^static int raise/,/^}/s/hwbp_level_allow\(.*//
context.c|account.x86.asan|s/c->acc->anywhere\[c->type\] \+= c->more;/;/
context.c|account.x86.asan|/^int hwbp_context_reserve/,/^}/s/forget_bound\(acc, cpu\);/;/
context.c|account.x86.asan|/^static unsigned int empty_account/,/^}/s/hwbp_level_leave\(HWBP_ANYWHERE.*//
context.c|account.x86.asan|/^static unsigned int empty_account/,/^}/s/acc->anywhere\[type\] \+ bound_in/bound_in/
context.c|account.x86.asan|s/acc->retired = true;//
context.c|account.x86.asan|s/refcount_inc\(&acc->refs\);//
context.c|account.x86.asan|s/ \|\| reserved->ops != &hwbp_reserve_ops\)/)/
reserve.h|account.x86.asan|s/if \(ctx->reserved && .*/if (0)/
level.c|order.x86.steps|s/return n <= allowed_now\(cpu, type\);/return true;/
level.c|order.x86.steps|s/\*counted = true;//
context.c|order.x86.steps|s/c->counted = false;//
context.c|order.x86.steps|s/err = for_levels\(c, cpu, has_room\) \?: for_levels\(c, cpu, raise\);/err = for_levels(c, cpu, raise);/
level.c|order.x86.steps|/^static bool begin_lowering/,/^}/s/level_word\(\*word, n, /level_word(*word, allowed_in(*word), /
level.c|order.x86.steps|s/count_most\(cpu, type, assumed_in\(\*word\)\) <= n \&\&/1 \&\&/
level.c|order.x86.steps|s/begin_lowering\(level, word, n\) &&$/1 \&\&/
level.c|order.x86.steps|s/\(\(old & CHANGES\) \+ \(CHANGES & -CHANGES\)\)/(old \& CHANGES)/
level.c|lower.x86.steps|s/max\(assumed_in\(old\), n\)/n/
level.c|order.x86.steps|/^unsigned int hwbp_level_assume/,/^}/s/allowed_in\(old\), max/max(assumed_in(old), n), max/
level.c|account.x86.asan|s/cpu \* sizes\(\) \+/0 +/
level.c|account.arm64.asan|s/\(type == TYPE_INST \? 0 : sizes_of\(TYPE_INST\)\)/0/
level.c|growth.x86.steps|s/sizes\(\) \* sizeof\(\*set\), GFP_KERNEL_ACCOUNT/sizes() * sizeof(*set), GFP_KERNEL/
level.c|growth.x86.steps|s/kvcalloc\(nr_cpu_ids, sizes\(\)/kvcalloc(nr_cpu_ids, 2 * sizes()/
context.c|shared.x86.lines|s/if \(cpu == HWBP_ANYWHERE && c->acc->nr_bound\[c->type\]\)$/if (c->acc->nr_bound[c->type] || c->acc->anywhere[c->type])/
context.c|growth.x86.steps|s/return hwbp_level_enter\(cpu, c->type, new, .* \? 0 : -EAGAIN;/return -EAGAIN;/
level.c|levels.x86.tsan|/^static u32 came_bound/,/^}/s/i < nr_sets\(\)/i < 1/
level.c|levels.x86.tsan|/^static u32 went_bound/,/^}/s/i < nr_sets\(\)/i < 1/
level.c|levels.x86.tsan|/^static u32 came_anywhere/,/^}/s/for_each_possible_cpu\(cpu\)/for (cpu = 0; cpu < 1; cpu++)/
level.c|shared.x86.lines|s/raw_cpu_ptr\(&anywhere_tallies\[type\]\[n - 1\]\)/per_cpu_ptr(\&anywhere_tallies[type][n - 1], 0)/
level.c|shared.x86.lines|/^static struct hwbp_tally \*\*set_here/,/^}/s/raw_smp_processor_id\(\) % nr_sets\(\)/0/
level.c|levels.x86.tsan|/^static struct hwbp_tally \*tally_here/,/^}/s/ \?: spare, cpu/, cpu/
END
}

claims_mutants() {
	cat <<'END'
claims.c|claims.x86.asan|s/return n <= hwbp_level_assumed\(other, type\) \? 0 : err;/return err;/
claims.c|claims.x86.asan|/^static int fits\(/,/^}/s/for_each_possible_cpu\(on\)/for (on = 0; on < 1; on++)/
claims.c|race.x86.steps|s/\? -EAGAIN : -ENOSPC;/? -ENOSPC : -ENOSPC;/
claims.c|order.x86.steps|/^static int room_after_all/,/^}/s/hwbp_level_lower\(HWBP_ANYWHERE, claim->pool\);/;/
claims.c|order.x86.steps|/^static int room_after_all/,/^}/s/< claim->slots \? 0 : -ENOSPC/< 0 ? 0 : -ENOSPC/
wide.c|wide.x86.steps|s/return wide->triggered;/;/
wide.c|wide.x86.steps|/^static perf_overflow_handler_t handler_of/,/^}/s/perf_event_output_forward;/NULL;/
legacy.c|legacy.old.asan|s/if \(!hwbp_reservation\(bp\)->held\)/if (0)/
claims.c|order.x86.steps|/^static __always_inline int make_claim/,/^}/s/return room_beside\((.*, )(atomic64_fetch_add.*)\);/return \2 < 0;/
claims.c|order.x86.steps|/^static int fits_cpu/,/^}/s/hwbp_lower_demand\(cpu, type\);//
claims.c|order.x86.steps|s/^\t\tlower_where_taken\(bp\);/\t\t;/
claims.c|order.x86.steps|/^static void withdraw_up_to/,/^}/s/cpu <= last/cpu < last/
claims.c|claims.x86.asan|s/HWBP_CLAIM \| BIT\(i\)/BIT(i)/
claims.c|claims.arm64.asan|s/HWBP_CLAIM \| BIT\(i\)/HWBP_CLAIM/
claims.c|claims.x86.asan|s/if \(claim->flags & HW_BREAKPOINT_TAKE\)/if (0)/
internal.h|account.x86.asan|s/max\(hwbp_assumed\(&total->anywhere\), hwbp_assumed\(&ca->bound\)\)/hwbp_assumed(\&total->anywhere)/
internal.h|order.x86.steps|s/\(u8\)atomic64_read\(&level->word\)/(u8)(atomic64_read(\&level->word) >> 8)/
account.h|tables.x86.steps|s/res->number < last/res->number <= last/
holders.c|tables.x86.steps|s/c->cpu\+\+, c->last = U64_MAX/c->cpu++/
holders.c|tables.x86.steps|s/^\t\tc->last = c->number;/\t\t;/
holders.c|tables.x86.steps|s/^\t\tc->pid\+\+;//
holders.c|tables.x86.steps|s/^\tc->rows\[c->n\+\+\]\.holder.*/\tc->n++;/
holders.c|tables.x86.steps|s/^\t\tif \(!filled\)$/\t\tif (0)/
holders.c|reading.x86.steps|/^static bool fill_rows/,/^}/s/^\tif \(!filled\)$/\tif (0)/
holders.c|reading.x86.steps|/^static bool add_row/,/^}/s/cond_resched\(\);//
holders.c|reading.x86.steps|/^static .*next_of_cpus/,/^}/s/cond_resched\(\);//
tables.c|reading.x86.steps|/^static void \*table_next/,/^}/s/cond_resched\(\);//
tables.c|reading.x86.steps|/^static void \*holders_next/,/^}/s/cond_resched\(\);//
tables.c|reading.x86.steps|s/^\tca = hwbp_cpu_account\(cpu, type\);/\thwbp_lower_demand(cpu, type);\n&/
tables.c|reading.x86.steps|s/return max\(anywhere, hwbp_level_held\(cpu, type\)\);/return hwbp_level_assumed(cpu, type);/
level.c|reading.x86.steps|s/i < places; i\+\+, cond_resched\(\)/i < places; i++/
level.c|tables.x86.steps|s/if \(memcmp\(&came, &again, sizeof\(came\)\)\)/if (0)/
level.c|lower.x86.steps|s/i < LOWER_AT_MOST/1/
context.c|lower.x86.steps|s/if \(!c->counted && hwbp_level_enter\(/if (0 \&\& hwbp_level_enter(/
debug.c|debug.x86.asan|/^static int debug_cpu_up/,/^}/s/hw_breakpoint_debug_sync\(\);//
debug.c|tables.x86.steps|s/while \(READ_ONCE\(bp->generation\) != generation\)/while (0)/
END
}

change_mutants() {
	cat <<'END'
change.c|change.x86.asan|s/c->bp->oncpu == -1 \|\| .*\)$/1)/
change.c|change.arm64.asan|s/err = prepare_children\(bp, attr\);/;/
change.c|change.arm64.asan|s/^\t\tcancel_children\(bp\);//
change.c|change.arm64.asan|s/^\thwbp_finish_move\(bp\);//
slots.c|change.x86.asan|/^void hwbp_adopt/,/^}/s/hwbp_commit\(\);//
slots.c|change.x86.asan|s/^\ttake_next\(bp, next\);//
slots.c|change.x86.asan|s/^\t\thwbp_want\(c, slot, &hwbp_reservation\(bp\)->image\);/\t\t;/
change.c|change.x86.asan|s/!only_mutable_differ\(bp, attr\)/0/
change.c|change.x86.asan|s/, \.sig_data = ~0ULL//
change.c|change.x86.asan|/^static int copy_parent/,/^}/s/^\tcopy_mutable\(.*//
change.c|change.x86.asan|/^static int copy_parent/,/^}/s/^\tbp->attr.sig_data = .*//
change.c|arm64.arm64.asan|/^static int copy_parent/,/^}/s/^\thwbp_set_info\(.*//
change.c|change.arm64.asan|/^int hw_breakpoint_join/,/^}/s/return hwbp_reserve\(bp\);/return 0;/
change.c|legacy.old.asan|/^int hw_breakpoint_join/,/^}/s/if \(!err\)/if (1)/
change.c|threads.x86.tsan|/^static void change_here/,/^}/s/raw_spin_lock_irqsave\(lock, flags\);/flags = shim_irqs_off; shim_irqs_off = true; (void)lock;/;/^static void change_here/,/^}/s/raw_spin_unlock_irqrestore\(lock, flags\);/shim_irqs_off = flags;/
END
}

wide_mutants() {
	cat <<'END'
wide.c|wide.x86.steps|s/while \(READ_ONCE\(wc->calls\) != calls\)/while (0)/
wide.c|wide.arm64.steps|s/^\t\tif \(!is_named\(wc, i\)\)$/\t\tif (1)/
wide.c|wide.x86.steps|s/WRITE_ONCE\(wc->calls, wc->calls \+ 1\);//
internal.h|wide.x86.steps|s/return __this_cpu_read\(hwbp_cpu.choosing\);/return false;/
internal.h|wide.arm64.steps|s/return __this_cpu_read\(hwbp_cpu.choosing\);/return false;/
slots.c|wide.arm64.steps|s/^\tWRITE_ONCE\(res->slot, -1\);//;s/^\tWRITE_ONCE\(c->owner\[slot\], NULL\);/&res->slot = -1;/
wide.c|wide.x86.steps|s/if \(in_nmi\(\) \|\| hwbp_is_changing\(\)\)/if (hwbp_is_changing())/
wide.c|wide.old.steps|s/if \(in_nmi\(\) \|\| hwbp_is_changing\(\)\)/if (in_nmi())/
wide.c|wide.x86.steps|s/irq_work_sync\(&per_cpu_ptr\(wide->cpus, cpu\)->ask\);/;/
wide.c|wide.x86.steps|s/irq_work_sync\(&per_cpu_ptr\(wide->cpus, cpu\)->follow\);/;/
wide.c|wide.arm64.steps|s/\(wc->local != NO_AIM && named_by.*;/0;/
wide.c|wide.x86.steps|s/ && !aims_between\(local, newest\)//
wide.c|wide.x86.steps|s/^\twc->local = NO_AIM;$//
wide.c|wide.x86.steps|s/missed = aims - watches;/missed = aims - 1;/
wide.c|wide.x86.steps|s/!err && word.name == word.newest\);/word.name == word.newest);/
wide.c|wide.x86.steps|/^static struct perf_event \*stop_following/,/^}/s/atomic_long_add\(aims/(void)(aims/
wide.c|wide.x86.steps|/^static struct perf_event \*stop_following/,/^}/s/^\tatomic_long_set_release\(.*//
wide.c|wide.x86.steps|/^static struct perf_event \*stop_following/,/^}/{s/^\tWRITE_ONCE\(wc->bp, NULL\);//;s/^\tlocal_irq_restore/\tWRITE_ONCE(wc->bp, NULL);&/}
wide.c|wide.x86.steps|/^static int watch\(/,/^}/s/^\t\tatomic_long_set\(&wc->followed, NO_AIM\);//
wide.c|wide.x86.steps|/^static void init_cpu/,/^}/s/^\tatomic_long_set\(&wc->followed, NO_AIM\);//
wide.c|wide.x86.steps|s/^\t\tatomic_long_sub\(missed.*//
api.c|wide.x86.steps|s/bp->attr.exclude_kernel && space/attr->exclude_kernel \&\& space/
wide.c|wide.x86.steps|s/^\tsmp_call_function_single\(cpu, follow_call, wc, 1\);//
wide.c|wide.x86.steps|s/^\thwbp_hand_over\(&wc->waiting.*//
wide.c|wide.x86.steps|s/while \(atomic_long_read\(&wide->newest\) != word.newest\)/while (0)/
wide.c|wide.x86.steps|s/^\tret = re_aim_here\(/\tunsigned long off; local_irq_save(off);&/;s/^\treturn min\(ret, 0\);/\tlocal_irq_restore(off);&/
wide.c|wide.x86.steps|s/^\ttrace_hwbp_modify_wide\(.*//
wide.c|wide.x86.steps|s/trace_hwbp_modify_wide\(attr, !everywhere, !ret,/trace_hwbp_modify_wide(attr, !everywhere, false,/
wide.c|wide.x86.steps|s/^\t\tleave_all\(wide\);/\t\t;/
wide.c|wide.x86.steps|/^static void free_wide/,/^}/s/wait_for_calls\(wide\);//;/^unregister_wide_hw_breakpoint_cpuslocked/,/^}/s/^\tmutex_lock/\twait_for_calls(wide);\n&/
wide.c|wide.x86.steps|/^static void leave\(/,/^}/s/hwbp_release_reservation\(.*//;/^static void leave\(/,/^}/s/unregister_hw_breakpoint\(bp\);//
wide.c|wide.x86.steps|/^static void ask_work/,/^}/s/^\tfollow_here\(wc\);//
wide.c|aims.x86.tsan|s/^\t\task_others\(wc->wide\);/;/
END
}

pmu_mutants() {
	cat <<'END'
pmu.c|pmu.x86.asan|s/if \(bp->attr.type != PERF_TYPE_BREAKPOINT\)/if (0)/
pmu.c|pmu.x86.asan|s/!hwbp_capacity\(hwbp_type\(bp->attr.bp_type\)\) \|\| //
pmu.c|pmu.x86.asan|s/ \|\| has_branch_stack\(bp\)//
pmu.c|pmu.x86.asan|s/if \(bp->parent\)/if (0)/
pmu.c|pmu.arm64.asan|/^static int hwbp_event_init/,/^}/s/if \(err\)/if (0)/
pmu.c|pmu.x86.asan|s/^\tres->slot = -1;//
pmu.c|pmu.x86.asan|s/^\tbp->destroy = hwbp_detach;/\t;/
pmu.c|pmu.x86.asan|/^static void hwbp_start/,/^}/s/bp->hw.state = 0;//
pmu.c|pmu.x86.asan|/^static void hwbp_stop/,/^}/s/bp->hw.state = PERF_HES_STOPPED;//
pmu.c|pmu.x86.asan|/^static int hwbp_commit_txn/,/^}/s/return 0;/hwbp_commit(); return 0;/
legacy.c|legacy.old.asan|s/INT_MAX/0/
legacy.c|legacy.old.asan|s/return register_die_notifier\(.*/return 0;/
legacy.c|legacy.old.asan|/^void hwbp_del/,/^}/s/if \(is_installed\(bp\)\)/if (1)/
legacy.c|legacy.old.asan|s/slot = ret \? -1 : 0;/slot = 0;/
legacy.c|legacy.old.asan|s/bp->hw.info = \*next;/;/
legacy.c|legacy.old.asan|/^void hwbp_adopt/,/^}/s/^\t\tuninstall\(bp\);/\t\t;/
legacy.c|legacy.old.asan|s/WARN_ON_ONCE\(install\(bp\)\);/;/
legacy.c|legacy.old.asan|s/^\thwbp_reservation\(bp\)->slot = -1;//
legacy.c|legacy.old.asan|s/\? 0 : PERF_HES_STOPPED/? 0 : 0/
legacy.c|legacy.old.asan|s/perf_swevent_set_period\(bp\);//
legacy.c|wide.old.steps|s/return this_cpu_read\(legacy_changing\);/return false;/
legacy.c|wide.old.steps|/^static void end_change/,/^}/s/this_cpu_write\(.*//
change.c|legacy.old.asan|s/return register_perf_hw_breakpoint\(bp\);/;/
wide.c|wide.old.steps|s/ \|\| hwbp_is_changing\(\)//
END
}

kgdb_mutants() {
	cat <<'END'
hw_break.c|kgdb.x86.steps|s/if \(xchg\(&hw->set, false\)\)/if (hw->bp.granted)/
hw_break.c|kgdb.arm64.steps|s/if \(xchg\(&hw->set, false\)\)/if (hw->bp.granted)/
hw_break.c|kgdb.x86.steps|s/WRITE_ONCE\(kgdb_hw_on, false\);//
hw_break.c|kgdb.x86.steps|s/if \(!READ_ONCE\(kgdb_hw_on\)\)/if (0)/
hw_break.c|drivers.x86.tsan|s/^\tkick_all_cpus_sync\(\);//
hw_break.c|kgdb.x86.steps|/^void kgdb_hw_exit/,/^}/s/kgdb_hw_remove_all\(\);//
hw_break.c|kgdb.x86.steps|/^void kgdb_hw_exit/,/^}/s/kdb_bp_remove\(\);//
hw_break.c|kgdb.x86.steps|s/^\thit->type = BP_BREAKPOINT;//
hw_break.c|kgdb.x86.steps|s/ \|\| stepping\)/)/
hw_break.c|kgdb.x86.steps|s/if \(!raw_spin_trylock\(master\)\)/raw_spin_trylock(master); if (0)/
hw_break.c|kgdb.x86.steps|s/\(!READ_ONCE\(kgdb_hw_step_lets_go\) && in_time\(\)\)/0/
END
}

slots_mutants() {
	cat <<'END'
slots.h|slots.x86.asan|s/pool & ~\(c->owned \| c->placed\)/pool \& ~c->placed/
slots.h|slots.x86.asan|s/left = free & c->known;/left = 0;/
slots.c|slots.x86.asan|s/free & c->known & BIT\(slot\)/0/
slots.c|slots.x86.asan|s/free & c->known & BIT\(slot\)/free \& BIT(slot)/
slots.c|slots.x86.asan|s/free & c->known & BIT\(slot\)/c->known \& BIT(slot)/
slots.c|slots.x86.asan|s/c->have\[slot\].addr == res->image.addr\)/1)/
slots.c|slots.x86.asan|s/unlikely\(c->have\[slot\].both != res->image.both\)/0/
slots.h|slots.x86.asan|s/slot = __fls\(free\);/slot = 0;/
slots.h|slots.x86.asan|s/c->unwritten \|= BIT\(slot\);//
commit.c|slots.x86.asan|s/c->unwritten &= ~slots;//
commit.c|slots.x86.asan|s/u32 quiet = to_be.*/u32 quiet = 0;/
commit.c|slots.x86.asan|s/^\tc->known \|= slots;//
commit.c|slots.x86.asan|s/master == c->master && !force/0/
commit.c|slots.x86.asan|s/^\tc->changed = 0;//
commit.c|slots.x86.asan|s/^\tif \(!data_race\(__this_cpu_read\(hwbp_cpu.changed\)\)\)$/\tif (1)/
commit.c|slots.x86.asan|s/ \|\| !commit_simply\(\)\)/)/
commit.c|slots.x86.asan|s/return simple && !again;/return true;/
commit.c|nmi.x86.steps|s/return simple && !again;/return simple;/
loan.c|slots.x86.asan|/^noinstr void hwbp_forget/,/^}/s/c->known = 0;//
loan.c|slots.x86.asan|/^noinstr void hwbp_forget/,/^}/s/c->unwritten = c->owned \| c->placed;//
loan.c|slots.arm64.asan|/^noinstr void hwbp_forget/,/^}/s/c->armed = hwbp_all_slots\(\);/;/
loan.c|slots.x86.asan|/^void hwbp_restore/,/^}/s/hwbp_forget\(\);//
slots.c|slots.x86.asan|/^static int hwbp_prepare_cpu/,/^}/s/c->(known|master) = 0;//
commit.c|slots.arm64.asan|s/hwbp_disarm_slots\(c, stale\);//
slots.c|debug.x86.asan|s/^\tif \(overdrawn\)$/\tif (1)/
commit.c|slots.arm64.asan|s/c->have\[slot\].ctrl &= ~HWBP_SLOT_ENABLE;//
commit.c|arm64.arm64.asan|s/c->have\[slot\].ctrl \^= HWBP_SLOT_ENABLE;//
commit.c|arm64.arm64.asan|s/c->have, hwbp_desired_slots\(c\), 0\), force/c->have, live, 0), force/
commit.c|arm64.arm64.asan|s/desired && desired == c->committed/desired/
commit.c|slots.arm64.asan|s/desired && desired == c->committed/desired == c->committed/
commit.c|arm64.arm64.asan|s/^\t       !\(c->unwritten & desired\);/\t       true;/
commit.c|arm64.arm64.asan|/^static .* switch_rest/,/^}/s/^\tc->armed = live;//
commit.c|arm64.arm64.asan|/^static .* switch_rest/,/^}/s/^\tc->live = live;//
commit.c|arm64.arm64.asan|/^static .* switch_rest/,/^}/s/^\tc->changed = 0;//
arch.h|slots.x86.asan|s/\(c->changed \| c->placed \| ~c->known\) & BIT/~c->known \& BIT/
slots.c|slots.x86.asan|s/per_cpu_ptr\(&hwbp_cpu, cpu\);/per_cpu_ptr(\&hwbp_cpu, 0);/
slots.c|slots.x86.asan|s/= this_cpu_ptr\(&hwbp_cpu\)/= \&hwbp_cpu/
commit.c|slots.x86.asan|s/^\twrite_slots\(c, change\);//;s/^\tswitch_over\(.*/& write_slots(c, change);/
loan.c|loan.x86.asan|/^void hw_breakpoint_heal/,/^}/s/^\t\theal\(c\);/;/
loan.c|loan.arm64.asan|/^void hw_breakpoint_heal/,/^}/s/^\t\theal\(c\);/;/
loan.c|loan.x86.asan|/^void hw_breakpoint_heal/,/^}/s/c->busy \|\| //
loan.c|loan.x86.asan|/^void hw_breakpoint_heal/,/^}/s/ \|\| c->choosing//
loan.c|loan.x86.asan|/^void hw_breakpoint_heal/,/^}/s/arch_hwbp_abandoned\(\) \|\|//
loan.c|loan.arm64.asan|/^void hw_breakpoint_heal/,/^}/s/^\tarch_hwbp_end_exception\(\);//
loan.c|loan.x86.asan|/^static void heal/,/^}/s/^\tarch_hwbp_abandon\(\);//
loan.c|loan.arm64.asan|/^static void heal/,/^}/s/^\tarch_hwbp_abandon\(\);//
loan.c|loan.x86.asan|/^static void heal/,/^}/s/^\tWRITE_ONCE\(c->choosing, false\);//
loan.c|loan.x86.asan|/^static void heal/,/^}/s/restore_and_unsilence/hw_breakpoint_unsilence/
tables.c|debug.x86.asan|s/seq_escape\(m, (.*), .*\);/seq_puts(m, \1);/
tables.c|debug.x86.asan|/^static const char \*state_name/,/^}/s/"inactive"/"active"/
tables.c|loan.x86.asan|s/READ_ONCE\(per_cpu\(hwbp_cpu, cpu\).healed\)/0U/
END
}

x86_mutants() {
	cat <<'END'
x86.h|slots.x86.asan|s/DR_GLOBAL_ENABLE << \(slot/DR_GLOBAL_ENABLE << (0 * slot/
x86.h|slots.x86.asan|s/have->addr != want->addr\)/0)/
x86.h|slots.x86.asan|s/DR_GLOBAL_SLOWDOWN \| DR7_FIXED_1/DR_GLOBAL_SLOWDOWN/
x86.h|slots.x86.asan|s/^\tthis_cpu_write\(cpu_dr7, 0\);//
x86.h|slots.x86.asan|s/^\tthis_cpu_write\(cpu_dr7, \(u32\)want\);//
x86.h|slots.x86.asan|s/^\t\tthis_cpu_or\(hwbp_silence, HWBP_ACTIVE\);/\t\t;/
x86.h|loan.x86.asan|s/\? 0 : HWBP_KERNEL/? HWBP_KERNEL : HWBP_KERNEL/
x86.h|loan.x86.asan|s/\? 0 : HWBP_KERNEL/? 0 : 0/
x86.h|x86.x86.asan|s/\? HWBP_IN_KERNEL : 0/? 0 : 0/
x86.h|x86.x86.asan|s/\? HWBP_IN_KERNEL : 0/? HWBP_IN_KERNEL : HWBP_IN_KERNEL/
x86.h|x86.x86.asan|s/0x2222ULL << 36/0x0222ULL << 36/
x86|x86.x86.asan|/^noinstr void hw_breakpoint_copy_regs/,/^}/s/if \(\(unsigned long\).*/if (1)/
asm.h|loan.x86.asan|s/0x1111ULL << 36/0x1110ULL << 36/
asm.h|loan.x86.asan|s/0x1111ULL << 36/0x0111ULL << 36/
x86|loan.x86.asan|/^bool hwbp_may_switch_on/,/^}/s/^\tif \(want & HWBP_MASTER_KERNEL\)$/\tif (0)/
x86|loan.x86.asan|/^bool hwbp_may_switch_on/,/^}/s/^\tif \(want & HWBP_MASTER_KERNEL\)$/\tif (1)/
x86|loan.x86.asan|s/\(HWBP_SECTIONS & ~HWBP_DEFERRED\)/HWBP_SECTIONS/
x86|loan.x86.asan|s/ \|\| hwbp_master\(\) & HWBP_MASTER_KERNEL//
x86|loan.x86.asan|s/!hwbp_master\(\) \|\| //
x86|x86.x86.asan|/^noinstr void hw_breakpoint_copy_regs/,/^}/s/hw_breakpoint_silence\(\);/;/
entry.h|x86.x86.asan|/^static .* hw_breakpoint_end_copy/,/^}/s/hw_breakpoint_unsilence\(\);/;/
x86|x86.x86.asan|s/ \|\| before_copy\(regs\);/;/
x86|x86.x86.asan|s/return !tracer_is_told\(regs\) .*/return true;/
x86|x86.x86.asan|/^bool hw_breakpoint_debug_exception/,/^}/s/if \(others\)$/if (0)/
x86|debug.x86.asan|/^bool hw_breakpoint_debug_exception/,/^}/s/this_cpu_and\(hwbp_unreported.*//
x86|x86.x86.asan|/^void hw_breakpoint_tell_tracer/,/^}/s/!wants_step\(\)/0/
x86|x86.x86.asan|s/return hwbp_in_uprobe\(\) && current->utask->autask.saved_tf;/return false;/
x86|loan.x86.asan|/^void hw_breakpoint_rearm/,/^}/s/this_cpu_and.*//
entry.h|loan.x86.asan|s/if \(!\(this_cpu_read\(hwbp_silence\) & HWBP_DEFERRED\)\)/if (1)/
x86.h|slots.x86.asan|s/return have->both == want->both;/return true;/
x86|slots.x86.asan|s/amd_get_dr_addr_mask\(slot\) == mask/0/
x86.h|slots.x86.asan|s/have->aux != want->aux\)\)/0))/
x86|x86.x86.asan|s/mask > widest_mask\(\)/mask > U32_MAX/
x86|x86.x86.asan|s/addr >= KERNEL_HALF \?/1 ?/
x86|x86.x86.asan|s/if \(end < TASK_SIZE_MAX\)/if (addr < TASK_SIZE_MAX)/
x86|x86.x86.asan|s/^#define KERNEL_HALF.*/#define KERNEL_HALF (-(1UL << 47))/
arch.h|x86.x86.asan|s/attr->bp_type == HW_BREAKPOINT_X \? 1 : attr->bp_len/attr->bp_len/
END
}

x86_entry_mutants() {
	cat <<'END'
api.c|x86.x86.asan|s/\*space == HWBP_OF_NOBODY/0/
x86|x86.x86.asan|s/pass_stale\(fired.*/;/
x86|x86.x86.asan|s/^\tif \(execute && instruction_pointer\(regs\) == ip\)/\tif (0)/
x86|x86.x86.asan|/^static void report_hit/,/^}/s/^\t\tif \(execute\)$/\t\tif (0)/
x86|x86.x86.asan|/^int hw_breakpoint_ptrace_dr7/,/^}/s/if \(err\)/if (0)/
x86|x86.x86.asan|/^int hw_breakpoint_ptrace_dr7/,/^}/s/ptrace_apply\(thread, dr7\);//
x86|x86.x86.asan|/^static int ptrace_control/,/^}/s/if \(attr->disabled\)/if (0)/
x86|x86.x86.asan|/^static int ptrace_wanted/,/^}/s/if \(err \|\| !bp\)/if (!bp) return 0; if (err)/
x86|x86.x86.asan|s/^\tregs->flags \|= X86_EFLAGS_IF;//
x86|x86.x86.asan|s/regs->flags & X86_EFLAGS_TF;/true;/
x86|x86.x86.asan|s/^\tbool clear = alone && regs->flags & X86_EFLAGS_IF;/\tbool clear = alone;/
x86|x86.x86.asan|s/steps >> 1\);/steps);/
x86|x86.x86.asan|s/this_cpu_read\(steps_without_if\) << 1 \| clear/clear/
x86|x86.x86.asan|/^bool arch_hwbp_debug_enter/,/^}/s/^\tforget_steps_of_others\(\);//
x86|x86.x86.asan|/^void arch_hwbp_debug_leave/,/^}/s/^\tforget_steps_of_others\(\);//
x86|x86.x86.asan|s/ \|\| test_thread_flag\(TIF_BLOCKSTEP\)//
x86|x86.x86.asan|s/\(prefix \|\| !is_plain_group_7\(insn\[2\]\)\)/!is_plain_group_7(insn[2])/
x86|x86.x86.asan|s/^\tif \(in_nmi\(\)\)$/\tif (0)/
x86|loan.x86.asan|s/this_cpu_read\(hwbp_silence\) & HWBP_GUESTS\)$/0)/
x86|x86.x86.asan|s/^\tif \(\(u32\)want && .*\)$/\tif (0)/
x86|x86.x86.asan|/^static .* end_guests/,/^}/s/^\t\tclean_dr6\(\);/\t\t;/
x86|x86.x86.asan|/^static .* end_guests/,/^}/s/^\tthis_cpu_and.*//
entry.h|x86.x86.asan|/^static .* hw_breakpoint_expect_guests/,/^}/s/^\tthis_cpu_or.*//
x86|x86.x86.asan|s/ \|\| !is_prefix\(byte\)/ || 1/
x86|loan.x86.asan|/^bool arch_hwbp_abandoned/,/^}/s/& ~HWBP_DEFERRED\)/)/
x86|loan.x86.asan|/^bool arch_hwbp_abandoned/,/^}/s/ \| HWBP_ENDINGS//
x86|loan.x86.asan|/^void arch_hwbp_abandon\(/,/^}/s/HWBP_SECTIONS\) - 1\)/HWBP_SECTIONS))/
x86|loan.x86.asan|/^void arch_hwbp_abandon\(/,/^}/s/^\tthis_cpu_write\(hwbp_disabled, false\);//
x86|loan.x86.asan|/^void arch_hwbp_abandon\(/,/^}/s/^\tclean_dr6\(\);//
END
}

arm64_mutants() {
	cat <<'END'
arm64|slots.arm64.asan|s/if \(ctrl & DBG_CTRL_E && \(!have \|\| !want\)\)/if (0)/
arm64-inline.h|slots.arm64.asan|s/^\twrite_sysreg\(DAIF_MASK, daif\);//
api.c|arm64.arm64.asan|s/\*space == HWBP_OF_NOBODY/0/
arm64|arm64.arm64.asan|s/tsk \? TASK_SIZE_OF\(tsk\) : TASK_SIZE_64/TASK_SIZE_64/
arm64|arm64.arm64.asan|s/tsk \? TASK_SIZE_OF\(tsk\) : TASK_SIZE_64/TASK_SIZE_OF(current)/
arm64|arm64.arm64.asan|s/_PAGE_OFFSET\(vabits_actual\)/_PAGE_OFFSET(52)/
arm64|arm64.arm64.asan|s/__tag_reset\(addr\) >=/addr >=/
arm64|arm64.arm64.asan|s/end < \(tsk/__tag_reset(end) < (tsk/
arm64|arm64.arm64.asan|s/= __tag_reset\(attr->bp_addr\)/= attr->bp_addr/
arm64|arm64.arm64.asan|s/bool kernel = hwbp_space.*/bool kernel = attr->bp_addr >= TASK_SIZE_OF(current);/
arm64|arm64.arm64.asan|s/!kernel && for_compat_task\(bp\)/for_compat_task(bp)/
change.c|arm64.arm64.asan|/^static int copy_parent/,/^}/s/if \(!IS_ENABLED\(.*/if (1)/
arm64|slots.arm64.asan|s/if \(ctrl != want->ctrl\)/if (0)/
arm64|slots.arm64.asan|s/master \|= MDSCR_EL1_KDE;/;/
arm64-report|arm64.arm64.asan|s/ \|\| !is_tracers\(bp\)/ || true/
arm64-user|arm64.arm64.asan|/^static .* end_step/,/^}/s/if \(unlikely\(step->wanted\)\)$/if (0)/
arm64-user|arm64.arm64.asan|s/^\tregs->pstate \|= DBG_SPSR_SS;//
arm64-user|arm64.arm64.asan|s/step->wanted = wanted;//
arm64-kernel|arm64.arm64.asan|s/regs->pstate \|= STEP_MASKS;//
arm64-kernel|arm64.arm64.asan|s/regs->pstate \|= step->masks;//
arm64-kernel|arm64.arm64.asan|s/step->shared = kernel_active_single_step\(\);/step->shared = false;/
arm64-kernel|arm64.arm64.asan|s/saved->pc == instruction_pointer\(regs\);/true;/
arm64-kernel|arm64.arm64.asan|s/\(u64\)PSR_D_BIT;/0ULL;/
arm64-kernel|arm64.arm64.asan|s/^\t\thwbp_simulate\(regs\);//
arm64-kernel|arm64.arm64.asan|s/^\tif \(shared\)$/\tif (0)/
arm64-kernel|arm64.arm64.asan|s/&& !\(regs->pstate & PSR_D_BIT\) &&$/\&\&/
arm64-kernel|arm64.arm64.asan|s/kernel.hits = saved->hits;/kernel.hits.n = 5;/
arm64-kernel|arm64.arm64.asan|/^void hw_breakpoint_suspend_step/,/^}/s/put_aside\(saved, regs\);//
arm64-kernel|arm64.arm64.asan|s/ \|\| regs->pstate & PSR_D_BIT\)/)/
arm64-kernel|arm64.arm64.asan|s/^\tabandon_kernel_step\(\);//
arm64-user|arm64.arm64.asan|s/ && left->sp == user_stack_pointer\(regs\)//
arm64-user|arm64.arm64.asan|/^void hw_breakpoint_signal/,/^}/s/find_left\(step, regs\)/-1/
arm64-user|arm64.arm64.asan|s/step->nr_left = n;//
arm64-user|arm64.arm64.asan|s/^\t\tmemmove\(.*/\t\tmemmove(step->left, step->left,/
arm64-report|arm64.arm64.asan|s/told->n = hit \? 0 : HWBP_MAX_HITS \+ 1;/told->n = 0;/
arm64-rest|arm64.arm64.asan|s/^\t\thits->n = more->n;//
arm64-report|arm64.arm64.asan|s/told->n = before;/;/
arm64-rest|arm64.arm64.asan|s/carry_hits\(&rest->told, from, to\);//
arm64-rest|arm64.arm64.asan|s/carry_hits\(&rest->kernel.hits, from, to\);//
arm64-user|arm64.arm64.asan|/^void hw_breakpoint_forget_step/,/^}/s/forget_left\(.*//
arm64-user|arm64.arm64.asan|/^void hw_breakpoint_forget_step/,/^}/s/end_in_task_context\(.*//
arm64.h|arm64.arm64.asan|s/if \(hits->n < HWBP_MAX_HITS\)$/if (1)/
arm64.h|arm64.arm64.asan|s/DBG_CTRL_BAS \| DBG_CTRL_LSC/DBG_CTRL_LSC/
arm64.h|arm64.arm64.asan|s/DBG_CTRL_BAS \| DBG_CTRL_LSC/DBG_CTRL_BAS/
arm64-rest|arm64.arm64.asan|s/else if \(unlikely\(__this_cpu_read\(hwbp_rest.user\)\)\)/else if (0)/
arm64-rest|arm64.arm64.asan|s/return !image_of_kernel\(image\);/return true;/
arm64-report|arm64.arm64.asan|s/found = lowest\(watching\(.*/found = 0;/
arm64-report|arm64.arm64.asan|s/found = lowest\(watching\(/found = (watching(/
arm64-report|arm64.arm64.asan|s/return found \?: highest\(.*/return found;/
arm64-report|arm64.arm64.asan|s/u64 start = addr \& ~\(block - 1\);/u64 start = 0;/
arm64-report|arm64.arm64.asan|s/found \|\| esr & ESR_WATCH_FAR_INVALID/found/
END
}

arm64_probe_mutants() {
	cat <<'END'
arm64-user|arm64.arm64.asan|/^void hw_breakpoint_syscall/,/^}/s/end_in_task_context\(.*\);//
arm64-user|arm64.arm64.asan|/^void hw_breakpoint_go_on/,/^}/s/end_step\(.*\);/;/
arm64-report|arm64.arm64.asan|s/ \|\| hwbp_in_uprobe\(\)//
arm64-user|arm64.arm64.asan|s/^\tstep->traced = others_step\(step\);//
arm64-user|arm64.arm64.asan|/^void hw_breakpoint_probe_simulated/,/^}/s/report_step\(regs\);/;/
arm64-kernel|arm64.arm64.asan|s/nested \? masks : masks/masks/
arm64-rest|arm64.arm64.asan|/^static bool in_pair/,/^}/s/rest->inside = is_half\(pc\);/rest->inside = false;/
arm64-rest|arm64.arm64.asan|s/bool near = .*/bool near = rest->last == pc;/
arm64-rest|arm64.arm64.asan|/^static bool in_pair/,/^}/s/!\(rest->again\+\+ % LOOK_AGAIN\)/!rest->again++/
arm64-rest|arm64.arm64.asan|s/ && next_is\(pc, 4, false\)//
arm64-rest|arm64.arm64.asan|s/\(insn & \(BIT\(31\) \| BIT\(21\)\)\) != BIT\(21\)/true/
arm64-rest|arm64.arm64.asan|s/hwbp_note_unwatched\(pc\);//
arm64-rest|arm64.arm64.asan|/^void hw_breakpoint_thread_switch/,/^}/s/hwbp_end_pairs\(\);//
arm64-report|arm64.arm64.asan|s/return found \?: watching_byte\(.*/return found;/
arm64-report|arm64.arm64.asan|s/byte < sizeof\(u64\) && //
arm64-report|arm64.arm64.asan|s/ && FIELD_GET\(DBG_CTRL_BAS, image->ctrl\) & BIT\(byte\)//
arm64-report|arm64.arm64.asan|s/FIELD_GET\(DBG_CTRL_LSC, image->ctrl\) & access && has_byte/has_byte/
arm64-report|arm64.arm64.asan|s/FIELD_GET\(DBG_CTRL_LSC, image->ctrl\) & access &&$/true \&\&/
arm64-kernel|arm64.arm64.asan|s/regs->pstate \&= ~\(\(u64\)\(insn \& 0xf00\) >> 2\);/regs->pstate \&= ~(u64)(insn \& 0xf00);/
END
}

kvm_mutants() {
	cat <<'END'
arm64|kvm.arm64.asan|/^static int hw_breakpoint_reset/,/^}/s/switch_off_extra_slots\(\);//
arm64|kvm.arm64.asan|/^void arch_hwbp_abandon\(/,/^}/s/switch_off_extra_slots\(\);//
arm64|kvm.arm64.asan|/^void arch_hwbp_abandon\(/,/^}/s/KVM_DEBUG_NOT_LENT/KVM_DEBUG_TRAPPED/
arm64|kvm.arm64.asan|/^void arch_hwbp_abandon\(/,/^}/s/KVM_DEBUG_NOT_LENT/KVM_DEBUG_OWNED/
kvm|kvm.arm64.asan|s/owned \? core : enabled\(/enabled(/
kvm|kvm.arm64.asan|s/owned \? core : enabled\(.*, core & num\.slots\)/core/
kvm|kvm.arm64.asan|s/wrps = fls\(slots\) - ARM_MAX_BRP/wrps = 1/
kvm|kvm.arm64.asan|s/hw_breakpoint_(un)?silence\(\);//
kvm|kvm.arm64.asan|s/\? n \+ num->shift :/? n :/
kvm|kvm.arm64.asan|s/if \(!\(ctrl & DBG_CTRL_LINKED\) \|\|/if (1 ||/
kvm|kvm.arm64.asan|s/if \(!\(ctrl & DBG_CTRL_LINKED\) \|\|/if (0 ||/
kvm|kvm.arm64.asan|s/switch_extra_off\(__this_cpu_read\(lent_extra\)\);//
kvm|kvm.arm64.asan|s/hwbp_guest_wrote\(images, core_slots\(\)\);//
kvm|kvm.arm64.asan|s/store_image\(regs, slot, &images\[slot\]\);//
kvm|kvm.arm64.asan|s/if \(__this_cpu_read\(kvm_debug_loan\) == KVM_DEBUG_OWNED\)/if (1)/
kvm|kvm.arm64.asan|s/^\thwbp_take_back\(\);//
kvm.h|kvm.arm64.asan|s/!hw_breakpoint_extra_slots\(\) && /1 \&\& /
kvm.h|kvm.arm64.asan|s/ && !vcpu->guest_debug//
kvm.h|kvm.arm64.asan|s/kvm_arm_end_debug_turn\(vcpu\);/;/
kvm.h|kvm.arm64.asan|s/unlikely\(kvm_arm_owns_debug_regs\(vcpu\) \|\|/unlikely(1 ||/
kvm.h|kvm.arm64.asan|s/unlikely\(kvm_arm_owns_debug_regs\(vcpu\) \|\|/unlikely(0 ||/
kvm-x86.h|loan.x86.asan|s/\(KVM_DEBUGREG_WONT_EXIT \| KVM_DEBUGREG_ENCRYPTED\)/KVM_DEBUGREG_WONT_EXIT/
kvm-x86.h|loan.x86.asan|s/\(KVM_DEBUGREG_WONT_EXIT \| KVM_DEBUGREG_ENCRYPTED\)/KVM_DEBUGREG_ENCRYPTED/
kvm-x86.h|loan.x86.asan|s/& ~\(DR_TRAP_BITS & ~lent\)//
kvm-x86.h|loan.x86.asan|s/kvm_note_lent\(vcpu, dr7\)/kvm_note_lent(vcpu, vcpu->arch.eff_dr7)/
kvm-x86.h|loan.x86.asan|s/switch_db_regs &= ~KVM_DEBUGREG_LENT;/switch_db_regs \&= ~0;/
arch.h|loan.x86.asan|s/ \| ~c->known\) & BIT/) \& BIT/;s/!HWBP_SLOTS_REST &&/0 \&\&/
arch.h|loan.arm64.asan|s/ \| ~c->known\) & BIT/) \& BIT/
arch.h|loan.x86.asan|s/!HWBP_SLOTS_REST &&/0 \&\&/
arch.h|debug.x86.asan|/hwbp_holds/,/^}/s/ && c->known & BIT\(slot\)//
debugger-arm64|kvm.arm64.asan|s/\.el1 = mdscr & MDSCR_EL1_KDE/.el1 = !(mdscr \& MDSCR_EL1_KDE)/
kvm|kvm.arm64.asan|s/share\.guests \| share\.placed/share.guests/
kvm|kvm.arm64.asan|s/: n - num->end;/: n;/
kvm|kvm.arm64.asan|s/if \(links_beyond\(num, .*/if (0)/
kvm|kvm.arm64.asan|s/ && !context &&$/ \&\&/
kvm|kvm.arm64.asan|s/LBN, ctrl\) >= num->end;/LBN, ctrl) > num->end;/
kvm|kvm.arm64.asan|s/ \|\| n >= num->end\)/)/
kvm|kvm.arm64.asan|s/return num->shift && ctrl/return ctrl/
kvm|kvm.arm64.asan|s/enabled\(regs, core & num\.slots\)/enabled(regs, core)/
kvm|kvm.arm64.asan|s/numbering\(guests \? guest_dfr0\(vcpu\) :/numbering(1 ? guest_dfr0(vcpu) :/
kvm|kvm.arm64.asan|s/return brps && SYS_FIELD_GET/return SYS_FIELD_GET/
kvm|kvm.arm64.asan|s/CTX_CMPs, dfr0\) <= brps;/CTX_CMPs, dfr0) <= brps + 1;/
kvm|kvm.arm64.asan|s/if \(kvm && test_bit\(.*/if (kvm)/
kvm|kvm.arm64.asan|s/hidden \?: pool/pool/
kvm|kvm.arm64.asan|s/desc->Op2 >= OP2_DBGWVR/desc->Op2 > OP2_DBGWVR/
kvm|kvm.arm64.asan|s/watch \? ARM_MAX_BRP : 0\)\)/0))/
kvm|kvm.arm64.asan|/^unsigned int kvm_arm_debug_reg_visibility/,/^}/s/& ~has\)\)$/\& ~has) \&\& 0)/
kvm.h|kvm.arm64.asan|s/ && !kvm_arm_hides_debug_regs\(vcpu->kvm\)//
debugger-arm64|kvm.arm64.asan|s/\.slots = kvm_arm_guest_slots\(vcpu->kvm\)/.slots = core_slots()/
kvm|kvm.arm64.asan|s/\.ctrl = host_ctrl\(&num, is\.ctrl\)/.ctrl = is.ctrl/
END
}

share_mutants() {
	cat <<'END'
share-x86|x86_share.x86.asan|s/kind\(guest->dr7, m\) == kind\(debugger->dr7, n\)/true/
share-x86|x86_share.x86.asan|s/guest->db\[m\] == debugger->db\[n\] &&/true \&\&/
share-x86|x86_share.x86.asan|s/both \|= BIT\(m\);/;/
share-x86|x86_share.x86.asan|s/\*left &= ~BIT\(n\);/;/
share-x86|x86_share.x86.asan|s/BIT\(__fls\(share->guests & ~both\)\)/BIT(__ffs(share->guests \& ~both))/
share-x86|x86_share.x86.asan|s/BIT\(__fls\(share->guests & ~both\)\)/BIT(__fls(share->guests))/
share-x86|x86_share.x86.asan|s/ > may\)/ >= may \&\& may)/
share-x86|x86_share.x86.asan|s/max\(debuggers, kept\)/debuggers/
share-x86|x86_share.x86.asan|s/max\(debuggers, kept\)/kept/
share-x86|x86_share.x86.asan|s/hweight8\(left\) \+ hweight8\(both\), kept/hweight8(left), kept/
debugger-x86|x86_debugger.x86.asan|s/vcpu->kvm->arch.debug_regs_kept/0/
debugger-x86|x86_debugger.x86.asan|s/n > KVM_NR_DB_REGS \|\| //
debugger-x86|x86_debugger.x86.asan|s/ \|\| kvm->arch.has_protected_state\)/)/
debugger-x86|x86_debugger.x86.asan|s/if \(kvm->created_vcpus\)/if (0)/
debugger-x86|x86_debugger.x86.asan|s/if \(vcpu->guest_debug & KVM_GUESTDBG_ENABLE\)$/if (1)/
kvm-x86.h|x86_debugger.x86.asan|s/debug_regs_kept \? KVM_GUESTDBG_SHARE_HW : 0/debug_regs_kept ? KVM_GUESTDBG_SHARE_HW : KVM_GUESTDBG_SHARE_HW/
kvm-x86.h|x86_debugger.x86.asan|s/kvm->arch.debug_regs_kept : KVM_NR_DB_REGS/0 : KVM_NR_DB_REGS/
share-x86|x86_share.x86.asan|s/keep = left & unused/keep = 0/
share-x86|x86_share.x86.asan|s/^\tunused &= ~keep;//
share-x86|x86_share.x86.asan|s/\*guests = hits & share->guests;/*guests = hits;/
share-x86|x86_share.x86.asan|s/if \(dr6 & DR_STEP\)/if (0)/
share-x86|x86_share.x86.asan|s/if \(dr6 & DR_STEP\)/if (1)/
share-x86|x86_share.x86.asan|s/if \(!\(kind\(dr7, n\) & 3\)\)/if (1)/
share-x86|x86_share.x86.asan|s/share->debuggers & BIT\(n\) && hits/hits/
share-x86|x86_share.x86.asan|s/hits & BIT\(share->place\[n\]\)/hits \& BIT(n)/
share-x86|x86_share.x86.asan|s/\(guest->dr7 & DR7_WHOLE\)/(debugger->dr7 \& DR7_WHOLE)/
share-x86|x86_share.x86.asan|s/share->db\[n\] = guest->db\[n\];/share->db[n] = debugger->db[n];/
share-x86|x86_share.x86.asan|s/dr7 & enable_bits\(n\) && \(\(k/((k/
share-x86|x86_share.x86.asan|s/ \|\| \(!\(k & 3\) && k\)//
share-arm64|arm64_share.arm64.asan|s/fit &= ~BIT\(__fls\(fit\)\)/fit \&= ~BIT(__ffs(fit))/
share-arm64|arm64_share.arm64.asan|s/> hweight32\(pool\)\)/>= hweight32(pool))/
share-arm64|arm64_share.arm64.asan|s/share->guests = with_links\(share, share->guests\);//
share-arm64|arm64_share.arm64.asan|s/with_links\(share, enabled\(&share->guest, slots\)\)/enabled(\&share->guest, slots)/
share-arm64|arm64_share.arm64.asan|s/is_linked_context\(is\.ctrl, slot\) \|\|/false ||/
share-arm64|arm64_share.arm64.asan|s/if \(!set->on\)/if (0)/
share-arm64|arm64_share.arm64.asan|s/u32 keep = wants & unused;/u32 keep = 0;/
share-arm64|arm64_share.arm64.asan|s/unused &= ~BIT\(slot\);//
share-arm64|arm64_share.arm64.asan|s/^\treturn is->ctrl & level && /\treturn /
share-arm64|arm64_share.arm64.asan|s/u64 level = hit->el1 \? CTRL_PAC_EL1 \| CTRL_PAC_EL0 :.*/u64 level = hit->el1 ? CTRL_PAC_EL1 : CTRL_PAC_EL0;/
share-arm64|arm64_share.arm64.asan|s/u64 level = hit->el1 \? CTRL_PAC_EL1 \| CTRL_PAC_EL0 :.*/u64 level = CTRL_PAC_EL1 | CTRL_PAC_EL0;/
share-arm64|arm64_share.arm64.asan|s/ \+ \(hit->el1 && !\(is->ctrl & CTRL_PAC_EL1\)\);/;/
share-arm64|arm64_share.arm64.asan|s/\(hit->el1 && !\(is->ctrl/(!(is->ctrl/
share-arm64|arm64_share.arm64.asan|s/return is_watch\(slot\) \? bytes :/return is_watch(slot) ? true :/
share-arm64|arm64_share.arm64.asan|s/ \|\| bytes == 0xc \|\|/ ||/
share-arm64|arm64_share.arm64.asan|s/far \+= FAR_BLOCK;/;/
share-arm64|arm64_share.arm64.asan|s/far \+= FAR_BLOCK;/return U64_MAX;/
share-arm64|arm64_share.arm64.asan|s/far < least \|\| \(far == least.*/far < least || (0 \&\&/
share-arm64|arm64_share.arm64.asan|s/^\tif \(mask\) \{/\tif (0) {/
share-arm64|arm64_share.arm64.asan|s/to = from \+ __fls\(bytes\)/to = from + 7/
share-arm64|arm64_share.arm64.asan|s/^\tif \(hit->esr & ISS_WPTV.*/\tif (0)/
share-arm64|arm64_share.arm64.asan|s/kvm_debuggers_number\(share, slot\) - ARM_MAX_BRP/slot - ARM_MAX_BRP/
share-arm64|arm64_share.arm64.asan|s/CTRL_SSC \| //
share-arm64|arm64_share.arm64.asan|s/\(is_watch\(slot\) \? WCR_WT : BCR_BT\)/WCR_WT/
share-arm64|arm64_share.arm64.asan|s/sign_extend64\(is->addr.*/true;/
share-arm64|arm64_share.arm64.asan|s/slots & BIT\(slot\) && valid\(&is, slot\)/valid(\&is, slot)/
share-arm64|arm64_share.arm64.asan|s/is\.ctrl & DBG_CTRL_E && !\(slots/!(slots/
END
}

# The debugger's steps by TF: what an instruction is
insn_mutants() {
	cat <<'END'
insn-x86|x86_steps.x86.asan|s/case 0x26:.*/case 0xf0:/
insn-x86|x86_steps.x86.asan|s/case 0x67:.*/case 0xf0:/
insn-x86|x86_steps.x86.asan|s/\(long_mode && /(/
insn-x86|x86_steps.x86.asan|s/byte & 0xf0/byte \& 0xe0/
insn-x86|x86_steps.x86.asan|s/case 0x05:/case 0x06:/
insn-x86|x86_steps.x86.asan|s/case 0x07:/case 0x08:/
insn-x86|x86_steps.x86.asan|s/return long_mode \? KVM_INSN_OTHER : /return /
insn-x86|x86_steps.x86.asan|s/return long_mode \? KVM_INSN_OTHER : KVM_INSN_LOADS_SS/return KVM_INSN_OTHER/
insn-x86|x86_steps.x86.asan|s/\(next >> 3 & 7\) == 2/(next >> 3 \& 3) == 2/
insn-x86|x86_steps.x86.asan|s/\(next >> 3 & 7\) == 2/(next >> 3 \& 7) == 3/
insn-x86|x86_steps.x86.asan|s/case 0x9c:/case 0x9b:/
insn-x86|x86_steps.x86.asan|s/case 0x9d:/case 0x9b:/
insn-x86|x86_steps.x86.asan|s/case 0xcc:/case 0xce:/
insn-x86|x86_steps.x86.asan|s/case 0xcf:/case 0xce:/
insn-x86|x86_steps.x86.asan|s/ \|\| opcode == 0xcd//
insn-x86|x86_steps.x86.asan|s/ \|\| opcode == 0x8e//
insn-x86|x86_steps.x86.asan|s/i \+ 1 \+ has_two_bytes\(i < len \? bytes\[i\] : 0\) > len/i + 1 > len/
insn-x86|x86_steps.x86.asan|s/\.len = i \+ 1 \+ has_two/.len = 1 + has_two/
insn-x86|x86_steps.x86.asan|s/bytes\[i \+ 1\] : 0;/bytes[i] : 0;/
insn-x86|x86_steps.x86.asan|s/while \(i < len && /while (/
END
}

# And in its place
prepare_mutants() {
	cat <<'END'
tf-x86|x86_steps.x86.asan|s/return !kvm_event_needs_reinjection\(vcpu\) && /return /
tf-x86|x86_steps.x86.asan|s/ && !kvm_is_exception_pending\(vcpu\);/;/
tf-x86|x86_steps.x86.asan|s/save.cpl == 3/save.cpl == 0/
tf-x86|x86_steps.x86.asan|s/svm_memory_is_encrypted\(vcpu\) \|\| //
tf-x86|x86_steps.x86.asan|s/rip \+ here, bytes/rip, bytes/
tf-x86|x86_steps.x86.asan|s/^\treturn here;/\treturn KVM_INSN_MAX;/
tf-x86|x86_steps.x86.asan|s/return is_guest_mode\(&svm->vcpu\) && /return /
tf-x86|x86_steps.x86.asan|s/kvm_rip_read\(&svm->vcpu\) \+ len/kvm_rip_read(\&svm->vcpu)/
tf-x86|x86_steps.x86.asan|s/rip = \(u32\)rip;/;/
tf-x86|x86_steps.x86.asan|s/nrips \? rip : 0/rip/
tf-x86|x86_steps.x86.asan|s/nrips \? rip : 0/0/
tf-x86|x86_steps.x86.asan|/^static void forget_soft_events/,/^}/s/if \(is_guest_mode\(vcpu\)\)/if (0)/
tf-x86|x86_steps.x86.asan|s/interrupt.injected && vcpu->arch.interrupt.soft\)/interrupt.injected)/
tf-x86|x86_steps.x86.asan|s/^\tto_svm\(vcpu\)->next_rip = 0;//
tf-x86|x86_steps.x86.asan|s/is_hypervisors\(to_svm\(vcpu\), INTERCEPT_INTn\) \|\| //
tf-x86|x86_steps.x86.asan|s/ \|\| kvm_get_rflags\(vcpu\) & X86_EFLAGS_VM//
tf-x86|x86_steps.x86.asan|s/insn->vector, true\)/insn->vector, false)/
tf-x86|x86_steps.x86.asan|s/kvm_make_request\(KVM_REQ_EVENT, vcpu\);//
tf-x86|x86_steps.x86.asan|s/if \(vcpu->guest_debug & KVM_GUESTDBG_USE_SW_BP\)/if (0)/
tf-x86|x86_steps.x86.asan|s/return !kvm_emulate_instruction\(vcpu, 0\);/return false;/
tf-x86|x86_steps.x86.asan|s/if \(instruction_is_next\(vcpu\)\)/if (1)/
tf-x86|x86_steps.x86.asan|s/debug_step.insn = insn.what;/debug_step.insn |= insn.what;/
tf-x86|x86_steps.x86.asan|s/return !svm_vmrun_pends\(vcpu\) && /return /
END
}

# And around it
tf_mutants() {
	cat <<'END'
tf-x86|x86_steps.x86.asan|s/^\tset_tf\(svm, true\);//
tf-x86|x86_steps.x86.asan|s/step->r11_tf = .*/step->r11_tf = 0;/
tf-x86|x86_steps.x86.asan|s/step->mask_tf = .*/step->mask_tf = 0;/
tf-x86|x86_steps.x86.asan|s/^\t\t\*r11\(svm\) \|= X86_EFLAGS_TF;/\t\t;/
tf-x86|x86_steps.x86.asan|s/^\t\t\*mask\(svm\) &= ~X86_EFLAGS_TF;/\t\t;/
tf-x86|x86_steps.x86.asan|s/EXCEPTIONS & ~svm->/EXCEPTIONS \& svm->/
tf-x86|x86_steps.x86.asan|s/= EXCEPTIONS & ~svm->.*/= EXCEPTIONS;/
tf-x86|x86_steps.x86.asan|s/exit_code == SVM_EXIT_EXCP_BASE \+ DB_VECTOR &&/exit_code \&\&/
tf-x86|x86_steps.x86.asan|s/svm->vmcb->save.dr6 & DR_STEP;/true;/
tf-x86|x86_steps.x86.asan|s/!is_long_mode\(vcpu\) && \(insn/(insn/
tf-x86|x86_steps.x86.asan|s/insn.what == KVM_INSN_SYSCALL \|\| //
tf-x86|x86_steps.x86.asan|s/ \|\| insn.what == KVM_INSN_SYSRET\)/)/
tf-x86|x86_steps.x86.asan|s/step->own_tf &= !step->mask_tf;/;/
tf-x86|x86_steps.x86.asan|/^static void finish_syscall/,/^}/s/\*r11\(svm\) &= ~X86_EFLAGS_TF;/;/
tf-x86|x86_steps.x86.asan|/^static void finish_syscall/,/^}/s/if \(step->own_tf\)/if (0)/
tf-x86|x86_steps.x86.asan|s/case KVM_INSN_LOADS:/case KVM_INSN_INT:/
tf-x86|x86_steps.x86.asan|s/step->own_tf = step->r11_tf;/;/
tf-x86|x86_steps.x86.asan|s/trapped\(svm\) \? loaded_tf/1 ? loaded_tf/
tf-x86|x86_steps.x86.asan|s/trapped\(svm\) \? loaded_tf\(svm, step\) : //
tf-x86|x86_steps.x86.asan|s/vector > 31 \|\| //
tf-x86|x86_steps.x86.asan|s/ \|\| !\(exceptions & BIT\(vector\)\)//
tf-x86|x86_steps.x86.asan|s/if \(vector == PF_VECTOR && vcpu->arch.apf.host_apf_flags\)/if (0)/
tf-x86|x86_steps.x86.asan|s/if \(vector == PF_VECTOR\)/if (1)/
tf-x86|x86_steps.x86.asan|s/vcpu->arch.cr2 = .*/;/
tf-x86|x86_steps.x86.asan|s/exit_info_1\)/exit_info_2)/
tf-x86|x86_steps.x86.asan|s/if \(WITH_ERROR_CODE & BIT\(vector\)\)/if (1)/
tf-x86|x86_steps.x86.asan|s/exit_code = SVM_EXIT_INTR;/exit_code = 0;/
tf-x86|x86_steps.x86.asan|s/ && !step->r11_tf\)/)/
tf-x86|x86_steps.x86.asan|s/if \(step->insn == KVM_INSN_SYSRET && !step->r11_tf\)/if (!step->r11_tf)/
tf-x86|x86_steps.x86.asan|s/if \(step->insn == KVM_INSN_SYSCALL && step->mask_tf\)/if (step->mask_tf)/
tf-x86|x86_steps.x86.asan|s/if \(step->insn == KVM_INSN_SYSCALL && step->mask_tf\)/if (step->insn == KVM_INSN_SYSCALL)/
tf-x86|x86_steps.x86.asan|s/if \(!svm->nmi_singlestep\)/if (1)/
tf-x86|x86_steps.x86.asan|/^static void disarm/,/^}/s/toggle_intercepts\(.*\);//
tf-x86|x86_steps.x86.asan|s/ \| V_NMI_BLOCKING_MASK\);/);/
tf-x86|x86_steps.x86.asan|s/!is_vnmi_enabled\(svm\) \|\| //
tf-x86|x86_steps.x86.asan|s/!gif_set\(svm\) \|\| //
tf-x86|x86_steps.x86.asan|s/control->event_inj \|\| //
tf-x86|x86_steps.x86.asan|s/ \|\| control->int_state & SVM_INTERRUPT_SHADOW_MASK//
tf-x86|x86_steps.x86.asan|s/^\t    is_guest_mode\(&svm->vcpu\)\)/\t    false)/
tf-x86|x86_steps.x86.asan|s/control->int_ctl &= ~V_NMI_PENDING_MASK;//
tf-x86|x86_steps.x86.asan|s/event_inj & SVM_EVTINJ_VALID;/event_inj \& 0;/
tf-x86|x86_steps.x86.asan|s/smp_send_reschedule\(vcpu->cpu\);/;/
tf-x86|x86_steps.x86.asan|s/return !\(svm->vmcb->control.exit_int_info.*/return true;/
tf-x86|x86_steps.x86.asan|s/^\tif \(step->injects\)$/\tif (0)/
tf-x86|x86_steps.x86.asan|s/kvm_rsp_read\(vcpu\) \+ 1/kvm_rsp_read(vcpu)/
tf-x86|x86_steps.x86.asan|s/\(u32\)\(ss->base \+/(ss->base +/
tf-x86|x86_steps.x86.asan|s/ \? \(u32\)at : \(u16\)at/ ? (u32)at : (u32)at/
tf-x86|x86_steps.x86.asan|s/ \? \(u32\)at : \(u16\)at/ ? (u16)at : (u16)at/
tf-x86|x86_steps.x86.asan|s/if \(!is_64_bit_mode\(vcpu\)\)$/if (0)/
tf-x86|x86_steps.x86.asan|s/byte &= ~\(X86_EFLAGS_TF >> 8\);/byte = 0;/
tf-x86|x86_steps.x86.asan|s/if \(own_step && !kvm_steps_apart\(vcpu\)\)/if (own_step)/
tf-x86|x86_steps.x86.asan|s/if \(own_step && !kvm_steps_apart\(vcpu\)\)/if (0)/
tf-x86|x86_steps.x86.asan|s/if \(kvm_steps_apart\(vcpu\) && trapped/if (trapped/
tf-x86|x86_steps.x86.asan|s/&& trapped\(svm\) && step->insn/\&\& step->insn/
tf-x86|x86_steps.x86.asan|s/step->insn == KVM_INSN_PUSHF && /1 \&\& /
tf-x86|x86_steps.x86.asan|s/KVM_INSN_PUSHF && !step->own_tf\)/KVM_INSN_PUSHF)/
END
}

# Steps of a vCPU that guest and debugger share
debugger_step_mutants() {
	cat <<'END'
debugger-x86|x86_debugger.x86.asan|s/guests \|= payload & ~\(DR_TRAP_BITS \| DR_STEP\);/;/
debugger-x86|x86_debugger.x86.asan|s/payload & ~\(DR_TRAP_BITS \| DR_STEP\)/payload \& ~DR_TRAP_BITS/
debugger-x86|x86_debugger.x86.asan|s/payload & DR_STEP && steps & KVM_STEP_GUESTS/steps \& KVM_STEP_GUESTS/
debugger-x86|x86_debugger.x86.asan|s/payload & DR_STEP && steps & KVM_STEP_GUESTS/payload \& DR_STEP/
debugger-x86|x86_debugger.x86.asan|s/payload & DR_STEP && steps & KVM_STEP_DEBUGGERS/steps \& KVM_STEP_DEBUGGERS/
debugger-x86|x86_debugger.x86.asan|s/payload & DR_STEP && steps & KVM_STEP_DEBUGGERS/payload \& DR_STEP/
debugger-x86|x86_debugger.x86.asan|s/if \(payload & DR_STEP && !guests && !debuggers\)/if (0)/
debugger-x86|x86_debugger.x86.asan|s/if \(payload & DR_STEP && !guests && !debuggers\)/if (!guests \&\& !debuggers)/
debugger-x86|x86_debugger.x86.asan|s/ && kvm_x86_ops.begin_step\)/)/
debugger-x86|x86_debugger.x86.asan|s/if \(vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP && /if (/
debugger-x86|x86_debugger.x86.asan|/^static void step_apart/,/^}/s/kvm_make_request.*//
debugger-x86|x86_debugger.x86.asan|/^static void step_apart/,/^}/s/vcpu->arch.debug_step.own_tf = .*//
debugger-x86|x86_debugger.x86.asan|/^static void step_apart/,/^}/s/if \(kvm_steps_apart\(vcpu\)\)/if (0)/
debugger-x86|x86_debugger.x86.asan|s/if \(kvm_check_request\(KVM_REQ_DEBUG_STEPPED, vcpu\)\)/if (0)/
kvm-x86.h|x86_debugger.x86.asan|s/kvm_clear_request\(KVM_REQ_DEBUG_STEPPED, vcpu\);//
kvm-x86.h|x86_debugger.x86.asan|/^static inline void kvm_expect_step/,/^}/s/kvm_make_request.*/;/
kvm-x86.h|x86_debugger.x86.asan|/^static inline void kvm_expect_step/,/^}/s/if \(kvm_steps_apart\(vcpu\)\)//
debugger-x86|x86_debugger.x86.asan|/^static void end_step/,/^}/s/kvm_make_request\(KVM_REQ_DEBUG_STEP, vcpu\);//
debugger-x86|x86_debugger.x86.asan|/^void kvm_debug_regs_left/,/^}/s/^\t\treturn;/\t\t;/
debugger-x86|x86_debugger.x86.asan|/^void kvm_debug_regs_left/,/^}/s/if \(kvm_steps_apart\(vcpu\)\)/if (1)/
debugger-x86|x86_debugger.x86.asan|s/^\tkvm_update_dr0123\(vcpu\);//
debugger-x86|x86_debugger.x86.asan|/^void kvm_debug_regs_left/,/^}/s/^\tkvm_update_dr7\(vcpu\);//
debugger-x86|x86_debugger.x86.asan|s/^\tkvm_x86_call\(sync_dirty_debug_regs\)\(vcpu\);//
debugger-x86|x86_debugger.x86.asan|s/if \(kvm_x86_call\(end_step\)\(vcpu\)\)/if (0)/
debugger-x86|x86_debugger.x86.asan|s/if \(kvm_x86_call\(end_step\)\(vcpu\)\)/if (1)/
debugger-x86|x86_debugger.x86.asan|/^void kvm_begin_step/,/^}/s/own_tf = .*/own_tf = true;/
debugger-x86|x86_debugger.x86.asan|s/ \|\| !kvm_steps_apart\(vcpu\)\)/)/
debugger-x86|x86_debugger.x86.asan|/^static bool leaves_stepped/,/^}/s/^\tkvm_make_request.*//
debugger-x86|x86_debugger.x86.asan|s/if \(delivered\)/if (0)/
kvm-x86.h|x86_debugger.x86.asan|s/SINGLESTEP && !kvm_steps_apart\(vcpu\);/SINGLESTEP;/
kvm-x86.h|x86_debugger.x86.asan|s/own_tf \? KVM_STEP_GUESTS : 0/own_tf ? 0 : KVM_STEP_GUESTS/
kvm-x86.h|x86_debugger.x86.asan|s/= tf && !\(shadow & KVM_X86_SHADOW_INT_MOV_SS\)/= tf/
kvm-x86.h|x86_debugger.x86.asan|s/= tf && !\(shadow & KVM_X86_SHADOW_INT_MOV_SS\)/= tf \&\& !shadow/
kvm-x86.h|x86_debugger.x86.asan|s/switch_db_regs &= ~KVM_DEBUGREG_STEPS;/switch_db_regs \&= ~0;/
kvm-x86.h|x86_debugger.x86.asan|s/^\t\tkvm_begin_step\(vcpu\);/\t\t;/
END
}

# Guest and debugger together, in a vCPU
together_mutants() {
	cat <<'END'
debugger-x86|x86_debugger.x86.asan|s/if \(guests \|\| !debuggers\)/if (guests)/
debugger-x86|x86_debugger.x86.asan|s/if \(guests \|\| !debuggers\)/if (!debuggers)/
debugger-x86|x86_debugger.x86.asan|s/dr6 \| DR6_ACTIVE_LOW/dr6/
debugger-x86|x86_debugger.x86.asan|s/if \(vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP\)$/if (1)/
debugger-x86|x86_debugger.x86.asan|s/memcpy\(vcpu->arch.eff_db, .*/;/
debugger-x86|x86_debugger.x86.asan|s/if \(kvm_note_resting\(vcpu, share.rest\)\)/if (kvm_note_resting(vcpu, share.rest), 1)/
debugger-x86|x86_debugger.x86.asan|s/!kvm_check_request\(KVM_REQ_DEBUG_RESTS, vcpu\) \|\|/0 ||/
debugger-x86|x86_debugger.x86.asan|s/!\(vcpu->run->flags & KVM_RUN_DEBUG_RESTS\)\)/0)/
debugger-x86|x86_debugger.x86.asan|s/kvm_dirty_ring_check_request\(vcpu\) \|\|/0 ||/
debugger-x86|x86_debugger.x86.asan|s/ \|\| leaves_to_tell\(vcpu\)//
debugger-x86|x86_debugger.x86.asan|s/\(DR_LOCAL_ENABLE \| DR_GLOBAL_ENABLE\) &&/DR_LOCAL_ENABLE \&\&/
debugger-x86|x86_debugger.x86.asan|s/if \(!\(dbg->control & KVM_GUESTDBG_ENABLE\)\)/if (0)/
debugger-x86|x86_debugger.x86.asan|s/return !\(dbg->control & KVM_GUESTDBG_EXIT_REST\);/return true;/
debugger-x86|x86_debugger.x86.asan|s/if \(!\(dbg->control & KVM_GUESTDBG_USE_HW_BP\)\)/if (0)/
debugger-x86|x86_debugger.x86.asan|s/return kvm_debuggers_dr7_valid\(.*/return true;/
debugger-x86|x86_debugger.x86.asan|s/~\(KVM_GUESTDBG_INJECT_DB \| KVM_GUESTDBG_INJECT_BP\)/~0ul/
debugger-x86|x86_debugger.x86.asan|s/if \(!\(vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP\)\)/if (0)/
share.h|x86_debugger.x86.asan|s/vcpu->run->flags &= ~\(KVM_RUN_DEBUG_RESTED \| .*/;/
share.h|x86_debugger.x86.asan|s/^\tvcpu->guest_debug_rest = 0;//
share.h|x86_debugger.x86.asan|s/bool more = .*/bool more = rest;/
share.h|x86_debugger.x86.asan|s/bool more = .*/bool more = rest != vcpu->guest_debug_rest;/
share.h|x86_debugger.x86.asan|s/if \(!vcpu->wants_to_run \|\| /if (/
share.h|x86_debugger.x86.asan|s/ \|\| !\(vcpu->guest_debug & KVM_GUESTDBG_EXIT_REST\)\)/)/
share.h|x86_debugger.x86.asan|s/vcpu->run->flags \|= KVM_RUN_DEBUG_RESTS;/;/
share.h|arm64_share.arm64.asan|s/vcpu->run->flags \|= KVM_RUN_DEBUG_RESTED;/;/
debugger-arm64|arm64_share.arm64.asan|s/__untagged_addr\(vcpu->arch.fault.far_el2\)/vcpu->arch.fault.far_el2/
debugger-arm64|arm64_share.arm64.asan|s/__untagged_addr\((vcpu->arch.fault.far_el2)\)/\1 \& (U64_MAX >> 8)/
debugger-arm64|arm64_share.arm64.asan|s/if \(slot < 0 && !\(share.guests.*/if (0)/
debugger-arm64|arm64_share.arm64.asan|s/arch_hwbp_pool\(watch \? TYPE_DATA : TYPE_INST\)/arch_hwbp_pool(watch ? TYPE_INST : TYPE_DATA)/
debugger-arm64|arm64_share.arm64.asan|s/!kvm_vcpu_initialized\(vcpu\)/0/
debugger-arm64|arm64_share.arm64.asan|s/slot < ARM_MAX_BRP \? &dbg->arch/0 ? \&dbg->arch/
debugger-arm64|arm64_share.arm64.asan|s/dbg_wcr\[n\]\) = 0;/dbg_wcr[n]) \&= ~BIT(1);/
kvm.h|arm64_share.arm64.asan|/^static inline void kvm_arm_begin_run/,/^}/s/if \(kvm_shares_debug_regs\(vcpu\)\)/if (0)/
kvm.h|arm64_share.arm64.asan|/^static inline void kvm_arm_begin_run/,/^}/s/vcpu->run->flags &= KVM_RUN_DEBUG_RESTED;/;/
debugger-arm64|arm64_share.arm64.asan|s/\.on = !masked && !guest_rests/.on = !masked/
debugger-arm64|arm64_share.arm64.asan|s/share\.placed & BIT\(slot\)\) \{/0) {/
debugger-arm64|arm64_share.arm64.asan|s/MDSCR_EL1\), false, &share/MDSCR_EL1), true, \&share/
debugger-arm64|arm64_share.arm64.asan|s/kvm_forget_resting\(vcpu\);/;/
debugger-arm64|arm64_share.arm64.asan|s/run->flags \|= KVM_DEBUG/run->flags = KVM_DEBUG/
END
}

steps_mutants() {
	cat <<'END'
step-arm64|arm64_share.arm64.asan|s/esr \+= BIT\(ESR_ELx_EC_SHIFT\);/;/
step-arm64|arm64_share.arm64.asan|s/if \(ec == ESR_ELx_EC_WATCHPT_LOW\)$/if (0)/
step-arm64|arm64_share.arm64.asan|s/ && ec != ESR_ELx_EC_BRK64\)/)/
step-arm64|arm64_share.arm64.asan|s/return at_el1\(vcpu\) && \(/return (/
step-arm64|arm64_share.arm64.asan|s/\*vcpu_cpsr\(vcpu\) & PSR_D_BIT \|\|/0 ||/
step-arm64|arm64_share.arm64.asan|s/!\(mdscr & MDSCR_EL1_KDE\)/0/
step-arm64|arm64_share.arm64.asan|s/^\treturn own;/\treturn true;/
step-arm64|arm64_share.arm64.asan|s/if \(wanted && !\(debug & KVM_GUESTDBG_SINGLESTEP\)\)/if (wanted)/
step-arm64|arm64_share.arm64.asan|s/vcpu->guest_debug \|= STEPS_OVER;/;/
step-arm64|arm64_share.arm64.asan|s/vcpu->guest_debug &= ~STEPS_OVER;/;/
step-arm64|arm64_share.arm64.asan|s/&= ~\(EXCLUSIVE \| STEPS_OVER\);/\&= ~EXCLUSIVE;/
step-arm64|arm64_share.arm64.asan|s/&= ~\(EXCLUSIVE \| STEPS_OVER\);/\&= ~STEPS_OVER;/
step-arm64|arm64_share.arm64.asan|s/ && !\(vcpu->guest_debug & EXCLUSIVE\)\);/);/
step-arm64|arm64_share.arm64.asan|s/if \(debug & EXCLUSIVE && !\(debug & STEPPED\)\)/if (debug \& EXCLUSIVE)/
step-arm64|arm64_steps.arm64.asan|s/own && esr & ISS_EX && kvm_arm_masks_debug\(.*\)\)$/own \&\& esr \& ISS_EX)/
step-arm64|arm64_steps.arm64.asan|s/own && esr & ISS_EX && /own \&\& /
step-arm64|arm64_steps.arm64.asan|s/vcpu->guest_debug &= ~FOLLOWED;/;/
step-arm64|arm64_steps.arm64.asan|s/vcpu->guest_debug \|= STEPPED;/;/
step-arm64|arm64_steps.arm64.asan|s/vcpu->guest_debug &= ~STEPPED;/;/
step-arm64|arm64_steps.arm64.asan|s/^\t\tfollow_interrupt\(vcpu\);/\t\t;/
step-arm64|arm64_steps.arm64.asan|s/^\t\tguests = kvm_arm_guests_step\(vcpu\);/\t\tguests = true;/
step-arm64|arm64_steps.arm64.asan|s/guests = vcpu->guest_debug & INACTIVE && /guests = /
step-arm64|arm64_steps.arm64.asan|s/ && vcpu->guest_debug & RETURN_STEPS &&$/ \&\&/
step-arm64|arm64_steps.arm64.asan|s/ steps_were_active\(vcpu, spsr\);/ 1;/
step-arm64|arm64_steps.arm64.asan|s/\(from_el0 \|\| \(mdscr/((mdscr/
step-arm64|arm64_steps.arm64.asan|s/^\t\tmend_saved_step\(vcpu\);/\t\t;/
step-arm64|arm64_steps.arm64.asan|/mend_saved_step\(vcpu\);/,/\}/s/kvm_arm_set_guests_step\(vcpu, false\);/;/
step-arm64|arm64_steps.arm64.asan|s/\} else if \(!\(vcpu->guest_debug & INACTIVE\)\) \{/} else if (0) {/
step-arm64|arm64_steps.arm64.asan|s/\} else if \(steps_active\(vcpu\)\) \{/} else if (0) {/
step-arm64|arm64_steps.arm64.asan|s/has_returned\(vcpu\) && spsr & DBG_SPSR_SS/has_returned(vcpu)/
step-arm64|arm64_steps.arm64.asan|s/has_returned\(vcpu\) && spsr & DBG_SPSR_SS/spsr \& DBG_SPSR_SS/
step-arm64|arm64_steps.arm64.asan|s/return !at_el1\(vcpu\) \|\| \(/return (/
step-arm64|arm64_steps.arm64.asan|s/^\treturn at_el1\(vcpu\) && offset </\treturn offset </
step-arm64|arm64_steps.arm64.asan|/what KVM has emulated/,/false\);/s/kvm_arm_set_guests_step\(vcpu, false\);/;/
step-arm64|arm64_steps.arm64.asan|s/^\tif \(step_is_over\(vcpu\)\)$/\tif (0)/
step-arm64|arm64_steps.arm64.asan|s/if \(active && !kvm_arm_guests_step\(vcpu\)/if (active/
step-arm64|arm64_steps.arm64.asan|s/ && !vcpu_get_flag\(vcpu, PENDING_EXCEPTION\)//
step-arm64|arm64_steps.arm64.asan|s/    !vcpu_get_flag\(vcpu, INCREMENT_PC\)\)/    1)/
step-arm64|arm64_steps.arm64.asan|s/debug \|= INACTIVE;/;/
step-arm64|arm64_steps.arm64.asan|s/debug \|= RETURN_STEPS;/;/
step-arm64|arm64_steps.arm64.asan|s/MDSCR_EL1_SS &&$/MDSCR_EL1_SS || 0 \&\&/
step-arm64|arm64_steps.arm64.asan|s/return control & KVM_GUESTDBG_SHARE_HW \? FOLLOWED : 0;/return 0;/
step-arm64|arm64_steps.arm64.asan|/^void kvm_arm_account_for_step/,/^}/s/vcpu->guest_debug \|= FOLLOWED;/;/
END
}

sysfs_mutants() {
	cat <<'END'
context.c|sysfs.x86.asan|/^static unsigned int taken_on/,/^}/s/READ_ONCE\(ca->pinned\) \+ //
context.c|sysfs.x86.asan|/^static unsigned int taken_on/,/^}/s/ \+ hwbp_nr_claims\(.*\);/;/
context.c|sysfs.x86.asan|s/acc->anywhere\[type\] \+ bound_on\(acc, cpu, type\) : 0/acc->anywhere[type] : 0/
context.c|sysfs.x86.asan|s/acc->anywhere\[type\] \+ bound_on\(acc, cpu, type\) : 0/bound_on(acc, cpu, type) : 0/
context.c|sysfs.x86.asan|/^static unsigned int free_on/,/^}/s/min\(own \+ taken_on\(cpu, type\), slots\)/own + taken_on(cpu, type)/
context.c|sysfs.x86.asan|/^static unsigned int free_everywhere/,/^}/s/min\(least, free_on\(acc, cpu, type\)\)/free_on(acc, cpu, type)/
context.c|sysfs.x86.asan|s/return ctx \? hwbp_get_account\(ctx\) : NULL;/return NULL;/
context.c|sysfs.x86.asan|/^unsigned int hwbp_free_for_current/,/^}/s/hwbp_put_account\(acc\);//
slots.c|sysfs.arm64.asan|s/slots &= has.context;/slots = has.context;/
slots.c|sysfs.arm64.asan|s/return has.all & ~hwbp_all_slots\(\);/return false;/
slots.c|sysfs.arm64.asan|s/return has.all & ~hwbp_all_slots\(\);/return has.all;/
arm64|sysfs.arm64.asan|s/first_slots\(aware, brps - aware\)/first_slots(aware, 0)/
arm64|sysfs.arm64.asan|/^void arch_hwbp_cpu_slots/,/^}/s/per_cpu\(cpu_data, cpu\)/per_cpu(cpu_data, 0)/
sysfs.c|sysfs.x86.asan|s/TYPE_INST == TYPE_DATA \?/0 ?/
sysfs.c|sysfs.arm64.asan|s/TYPE_INST == TYPE_DATA \?/1 ?/
sysfs.c|sysfs.x86.asan|/^static ssize_t show_lengths/,/^}/s/len <= LONGEST_WORD/len < LONGEST_WORD/
sysfs.c|sysfs.arm64.asan|s/return len > LONGEST_WORD \? len : 0;/return len;/
sysfs.c|sysfs.x86.asan|s/^\tu64 len = BIT_ULL\(BITS_PER_LONG - 1\);/\tu64 len = 4096;/
sysfs.c|sysfs.old.asan|s/can_watch\(types\[i\].bp_type, HW_BREAKPOINT_LEN_4\)/i/
END
}

counts_mutants() {
	cat <<'END'
counts.c|counts.x86.asan|s/reasons\[reason\] != err/reasons[reason] == err/
counts.c|counts.x86.asan|s/= -EPERM/= -EACCES/
counts.c|counts.x86.asan|s/this_cpu_inc\(hwbp_refusals.n\[reason\]\);/per_cpu(hwbp_refusals, 0).n[reason]++;/
writes.c|counts.x86.asan|s/this_cpu_xchg\(hwbp_writes.asked, 0\)/this_cpu_read(hwbp_writes.asked)/
writes.c|counts.x86.asan|s/hweight32\(written\)/hweight32(live)/
writes.c|counts.x86.asan|s/asked - n\)/asked)/
writes.c|counts.x86.asan|s/on == counting/false/
writes.c|counts.x86.asan|s/goto commit;/goto install;/
writes.c|counts.x86.asan|s/goto install;/goto commit;/
writes.c|counts.x86.asan|s/^\tunregister_trace_hwbp_uninstall\(.*//
tables.c|counts.x86.asan|s/val > 1 \? -EINVAL : //
account.c|counts.x86.asan|s/return hwbp_refused\(err\);/return err;/
account.c|counts.x86.asan|/^int hwbp_reserve_for_cpu/,/^}/s/hwbp_refused\(err\);/;/
attach.c|counts.x86.asan|s/return hwbp_refused\(err\);/return err;/
change.c|counts.x86.asan|s/return hwbp_refused\(err\);/return err;/
change.c|counts.x86.asan|s/return hwbp_refused\(-EINVAL\);/return -EINVAL;/
pmu.c|counts.x86.asan|s/return hwbp_refused\(err\);/return err;/
pmu.c|counts.x86.asan|s/return hwbp_refused\(-ENOMEM\);/return -ENOMEM;/
loan.c|counts.arm64.asan|s/data_race\(c->loans\+\+\);//
place.c|counts.x86.asan|s/data_race\(c->taken\+\+\);//
tables.c|counts.x86.asan|s/READ_ONCE\(c->loans\), READ_ONCE\(c->taken\)/READ_ONCE(c->taken), READ_ONCE(c->loans)/
END
}

mutants() {
	{ account_mutants; context_mutants; claims_mutants; change_mutants; wide_mutants; pmu_mutants; kgdb_mutants; slots_mutants; x86_mutants; x86_entry_mutants; arm64_mutants; arm64_probe_mutants; kvm_mutants; share_mutants; insn_mutants; prepare_mutants; tf_mutants; together_mutants; debugger_step_mutants; steps_mutants; sysfs_mutants; counts_mutants; known_mutants; } | grep -F -- "$only"
}

file_of() {
	case $1 in
	reserve.h) echo "$tmp/kernel/events/reserve.h" ;;
	hw_break.c) echo "$tmp/kernel/debug/hw_break.c" ;;
	kvm) echo "$tmp/arch/arm64/kvm/hw_breakpoint.c" ;;
	share-*) echo "$tmp/arch/${1#share-}/kvm/hw_breakpoint_share.c" ;;
	share.h) echo "$tmp/include/linux/kvm_debug_share.h" ;;
	insn-x86) echo "$tmp/arch/x86/kvm/svm/hw_breakpoint_insn.c" ;;
	tf-x86) echo "$tmp/arch/x86/kvm/svm/hw_breakpoint_step.c" ;;
	debugger-x86) echo "$tmp/arch/x86/kvm/hw_breakpoint.c" ;;
	debugger-arm64) echo "$tmp/arch/arm64/kvm/hw_breakpoint_debugger.c" ;;
	step-arm64) echo "$tmp/arch/arm64/kvm/hw_breakpoint_step.c" ;;
	x86.h) echo "$tmp/arch/x86/include/asm/hw_breakpoint_inline.h" ;;
	asm.h) echo "$tmp/arch/x86/include/asm/hw_breakpoint.h" ;;
	entry.h) echo "$tmp/arch/x86/include/asm/hw_breakpoint_entry.h" ;;
	arch.h) echo "$tmp/include/linux/hw_breakpoint_arch.h" ;;
	arm64-inline.h) echo "$tmp/arch/arm64/include/asm/hw_breakpoint_inline.h" ;;
	arm64.h) echo "$tmp/arch/arm64/kernel/hw_breakpoint.h" ;;
	kvm.h) echo "$tmp/arch/arm64/kvm/hw_breakpoint.h" ;;
	kvm-x86.h) echo "$tmp/arch/x86/kvm/hw_breakpoint.h" ;;
	x86 | arm64) echo "$tmp/arch/$1/kernel/hw_breakpoint.c" ;;
	arm64-report | arm64-rest) echo "$tmp/arch/arm64/kernel/hw_breakpoint_${1#arm64-}.c" ;;
	arm64-user | arm64-kernel) echo "$tmp/arch/arm64/kernel/hw_breakpoint_${1#arm64-}_step.c" ;;
	*) echo "$tmp/kernel/events/hw_breakpoint/$1" ;;
	esac
}

# The layer, of a kernel's tree
copy() {
	rm -rf "$tmp/kernel" "$tmp/arch" "$tmp/include" "$tmp/out"
	(
		cd "$top" &&
			cp -r --parents -t "$tmp" kernel/events/hw_breakpoint kernel/events/reserve.h \
				kernel/debug/hw_break.c include/linux/hw_breakpoint*.h \
				include/linux/kgdb_hw_break.h include/linux/kvm_debug_share.h \
				include/linux/perf_reserve.h \
				arch/*/kernel/hw_breakpoint*.[ch] arch/*/kvm/hw_breakpoint*.[ch] \
				arch/x86/kvm/svm/hw_breakpoint*.[ch]
	)
	for from in "$top" "$adapters"; do
		(cd "$from" && cp --parents -t "$tmp" arch/*/include/asm/*hw_breakpoint*.h)
	done
}

# test.h finds internal.h by its place in the tree
harness() {
	mkdir -p "$tmp/tools/testing/hw_breakpoint"
	cp -r Makefile run.sh steps.awk shim ./*.c ./*.h "$tmp/tools/testing/hw_breakpoint/"
}

# Seconds that a run may take; one that goes on for ever is caught by that.
limit() {
	case $1 in
	nmi*) echo 600 ;;
	*) echo 120 ;;
	esac
}

caught() {
	make -C "$tmp/tools/testing/hw_breakpoint" WERROR= ADAPTERS="$tmp" OUT="$tmp/out" "$tmp/out/$1" >"$tmp/log" 2>&1 ||
		return 2
	! (cd "$tmp/tools/testing/hw_breakpoint" &&
		timeout "$(limit "$1")" ./run.sh "$tmp/out" "1 2" 10000 "$1") >"$tmp/log" 2>&1
}

total=$(mutants | wc -l)
echo "KTAP version 1"
echo "1..$total"
n=0 bad=0
harness
while IFS='|' read -r file program expression; do
	n=$((n + 1))
	copy
	f=$(file_of "$file")
	cp "$f" "$tmp/before"
	sed -E -i "$expression" "$f"
	status=0
	if cmp -s "$f" "$tmp/before"; then
		status=3
	else
		caught "$program" || status=$?
	fi
	case $status in
	0) echo "ok $n $file: $expression" ;;
	1) echo "not ok $n $file: $expression # survives $program" ;;
	2) echo "not ok $n $file: $expression # does not compile" ;;
	3) echo "not ok $n $file: $expression # nothing to change" ;;
	esac
	[ $status = 0 ] || bad=1
done < <(mutants)
exit $bad
