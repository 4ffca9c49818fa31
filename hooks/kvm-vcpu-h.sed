# file: include/linux/kvm_host.h
# reason: what of a guest's own breakpoints rests, since its debugger's would not fit beside it
# expect: +1 -0
s/^\tunsigned long guest_debug;$/&\
	u32 guest_debug_rest;	\/* see kvm_debug_share.h *\//
