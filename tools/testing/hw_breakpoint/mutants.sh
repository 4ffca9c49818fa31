#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# mutants.sh: breaks one line of the core at a time, in a copy, and expects the
# tests to fail. Each mutant is FILE|PROGRAM|SED EXPRESSION.
set -eu
cd "$(dirname "$0")"
top=$(cd ../../.. && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# mutants.sh WORD: only those that have the word
only=${1:-}

core_mutants() {
	cat <<'END'
account.c|account.x86.asan|s/pinned \+ tasks <= capacity/pinned + tasks <= 1 + capacity/
account.c|account.x86.asan|s/pinned \+ tasks <= capacity/pinned + tasks < capacity/
internal.h|account.x86.asan|s/\| READ_ONCE\(b->used\)//
account.c|account.x86.asan|s/acc->anywhere\[type\] \+$/0 +/
account.c|account.x86.asan|s/likely\(!acc->nr_bound\[type\]\) \|\|/true ||/
account.c|account.x86.asan|s/bound \? bound \+ anywhere : 0,/bound + anywhere,/
account.c|account.arm64.asan|/^static int prepare_move_locked/,/^}/s/!has_room\(res, type\)/!capacity[type]/
account.c|account.arm64.asan|/^static bool count_beside_debuggers/,/^}/s/count\(res, type, 1\);//
account.c|account.x86.asan|s/acc->nr_bound\[type\] \+= n;/acc->nr_bound[type] = n > 0;/
account.c|account.x86.asan|s/res->held = false;//
account.c|account.x86.asan|s/list_del_rcu\(&res->node\);//
account.c|account.x86.asan|s/if \(res->cpu >= 0\)$/if (res->cpu > 0)/
account.c|account.x86.asan|s/kfree\(acc->bound\);//
account.c|account.x86.asan|s/acc->retired = true;//
account.c|account.arm64.asan|s/slots \+= empty_account\(acc, type\);//
account.c|threads.x86.tsan|/^void hwbp_release/,/^}/s/raw_spin_(un)?lock_irq(save|restore)\(&hwbp_account_lock, flags\);/flags = 0; (void)flags;/
account.c|threads.x86.tsan|/^int dbg_reserve_bp_slot/,/^}/s/!raw_spin_trylock\(&hwbp_account_lock\)/0/;/^int dbg_reserve_bp_slot/,/^}/s/raw_spin_unlock\(.*//;s/lockdep_assert_held.*//
account.c|account.x86.asan|/^static void inherit_locked/,/^}/s/from->held = false;//
account.c|account.arm64.asan|/^static void end_move_locked/,/^}/s/move \? res->type : res->next_type/res->type/
change.c|change.x86.asan|s/c->bp->oncpu == -1 \|\| .*\)$/1)/
change.c|change.arm64.asan|s/err = prepare_children\(bp, attr\);/;/
change.c|change.arm64.asan|s/^\t\tcancel_children\(bp\);//
change.c|change.arm64.asan|s/^\thwbp_finish_move\(bp\);//
slots.c|change.x86.asan|/^void hwbp_adopt/,/^}/s/hwbp_commit\(\);//
slots.c|change.x86.asan|s/^\ttake_next\(bp\);//
slots.c|change.x86.asan|s/^\t\twant\(c, slot, &bp->hw.reservation.image\);/\t\t;/
change.c|change.x86.asan|s/!only_mutable_differ\(bp, attr\)/0/
change.c|change.x86.asan|s/, \.sig_data = ~0ULL//
change.c|change.x86.asan|/^void hwbp_copy_parent/,/^}/s/^\tcopy_parent_locked.*;//
change.c|change.arm64.asan|/^int hw_breakpoint_join/,/^}/s/^\thwbp_apply\(bp, &attr\);//
change.c|change.arm64.asan|/^int hw_breakpoint_join/,/^}/s/^\t\treturn err;/;/
slots.c|change.x86.asan|s/likely\(!inside\)/1/
change.c|threads.x86.tsan|/^static void change_here/,/^}/s/raw_spin_lock_irqsave\(lock, flags\);/flags = shim_irqs_off; shim_irqs_off = true; (void)lock;/;/^static void change_here/,/^}/s/raw_spin_unlock_irqrestore\(lock, flags\);/shim_irqs_off = flags;/
internal.h|account.x86.asan|s/h->used & ~BIT\(old - 1\)/h->used \& ~BIT(old)/
END
}

slots_mutants() {
	cat <<'END'
slots.c|slots.x86.asan|s/pool & ~\(c->owned \| c->placed\)/pool \& ~c->placed/
slots.c|slots.x86.asan|s/same = free & c->known;/same = 0;/
slots.c|slots.x86.asan|s/slot = __fls\(free\);/slot = 0;/
slots.c|slots.x86.asan|s/c->unwritten \|= BIT\(slot\);//
slots.c|slots.x86.asan|s/c->unwritten &= ~slots;//
slots.c|slots.x86.asan|s/u32 quiet = to_be.*/u32 quiet = 0;/
slots.c|slots.arm64.asan|s/u32 quiet = to_be.*/u32 quiet = 0;/
slots.c|slots.x86.asan|s/^\tc->known \|= slots;//
slots.c|slots.x86.asan|s/master == c->master && !force/0/
slots.c|slots.x86.asan|s/^\tc->changed = 0;//
slots.c|slots.x86.asan|s/^\tif \(c->changed\)$/\tif (0)/
slots.c|slots.x86.asan|/^static void forget/,/^}/s/c->known = 0;//
slots.c|slots.x86.asan|/^static void forget/,/^}/s/c->unwritten = c->owned \| c->placed;//
slots.c|slots.arm64.asan|/^static void forget/,/^}/s/c->armed = all_slots\(\);/;/
slots.c|slots.x86.asan|/^void hwbp_restore/,/^}/s/forget\(c\);//
slots.c|slots.x86.asan|/^static int hwbp_prepare_cpu/,/^}/s/c->(known|master) = 0;//
slots.c|slots.arm64.asan|s/disarm_slots\(c, stale\);//
slots.c|slots.arm64.asan|s/c->have\[slot\].ctrl = 0;//
arch.h|slots.x86.asan|s/return \(c->changed \| c->placed\) & BIT\(slot\) \? NULL :/return/
slots.c|slots.x86.asan|s/per_cpu_ptr\(&hwbp_cpu, cpu\);/per_cpu_ptr(\&hwbp_cpu, 0);/
slots.c|slots.x86.asan|s/= this_cpu_ptr\(&hwbp_cpu\)/= \&hwbp_cpu/
slots.c|slots.x86.asan|s/^\twrite_slots\(c, change\);//;s/^\tswitch_over\(.*/& write_slots(c, change);/
END
}

x86_mutants() {
	cat <<'END'
x86.h|slots.x86.asan|s/DR_GLOBAL_ENABLE << \(slot/DR_GLOBAL_ENABLE << (0 * slot/
x86.h|slots.x86.asan|s/have->addr != want->addr\)/0)/
x86.h|slots.x86.asan|s/dr7 \| DR7_FIXED_1/dr7/
x86.h|slots.x86.asan|s/^\tthis_cpu_write\(cpu_dr7, dr7\);//
x86.h|loan.x86.asan|s/\? 0 : HWBP_KERNEL/? HWBP_KERNEL : HWBP_KERNEL/
x86.h|loan.x86.asan|s/\? 0 : HWBP_KERNEL/? 0 : 0/
asm.h|loan.x86.asan|s/0x1111ULL << 36/0x1110ULL << 36/
asm.h|loan.x86.asan|s/0x1111ULL << 36/0x0111ULL << 36/
x86.h|loan.x86.asan|s/^\t\tthis_cpu_and\(hwbp_silence, ~HWBP_DEFERRED\);//
x86.h|loan.x86.asan|s/^\t\tsilence &= ~HWBP_DEFERRED;//
x86|loan.x86.asan|s/\(HWBP_SECTIONS & ~HWBP_DEFERRED\)/HWBP_SECTIONS/
x86|loan.x86.asan|s/ \|\| hwbp_master\(\) & HWBP_MASTER_KERNEL//
x86|loan.x86.asan|s/!hwbp_master\(\) \|\| //
x86|loan.x86.asan|/^void __hw_breakpoint_rearm/,/^}/s/this_cpu_and.*//
entry.h|loan.x86.asan|s/if \(!\(this_cpu_read\(hwbp_silence\) & HWBP_DEFERRED\)\)/if (1)/
x86.h|slots.x86.asan|s/return have->aux == want->aux && have->ctrl == want->ctrl;/return true;/
x86|slots.x86.asan|s/amd_get_dr_addr_mask\(slot\) == mask/0/
x86.h|slots.x86.asan|s/have->aux != want->aux\)\)/0))/
x86|x86.x86.asan|s/mask > widest_mask\(\)/mask > U32_MAX/
x86|x86.x86.asan|s/pass_stale\(entry_dr6.*/;/
x86|x86.x86.asan|s/^\tif \(execute && instruction_pointer\(regs\) == ip\)/\tif (0)/
x86|x86.x86.asan|/^static void report_hit/,/^}/s/^\t\tif \(execute\)$/\t\tif (0)/
x86|x86.x86.asan|/^int hw_breakpoint_ptrace_dr7/,/^}/s/if \(err\)/if (0)/
x86|x86.x86.asan|/^int hw_breakpoint_ptrace_dr7/,/^}/s/ptrace_apply\(thread, dr7\);//
x86|x86.x86.asan|/^static int ptrace_control/,/^}/s/if \(attr->disabled\)/if (0)/
x86|x86.x86.asan|/^static int ptrace_wanted/,/^}/s/if \(err \|\| !bp\)/if (!bp) return 0; if (err)/
x86|x86.x86.asan|s/^\tregs->flags \|= X86_EFLAGS_IF;//
x86|x86.x86.asan|s/^\t    !\(regs->flags & X86_EFLAGS_TF\)\)/\t    0)/
x86|x86.x86.asan|s/!alone \|\| !\(regs->flags & X86_EFLAGS_IF\)/!alone/
x86|x86.x86.asan|s/ \|\| !is_prefix\(byte\)/ || 1/
END
}

arm64_mutants() {
	cat <<'END'
arm64|slots.arm64.asan|s/if \(ctrl & DBG_CTRL_E && \(!have \|\| !want\)\)/if (0)/
arm64|slots.arm64.asan|s/^\tif \(quiet\)$/\tif (0)/
arm64|slots.arm64.asan|s/if \(ctrl != want->ctrl\)/if (0)/
arm64|slots.arm64.asan|s/master \|= DBG_MDSCR_KDE;/;/
arm64|arm64.arm64.asan|s/return kernel \|\| !is_tracers\(bp\);/return true;/
arm64|arm64.arm64.asan|s/if \(step->wanted\)$/if (0)/
arm64|arm64.arm64.asan|s/step->wanted = wanted;//
arm64|arm64.arm64.asan|s/regs->pstate \|= STEP_MASKS;//
arm64|arm64.arm64.asan|s/regs->pstate \|= step->masks;//
arm64|arm64.arm64.asan|s/step->shared = kernel_active_single_step\(\);/step->shared = false;/
arm64|arm64.arm64.asan|s/saved->pc == instruction_pointer\(regs\);/true;/
arm64|arm64.arm64.asan|s/\(u64\)PSR_D_BIT;/0ULL;/
arm64|arm64.arm64.asan|s/^\t\tsimulate\(regs\);//
arm64|arm64.arm64.asan|s/^\tif \(shared\)$/\tif (0)/
arm64|arm64.arm64.asan|s/&& !\(regs->pstate & PSR_D_BIT\) &&$/\&\&/
arm64|arm64.arm64.asan|s/kernel.hits = saved->hits;/kernel.hits.n = 5;/
arm64|arm64.arm64.asan|s/step->left_sp == user_stack_pointer\(regs\);/1;/
arm64|arm64.arm64.asan|/^void hw_breakpoint_signal/,/^}/s/was_left_here\(step, regs\)/0/
arm64|arm64.arm64.asan|s/step->left.n = 0;//
arm64|arm64.arm64.asan|s/told->n = hit \? 0 : HWBP_MAX_HITS \+ 1;/told->n = 0;/
arm64|arm64.arm64.asan|s/^\t\thits->n = more->n;//
arm64|arm64.arm64.asan|s/told->n = before;/;/
arm64|arm64.arm64.asan|s/carry_hits\(&h->told, from, to\);//
arm64|arm64.arm64.asan|s/carry_hits\(&h->kernel.hits, from, to\);//
arm64|arm64.arm64.asan|/^void hw_breakpoint_forget_step/,/^}/s/step->left.n = 0;//
arm64|arm64.arm64.asan|/^void hw_breakpoint_forget_step/,/^}/s/end_user_step\(step\);//
arm64|arm64.arm64.asan|s/if \(hits->n < HWBP_MAX_HITS\)$/if (1)/
arm64|arm64.arm64.asan|s/FIELD_GET\(DBG_CTRL_BAS, image->ctrl\) << 2 \|/0 |/
arm64|arm64.arm64.asan|s/^\t       FIELD_GET\(DBG_CTRL_LSC, image->ctrl\);/\t       0;/
arm64|arm64.arm64.asan|s/else if \(unlikely\(this_cpu_read\(hold.user\)\)\)/else if (0)/
arm64|arm64.arm64.asan|s/!image_of_kernel\(image\) &&$/true \&\&/
arm64|arm64.arm64.asan|s/found = lowest\(watching\(.*/found = 0;/
arm64|arm64.arm64.asan|s/found = lowest\(watching\(/found = (watching(/
arm64|arm64.arm64.asan|s/found = highest\(watching\(.*/found = 0;/
arm64|arm64.arm64.asan|s/u64 start = addr \& ~\(block - 1\);/u64 start = 0;/
arm64|arm64.arm64.asan|s/if \(esr \& ESR_WATCH_FAR_INVALID\)/if (0)/
arm64|arm64.arm64.asan|s/return found \?: watching\(addr, addr, slots\);/return found;/
arm64|arm64.arm64.asan|s/regs->pstate \&= ~\(\(u64\)\(insn \& 0xf00\) >> 2\);/regs->pstate \&= ~(u64)(insn \& 0xf00);/
END
}

kvm_mutants() {
	cat <<'END'
arm64|kvm.arm64.asan|/^static int hw_breakpoint_reset/,/^}/s/switch_off_extra_slots\(\);//
kvm|kvm.arm64.asan|s/owned \? core : enabled\(/enabled(/
kvm|kvm.arm64.asan|s/owned \? core : enabled\(.*, core\)/core/
kvm|kvm.arm64.asan|s/wrps = fls\(slots\) - ARM_MAX_BRP/wrps = 1/
kvm|kvm.arm64.asan|s/hw_breakpoint_(un)?silence\(\);//
kvm|kvm.arm64.asan|s/\? n \+ num->shift : n;/? n : n;/
kvm|kvm.arm64.asan|s/if \(!\(ctrl & DBG_CTRL_LINKED\)\)/if (1)/
kvm|kvm.arm64.asan|s/if \(!\(ctrl & DBG_CTRL_LINKED\)\)/if (0)/
kvm|kvm.arm64.asan|s/\.first	= end - ctx,/.first = 0,/
kvm|kvm.arm64.asan|s/switch_extra_off\(__this_cpu_read\(lent_extra\)\);//
kvm|kvm.arm64.asan|s/hwbp_guest_wrote\(images, core_slots\(\)\);//
kvm|kvm.arm64.asan|s/store_image\(regs, slot, &images\[slot\]\);//
kvm|kvm.arm64.asan|s/if \(__this_cpu_read\(kvm_debug_loan\) == KVM_DEBUG_OWNED\)/if (1)/
kvm|kvm.arm64.asan|s/^\thwbp_take_back\(\);//
kvm.h|kvm.arm64.asan|s/ && !hw_breakpoint_extra_slots\(\)//
kvm.h|kvm.arm64.asan|s/vcpu_clear_flag\(vcpu, DEBUG_DIRTY\);/;/
kvm.h|kvm.arm64.asan|s/unlikely\(kvm_arm_owns_debug_regs\(vcpu\) \|\|/unlikely(1 ||/
kvm.h|kvm.arm64.asan|s/unlikely\(kvm_arm_owns_debug_regs\(vcpu\) \|\|/unlikely(0 ||/
END
}

mutants() {
	{ core_mutants; slots_mutants; x86_mutants; arm64_mutants; kvm_mutants; } | grep -F -- "$only"
}

file_of() {
	case $1 in
	kvm) echo "$tmp/arch/arm64/kvm/hw_breakpoint.c" ;;
	x86.h) echo "$tmp/arch/x86/include/asm/hw_breakpoint_inline.h" ;;
	asm.h) echo "$tmp/arch/x86/include/asm/hw_breakpoint.h" ;;
	entry.h) echo "$tmp/arch/x86/include/asm/hw_breakpoint_entry.h" ;;
	arch.h) echo "$tmp/include/linux/hw_breakpoint_arch.h" ;;
	kvm.h) echo "$tmp/arch/arm64/kvm/hw_breakpoint.h" ;;
	x86 | arm64) echo "$tmp/arch/$1/kernel/hw_breakpoint.c" ;;
	*) echo "$tmp/kernel/events/hw_breakpoint/$1" ;;
	esac
}

copy() {
	rm -rf "$tmp/kernel" "$tmp/arch" "$tmp/out"
	mkdir -p "$tmp/kernel/events" "$tmp/arch" "$tmp/include"
	cp -r "$top/kernel/events/hw_breakpoint" "$tmp/kernel/events/"
	cp -r "$top/arch/x86" "$top/arch/arm64" "$tmp/arch/"
	cp -r "$top/include" "$tmp/"
}

# test.h finds internal.h by its place in the tree
harness() {
	mkdir -p "$tmp/tools/testing/hw_breakpoint"
	cp -r Makefile run.sh shim ./*.c ./*.h "$tmp/tools/testing/hw_breakpoint/"
}

caught() {
	make -C "$tmp/tools/testing/hw_breakpoint" WERROR= OUT="$tmp/out" "$tmp/out/$1" >"$tmp/log" 2>&1 ||
		return 2
	! (cd "$tmp/tools/testing/hw_breakpoint" &&
		timeout 60 ./run.sh "$tmp/out" "1 2" 10000 "$1") >"$tmp/log" 2>&1
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
