// file: arch/arm64/kvm/arm.c
// reason: a debugger who shares the debug registers with the guest may be told at once what rests; and
//	that some does it is told until it changes something. Steps of the guest's own are looked
//	after before each entry
// expect: +2 -2
@@ identifier ret; expression vcpu; @@
- ret = handle_exit(vcpu, ret);
+ ret = kvm_arm_exit_handled(vcpu, handle_exit(vcpu, ret));

@@ struct kvm_run *run; @@
- run->flags = 0;
+ kvm_arm_begin_run(vcpu);
