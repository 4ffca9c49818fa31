// file: arch/arm64/kvm/arm.c
// reason: a debugger who shares the debug registers with the guest may be told at once what rests
// expect: +1 -1
@@ identifier ret; expression vcpu; @@
- ret = handle_exit(vcpu, ret);
+ ret = kvm_arm_tell_at_once(vcpu, handle_exit(vcpu, ret));
