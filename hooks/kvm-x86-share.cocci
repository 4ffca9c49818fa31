// file: arch/x86/kvm/x86.c
// reason: a debugger may share the registers with the guest, KVM_GUESTDBG_SHARE_HW, is refused
//	before anything changes if it cannot, and may be told at once what rests for it. That some
//	does is told until the debugger changes something. A vCPU whose guest may not have all of
//	them always shares them. Who steps such a guest does so around its entries and beside the
//	guest's own steps, and also over what KVM does in the place of the CPU
// expect: +18 -12 or +18 -13
@@ @@
- return KVM_GUESTDBG_VALID_MASK;
+ return KVM_GUESTDBG_VALID_MASK | KVM_GUESTDBG_SHARE_MASK;

@@ expression vcpu; identifier r; @@
- if (kvm_dirty_ring_check_request(vcpu))
+ if (kvm_leaves_on_request(vcpu))
  { ... }

@@ expression vcpu, cpu; @@
  kvm_x86_call(vcpu_load)(vcpu, cpu);
+ kvm_expect_step(vcpu);

@@ struct kvm_run *run; @@
- run->flags = 0;
+ run->flags &= KVM_RUN_DEBUG_RESTED;

@@ expression vcpu, dbg; @@
  kvm_arch_vcpu_ioctl_set_guest_debug(...)
  {
  ...
  vcpu_load(vcpu);
+ r = -EINVAL;
+ if (!kvm_may_share_debug_regs(vcpu, dbg))
+ 	goto out;
  ...
  vcpu->guest_debug = dbg->control;
+ kvm_forget_debugger(vcpu);
  if (!(vcpu->guest_debug & KVM_GUESTDBG_ENABLE))
- 	vcpu->guest_debug = 0;
+ 	vcpu->guest_debug = kvm_undebugged(vcpu);
  ...
  }

@@ expression vcpu; @@
  kvm_arch_vcpu_create(...)
  {
  ...
+ vcpu->guest_debug = kvm_undebugged(vcpu);
  kvm_vcpu_reset(vcpu, false);
  ...
  }

@@ expression vcpu, dbg; @@
  vcpu->arch.guest_debug_dr7 = dbg->arch.debugreg[7];
+ memcpy(vcpu->arch.guest_debug_db, vcpu->arch.eff_db, sizeof(vcpu->arch.eff_db));

@@ expression vcpu; @@
- if (unlikely(vcpu->arch.switch_db_regs & KVM_DEBUGREG_WONT_EXIT)) {
- 	WARN_ON(vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP);
- 	...
- }
+ if (unlikely(vcpu->arch.switch_db_regs & (KVM_DEBUGREG_WONT_EXIT | KVM_DEBUGREG_STEPS)))
+ 	kvm_debug_regs_left(vcpu);

@@ identifier vcpu, rflags; statement S; @@
  kvm_skip_emulated_instruction(struct kvm_vcpu *vcpu)
  {
  ...
- if (unlikely(rflags & X86_EFLAGS_TF))
+ if (unlikely(rflags & X86_EFLAGS_TF) || kvm_steps_apart(vcpu))
  	S
  ...
  }

@@ expression vcpu, ctxt; statement S; @@
  kvm_rip_write(vcpu, ctxt->eip);
+ kvm_note_own_tf(vcpu, ctxt->tf, ctxt->interruptibility);
  if (<+... ctxt->tf ...+>) S

@@ expression vcpu; @@
- if (vcpu->guest_debug & KVM_GUESTDBG_BLOCKIRQ) {
+ if (vcpu->guest_debug & KVM_GUESTDBG_BLOCKIRQ || kvm_steps_apart(vcpu)) {
  	set = true;
  	break;
  }
