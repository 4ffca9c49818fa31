# file: arch/x86/kvm/x86.c
# reason: how many breakpoints a guest's debugger has; where the guest's state is protected there is
#	no such debugger
# expect: +5 -0
/^\tcase KVM_CAP_SYNC_REGS:$/i\
	case KVM_CAP_GUEST_DEBUG_HW_BPS:\
	case KVM_CAP_GUEST_DEBUG_HW_WPS:\
	case KVM_CAP_GUEST_DEBUG_HW_SHARED:\
		r = kvm \&\& kvm->arch.has_protected_state ? 0 : KVM_NR_DB_REGS;\
		break;
