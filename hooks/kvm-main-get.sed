# file: virt/kvm/kvm_main.c
# reason: KVM_GET_GUEST_DEBUG, what a debugger has set and what rests for it; and a debugger may be
#	made to share the debug registers with the guest
# expect: +13 -1
# A case among others, which a semantic patch does not place.
s/^#include <linux\/kvm_host\.h>$/&\n#include <linux\/kvm_debug_share.h>/
s/^\tcase KVM_CAP_INTERNAL_ERROR_DATA:$/&\n\tcase KVM_CAP_GET_GUEST_DEBUG:/
s/^\t\tr = kvm_arch_vcpu_ioctl_set_guest_debug\(vcpu, &dbg\);$/\t\tr = kvm_set_guest_debug(vcpu, \&dbg);/
/^static long kvm_vcpu_ioctl\(/,/^\}$/{
	/^\tcase KVM_SET_SIGNAL_MASK: \{$/i\
	case KVM_GET_GUEST_DEBUG: {\
		struct kvm_guest_debug dbg = { };\
\
		kvm_arch_vcpu_get_guest_debug(vcpu, &dbg);\
		r = -EFAULT;\
		if (copy_to_user(argp, &dbg, sizeof(dbg)))\
			goto out;\
		r = 0;\
		break;\
	}
}
