# file: include/uapi/linux/kvm.h
# reason: how many debug registers serve instructions or data; the number is out of the way of those
#	that the kernel gives out, and it gets one of them when this is merged
# expect: +1 -0
/^#define KVM_CAP_GUEST_DEBUG_HW_WPS 120$/a\
#define KVM_CAP_GUEST_DEBUG_HW_SHARED 10120
