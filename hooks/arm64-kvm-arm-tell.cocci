// file: arch/arm64/kvm/arm.c
// reason: a debugger who shares the debug registers with the guest may be told at once what rests; and
//	that some does it is told until it changes something. Steps of the guest's own are looked
//	after before each entry
//	A debugger has what the guest does not, at any time
// expect: +4 -4
@@ identifier ret; expression vcpu; @@
- ret = handle_exit(vcpu, ret);
+ ret = kvm_arm_exit_handled(vcpu, handle_exit(vcpu, ret));

@@ identifier r; @@
- r = get_num_brps();
+ r = kvm_arm_free_debug_regs(kvm, TYPE_INST);

@@ identifier r; @@
- r = get_num_wrps();
+ r = kvm_arm_free_debug_regs(kvm, TYPE_DATA);

@@ struct kvm_run *run; @@
- run->flags = 0;
+ kvm_arm_begin_run(vcpu);
