// file: virt/kvm/kvm_main.c
// reason: struct kvm_run says that some of a guest's own breakpoints rest
// expect: +3 -0
@@ @@
  #include <linux/kvm_host.h>
+ #include <linux/kvm_debug_share.h>

@@ expression vcpu; identifier r; @@
  r = kvm_arch_vcpu_ioctl_run(vcpu);
  vcpu->wants_to_run = false;
+ kvm_tell_resting(vcpu);

@@ expression vcpu, dbg; identifier r; @@
  r = kvm_arch_vcpu_ioctl_set_guest_debug(vcpu, dbg);
+ kvm_tell_resting(vcpu);
