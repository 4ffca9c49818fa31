# file: virt/kvm/Makefile.kvm
# reason: what a debugger wants of a guest, in what all architectures have in common
# expect: +1 -1
s/^(kvm-y := .* \$\(KVM\)\/eventfd\.o) /\1 $(KVM)\/debug_share.o /
