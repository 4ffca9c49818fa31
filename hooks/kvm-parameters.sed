# file: Documentation/admin-guide/kernel-parameters.txt
# reason: debuggers of guests can be made to share the debug registers with them
# expect: +10 -0
/^	kvm-amd\.nested=/i\
	kvm.share_debug_regs=\
			[KVM,X86,ARM64] Whether every debugger of a guest\
			shares the debug registers with it, as one that sets\
			KVM_GUESTDBG_SHARE_HW does. Who cannot, because of what\
			it has asked for, has them for itself as before; on\
			arm64 what cannot be shared is left out. Read at each\
			KVM_SET_GUEST_DEBUG.\
			Format: <bool>\
			Default: N\

