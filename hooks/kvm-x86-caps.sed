# file: arch/x86/kvm/x86.c
# reason: how many breakpoints a guest's debugger has; where the guest's state is protected there is
#	no such debugger. Some registers may be kept for it
# expect: +11 -0
/^\tcase KVM_CAP_SYNC_REGS:$/i\
	case KVM_CAP_GUEST_DEBUG_HW_BPS:\
	case KVM_CAP_GUEST_DEBUG_HW_WPS:\
	case KVM_CAP_GUEST_DEBUG_HW_SHARED:\
		r = kvm_free_debug_regs(kvm);\
		break;\
	case KVM_CAP_GUEST_DEBUG_KEEP:\
		r = KVM_NR_DB_REGS;\
		break;
/^int kvm_vm_ioctl_enable_cap\(/,/^\}$/s/^\tcase KVM_CAP_DISABLE_QUIRKS2:$/\tcase KVM_CAP_GUEST_DEBUG_KEEP:\n\t\tr = kvm_keep_debug_regs(kvm, cap->args[0]);\n\t\tbreak;\n&/
