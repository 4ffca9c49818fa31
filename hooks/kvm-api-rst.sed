# file: Documentation/virt/kvm/api.rst
# reason: how many breakpoints a guest's debugger has on x86, where they are one pool, and what the
#	numbers mean
# expect: +25 -0
/^indicating the number of supported registers\.$/a\
\
On x86 both return 4, and so does KVM_CAP_GUEST_DEBUG_HW_SHARED, the number\
of registers that serve an instruction or data, whichever they are set to.\
Those are counted in both of the other numbers. A debugger has\
\
::\
\
  KVM_CAP_GUEST_DEBUG_HW_BPS + KVM_CAP_GUEST_DEBUG_HW_WPS\
                             - KVM_CAP_GUEST_DEBUG_HW_SHARED\
\
registers in all. Where each register serves one kind only, as on arm64,\
KVM_CAP_GUEST_DEBUG_HW_SHARED returns 0. A kernel that does not know it\
returns 0, too, and then on x86 for the other two as well; x86 has had the\
four registers all the same.\
\
The three can be asked of /dev/kvm and of a VM. For a VM whose state is\
protected from the host they return 0 (x86: has_protected_state): its vCPUs\
cannot be debugged.\
\
A debugger has all of these registers while its vCPU runs, whoever uses\
them on the host, and whatever the guest is told of its own: they are not\
what is free on the host. Where the CPUs of the host have different numbers\
of registers (arm64) all CPUs have those that are returned, and nobody can\
use the others. The host's own users are told the same numbers in\
/sys/bus/event_source/devices/breakpoint/caps.
