# file: Documentation/virt/kvm/api.rst
# reason: how many breakpoints a guest's debugger has on x86, where they are one pool, and what the
#	numbers mean; and what it is to share them with the guest
# expect: +123 -0
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
/sys/bus/event_source/devices/breakpoint/caps.\
\
A guest can be given fewer. On arm64 BRPs, CTX_CMPs and WRPs of its\
ID_AA64DFR0_EL1 say how many it has: at least two breakpoints. The others are\
UNDEFINED for it, and ENOENT for KVM_GET_ONE_REG; and each access of the guest's\
to a debug register exits, where one exit gave it all of them before.\
\
On x86 KVM_ENABLE_CAP of the VM with KVM_CAP_GUEST_DEBUG_KEEP keeps args[0]\
registers for its debuggers. The guest still sees four, for the architecture\
has no other number, and what it enables\
beyond the others rests, from the highest on, whether it is debugged or not;\
KVM_RUN_DEBUG_RESTED and KVM_GET_GUEST_DEBUG tell, see KVM_SET_GUEST_DEBUG. A\
debugger who shares the registers (KVM_GUESTDBG_SHARE_HW) and has no more than\
are kept takes none of the guest's. The cost is the same. The call fails with\
EINVAL if there are not so many registers, the VM has a vCPU, or its state\
is protected from the host. KVM_CHECK_EXTENSION returns how many can be kept. For\
a VM whose guest has fewer KVM_CAP_GUEST_DEBUG_HW_BPS, _WPS and _SHARED return\
the number of those that it does not have, which is what is free for a debugger\
at any time.
/^supported KVM_GUESTDBG_\* bits in the control field\.$/a\
\
KVM_GUESTDBG_SHARE_HW [x86, arm64]: the debugger and the guest have the debug\
registers together. Without it the debugger has them all if it has asked for\
hardware breakpoints, and the guest's own breakpoints are not hit as long as\
it has; and of all other debug exceptions user space has to find out whose\
they are. With it\
\
- the guest's breakpoints are lent with the debugger's: the guest's keep their\
  numbers, the debugger's have registers that the guest has not enabled.\
  What the guest reads of its registers is what it has written, and\
  KVM_GET_DEBUGREGS and KVM_GET_ONE_REG say the same.\
- the debugger is told of its own hits, by its own numbers (x86: dr6 and dr7;\
  arm64: hsr, where it has a number), and of nothing of the guest's. The\
  guest's hits are given to the guest, with DR6 or ESR_EL1 and FAR_EL1 as\
  the hardware would have set them.\
- if one instruction hits both the debugger comes first. On x86 the\
  guest's part waits as a pending exception, for the next KVM_RUN, and is in\
  KVM_GET_VCPU_EVENTS; KVM_SET_REGS drops pending exceptions, and has to be\
  followed by KVM_SET_VCPU_EVENTS. On arm64 the instruction has not been executed, and\
  the guest has its hit when it is: in the debugger's step over it.\
- the debugger has a step if it has set KVM_GUESTDBG_SINGLESTEP. The guest\
  has its own as well, after the debugger's if both step, and sees of no\
  other (SPSR_EL1.SS, RFLAGS.TF). On arm64 each of its instructions exits to\
  KVM while it has MDSCR_EL1.SS set. On x86 KVM_GET_REGS has the guest's own\
  TF. A step of the debugger's goes into the handler of an interrupt that comes,\
  see KVM_GUESTDBG_BLOCKIRQ. Where DEBUGCTL.BTF of the guest makes TF mean\
  branches it does so for both on AMD processors. On an Intel processor\
  without the monitor trap flag TF is the debugger's, and the guest has none\
  meanwhile.\
- a software breakpoint is the debugger's if it has set\
  KVM_GUESTDBG_USE_SW_BP, and has to be given to the guest by user space if\
  it is none that the debugger has set. Otherwise it is the guest's.\
- what a guest on arm64 has masked (PSTATE.D, MDSCR_EL1.KDE, the OS lock) is\
  not hit in it, though all debug exceptions go to KVM.\
- x86: RF keeps both from an instruction breakpoint.\
\
If both do not fit the guest's with the highest numbers rest, and on arm64\
what is linked to one of them. KVM_RUN_DEBUG_RESTED is set in kvm_run.flags\
from then on, at each return from KVM_RUN, until the next\
KVM_SET_GUEST_DEBUG or until user space clears it; and in that call itself, if they do not fit then. With\
KVM_GUESTDBG_EXIT_REST a write of the guest's after which one more rests\
leaves KVM_RUN with KVM_EXIT_DEBUG, or with what else is due, and\
KVM_RUN_DEBUG_RESTS in kvm_run.flags; the write has been done. On x86 one\
register holds for both what both have set alike, and nothing rests for it.\
\
The call fails with EINVAL, and nothing changes, if\
\
- KVM_GUESTDBG_EXIT_REST is set without KVM_GUESTDBG_SHARE_HW,\
- an address is not canonical (x86: for this processor; arm64: it is longer\
  than 52 bits and copies of the highest),\
- x86: DR7 has GD, which is the guest's alone, or bits above 31; a register\
  is enabled for I/O, for what that means depends on the guest's CR4.DE, or\
  for an instruction with a length other than 0,\
- arm64: an enabled register does not exist, is linked or for a context, is\
  for another level than EL0 and EL1, or for no byte, or for other bytes than\
  an instruction or half of one has; the guest's EL1 is 32-bit, or has\
  nested virtualization, or the VM is protected, or KVM_ARM_VCPU_INIT has not\
  been called yet.\
\
With the module parameter kvm.share_debug_regs KVM sets KVM_GUESTDBG_SHARE_HW\
in each call itself, for a debugger that does not know it, and leaves it out\
where the call would fail with EINVAL for it. On arm64 it leaves out those\
registers instead that would make it fail. KVM_GET_GUEST_DEBUG tells.\
\
Nothing of the debugger's is moved to another machine: it has to call\
KVM_SET_GUEST_DEBUG there. What the guest has set is moved as ever.\
\
KVM_GET_GUEST_DEBUG, _IOR and otherwise alike, reads what has been set, on\
every architecture that has KVM_SET_GUEST_DEBUG and where\
KVM_CAP_GET_GUEST_DEBUG returns 1. Those bits of control that are actions\
read as 0. The registers are those of the debugger [x86, arm64], and 0 where\
it has not asked for any. In pad is a bit for each register of the guest's\
that rests (x86: by its number; arm64: breakpoints in bits 0 to 15,\
watchpoints in 16 to 31). A hit of the guest's that waits is in\
KVM_GET_VCPU_EVENTS.
/^  - KVM_GUESTDBG_SINGLESTEP: +the next run should single-step$/a\
  - KVM_GUESTDBG_SHARE_HW:      share the debug registers with the guest [x86, arm64]\
  - KVM_GUESTDBG_EXIT_REST:     exit when some of the guest's do not fit [x86, arm64]
/^  \/\* arm64, set for KVM_EXIT_DEBUG \*\/$/i\
  /* x86, arm64, with KVM_GUESTDBG_SHARE_HW: see there */\
  #define KVM_RUN_DEBUG_RESTS      (1 << 14)\
  #define KVM_RUN_DEBUG_RESTED     (1 << 15)
