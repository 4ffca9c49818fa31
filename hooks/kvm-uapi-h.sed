# file: include/uapi/linux/kvm.h
# reason: how many debug registers serve instructions or data; the number is out of the way of those
#	that the kernel gives out, and it gets one of them when this is merged. And a debugger may
#	share the registers with the guest, and read back what it has set; and some may be kept for it
# expect: +13 -0
/^#define KVM_CAP_GUEST_DEBUG_HW_WPS 120$/a\
#define KVM_CAP_GUEST_DEBUG_HW_SHARED 10120\
#define KVM_CAP_GET_GUEST_DEBUG 10121\
#define KVM_CAP_GUEST_DEBUG_KEEP 10122
/^#define KVM_GUESTDBG_SINGLESTEP\t+0x00000002$/a\
#define KVM_GUESTDBG_SHARE_HW		0x00000004\
#define KVM_GUESTDBG_EXIT_REST		0x00000008\
\
/*\
 * In kvm_run.flags, with KVM_GUESTDBG_SHARE_HW: some of the guest's breakpoints\
 * have no register; the guest has just set one of those.\
 */\
#define KVM_RUN_DEBUG_RESTED		(1 << 15)\
#define KVM_RUN_DEBUG_RESTS		(1 << 14)
s/^#define KVM_SET_GUEST_DEBUG .*$/&\
#define KVM_GET_GUEST_DEBUG       _IOR(KVMIO,  0x9b, struct kvm_guest_debug)/
