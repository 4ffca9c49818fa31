#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""entry.py: data that nobody may watch, since an exception's entry needs it.

    entry.py derive ARCH [--root NAME] FILE...
                    what the entry reads and writes while breakpoints are on; NAME is
                    walked, too
    entry.py compare ARCH [--root NAME] FILE...
                    the same, and whether the back end refuses it: its tables
                    hwbp_*entry_data[] are read from the files. Status 1 if any is missing

FILE is a relocatable object: the kernel's vmlinux.o, or each one that has entry code.
Nothing has to be linked, since relocations say what is meant.

From the roots of an architecture every instruction is walked that can come next: jumps,
calls, alternatives, static branches. Noted are memory operands with a relocation, and those
by an offset in the per-CPU area. Where a register decides, or where an address is only
computed, the whole symbol counts. Nothing is said of stacks and of what pointers point to.
An instruction that the walk cannot follow, or that capstone does not know, is an error. So
is one that lets breakpoints on where the architecture keeps them off from the entry on
(arm64).

What the layer has of its own on each CPU counts as touched, where its object files are given.
"""
import argparse
import bisect
import collections
import re
import struct
import sys

import capstone
from elftools.elf.elffile import ELFFile

# A place in an object. Without one nothing is known but the name.
Place = collections.namedtuple("Place", "obj section offset name")
# Bytes of data: where is (object, section), or a name. size None: all of the symbol
Touch = collections.namedtuple("Touch", "where offset size label")
# What follows an instruction: the next one; an address; which returns; by a register
Flow = collections.namedtuple("Flow", "next target call indirect")


class Object:
    """An ELF file; sections, symbols and relocations are read when they are needed."""

    def __init__(self, path):
        self.elf = ELFFile(open(path, "rb"))
        self.path, self.machine = path, self.elf["e_machine"]
        self.symbols = list(self.elf.get_section_by_name(".symtab").iter_symbols())
        self.sections = list(self.elf.iter_sections())
        self.rela = {s["sh_info"]: s for s in self.sections if s["sh_type"] == "SHT_RELA"}
        self.contents, self.relocations = {}, {}
        self.named = collections.defaultdict(list)
        for symbol in self.defined():
            if symbol.name and not symbol.name.startswith(("$", ".L")):
                self.named[symbol["st_shndx"]].append(
                    (symbol["st_value"], symbol["st_size"], symbol.name))
        for names in self.named.values():
            names.sort()

    def defined(self):
        return [s for s in self.symbols if isinstance(s["st_shndx"], int) and
                s["st_info"]["type"] in ("STT_FUNC", "STT_OBJECT", "STT_NOTYPE")]

    def bytes(self, section):
        if section not in self.contents:
            self.contents[section] = self.sections[section].data()
        return self.contents[section]

    def relocs(self, section):
        """(symbol, addend) by offset."""
        if section not in self.relocations:
            rela = self.rela.get(section)
            self.relocations[section] = {
                r["r_offset"]: (self.symbols[r["r_info_sym"]], r["r_addend"])
                for r in (rela.iter_relocations() if rela else ())}
        return self.relocations[section]

    def is_code(self, section):
        return bool(self.sections[section]["sh_flags"] & 4)	# SHF_EXECINSTR

    def symbol_at(self, section, offset):
        """(name, where it begins, size) of the symbol that an offset is in."""
        names = self.named[section]
        i = bisect.bisect_right(names, (offset, float("inf"), ""))
        for value, size, name in reversed(names[max(0, i - 4):i]):
            if value + size > offset:
                return name, value, size
        value, size, name = names[i - 1] if i else (0, 0, self.sections[section].name)
        return name, value, size


class Program:
    """Objects, as if linked."""

    # the linker script gives these a second name: 6.12; 7.x
    aliases = {"const_pcpu_hot": "pcpu_hot",
               "const_cpu_current_top_of_stack": "cpu_current_top_of_stack",
               "const_current_task": "current_task", "__ref_stack_chk_guard": "__stack_chk_guard"}

    def __init__(self, paths):
        self.objects = [Object(p) for p in paths]
        self.globals, self.alternatives = {}, collections.defaultdict(list)
        self.branches = collections.defaultdict(list)
        for obj in self.objects:
            for s in obj.defined():
                if s["st_info"]["bind"] == "STB_GLOBAL" or (
                        s["st_info"]["bind"] == "STB_WEAK" and s.name not in self.globals):
                    self.globals[s.name] = Place(obj, s["st_shndx"], s["st_value"], s.name)
        for obj in self.objects:
            self.read_alternatives(obj)
            self.read_branches(obj)

    def place(self, obj, symbol, addend):
        if isinstance(symbol["st_shndx"], int):
            return Place(obj, symbol["st_shndx"], symbol["st_value"] + addend, None)
        name = self.aliases.get(symbol.name, symbol.name)
        known = self.globals.get(name, Place(None, None, 0, name))
        return known._replace(offset=known.offset + addend)

    def touch(self, place, size):
        """@size bytes of data there, or all of the symbol."""
        if place.obj is None:
            offset = place.offset if size else 0
            return Touch(place.name, offset, size, f"{place.name}+{offset}")
        name, value, whole = place.obj.symbol_at(place.section, place.offset)
        where = (place.obj, place.section)
        return Touch(where, place.offset if size else value, size or whole or 1,
                     f"{name}+{place.offset - value if size else 0}")

    def pointer(self, obj, section, at):
        found = obj.relocs(section).get(at)
        return self.place(obj, *found) if found else None

    @staticmethod
    def entries(obj, name, size):
        """A table of the kernel's, in one section of that name or more."""
        for index, section in enumerate(obj.sections):
            if section.name == name:
                data = obj.bytes(index)
                for at in range(0, len(data) - size + 1, size):
                    yield index, at, data[at:at + size]

    def read_alternatives(self, obj):
        """struct alt_instr: where, by what, flags, both lengths."""
        layout = "<8xHHBB" if obj.machine == "EM_X86_64" else "<8xHBB"
        for section, at, entry in self.entries(obj, ".altinstructions", struct.calcsize(layout)):
            *flags, old, new = struct.unpack(layout, entry)
            site, code = self.pointer(obj, section, at), self.pointer(obj, section, at + 4)
            if site:
                self.alternatives[site[:3]].append((code, old, new, flags[-1]))

    def read_branches(self, obj):
        for section, at, _ in self.entries(obj, "__jump_table", 16):
            site = self.pointer(obj, section, at)
            if site:
                self.branches[site[:3]].append(self.pointer(obj, section, at + 4))

    def refused(self):
        """The entries of struct hwbp_entry_data: per-CPU data or other, size."""
        for obj in self.objects:
            for table in obj.defined():
                if re.fullmatch(r"hwbp_\w*entry_data", table.name) and table["st_size"]:
                    yield from self.read_table(obj, table["st_shndx"], table["st_value"],
                                               table["st_size"])

    def read_table(self, obj, section, first, length):
        for at in range(first, first + length, 24):
            size = struct.unpack_from("<Q", obj.bytes(section), at + 16)[0]
            data = self.pointer(obj, section, at) or self.pointer(obj, section, at + 8)
            if data:
                yield self.touch(data, size)


# ---- what an instruction does ----

class X86:
    """Per-CPU data is found by GS, and hw_breakpoint_silence() switches breakpoints off."""

    mode = (capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    roots = re.compile(
        r"asm_\w+|entry_\w+|xen_(asm|entry|error|iret|sys)\w+|paranoid_\w+|"
        r"error_(entry|return)|sync_regs|fixup_bad_iret|swapgs_restore_regs_and_return_to_usermode|native_irq_return_\w+|"
        # what calls and returns are patched to at boot
        r"\w*return_thunk\w*|\w*untrain_ret\w*|skl_call_thunk_template|clear_bhb_loop")
    # without these the walk has been somewhere else
    needed = ("asm_exc_debug", "asm_exc_nmi", "paranoid_entry", "error_entry", "sync_regs",
              "entry_SYSCALL_64")
    # C functions for other exceptions and for system calls. They run on the task's stack, and
    # to be hit in one of them is no more than anywhere in the kernel. With FRED so is a machine
    # check: a #DB in it overwrites nothing.
    others = re.compile(
        r"(?!(fred_|xenpv_)?exc_(debug|nmi)$|(xenpv_)?exc_machine_check$|fred_entry_from_|fred_hwexc)"
        r"((noist_|user_|kernel_|xenpv_|fred_)?(exc|sysvec)_\w+|do_\w+|\w+_interrupt|fred_\w+|"
        r"exc_debug_user|irqentry_(enter_from|exit_to)_user_mode|int80_emulation|handle_bug|"
        r"ret_from_fork|vc_switch_off_ist|xen_?pv_\w+|"
        # in an encrypted guest, which has breakpoints with DebugSwap alone, and NMIs may nest
        r"__sev_es_\w+|"
        # before alternatives have been patched, or in a kernel that they did not fit
        r"BUG_func|warn_thunk_thunk|__stack_chk_fail)")
    exempt = {
        "cc_flags": "cc_platform_has() reads it for an attribute nobody asks for here",
        "dr6_work": "raised by a debugger in an NMI, with DR7 off",
        "hwbp_disabled": "before kexec and suspend, of task context",
        "steps_of": "a debugger's step, in kgdb and the page fault it takes",
        "steps_without_if": "a debugger's step, in kgdb and the page fault it takes",
    }
    starts_quiet = False
    writes_dr7 = re.compile(r"(pv_)?native_set_debugreg")

    @staticmethod
    def flow(insn):
        name, op = insn.mnemonic, insn.operands[0] if insn.operands else None
        target = op.imm if op and op.type == capstone.x86.X86_OP_IMM and (
            name == "call" or insn.group(capstone.CS_GRP_JUMP)) else None
        if re.match(r"ret|iret|sysret|sysexit|ud2|hlt|int3", name):
            return Flow(False, None, False, False)
        if name in ("call", "jmp"):
            return Flow(name == "call", target, name == "call", target is None)
        return Flow(True, target, False, False)

    @staticmethod
    def operand(insn, at):
        """(size or None, what to add) of the operand with a relocation @at bytes from it"""
        for op in insn.operands:
            if op.type == capstone.x86.X86_OP_MEM and at == insn.disp_offset:
                rip = op.mem.base == capstone.x86.X86_REG_RIP
                exact = insn.mnemonic != "lea" and (rip or not (op.mem.base or op.mem.index))
                return op.size if exact else None, insn.size - at if rip else 0
        return None, 0

    @staticmethod
    def per_cpu(insn):
        """(offset, size) in the per-CPU area, where there is no relocation"""
        for op in insn.operands:
            if op.type == capstone.x86.X86_OP_MEM and not op.mem.base and \
                    op.mem.segment == capstone.x86.X86_REG_GS:
                return op.mem.disp, op.size
        return None

    @staticmethod
    def to(insn, at):
        """What the addend of a jump's relocation is relative to."""
        return insn.size - at

    @staticmethod
    def begins(insn, data):
        return insn.mnemonic == "inc" and data.startswith("hwbp_silence+")

    @staticmethod
    def ends(insn, data):
        return insn.mnemonic == "xadd" and data.startswith("hwbp_silence+")

    @staticmethod
    def switches_off(insn):
        return insn.mnemonic == "mov" and insn.op_str.startswith("dr7,")


class Arm64:
    """Every exception masks debug exceptions (PSTATE.D), until something writes DAIF."""

    mode = (capstone.CS_ARCH_ARM64, capstone.CS_MODE_ARM)
    roots = re.compile(r"el1h_64_sync|ret_to_kernel|el1_(watchpt|breakpt|softstp|brk64|dbg)|"
                       r"el1_resume_step")
    needed = ("el1h_64_sync", "ret_to_kernel")
    # whatever an exception is reported to; what is not in the entry text unmasks nothing
    others = re.compile(r"(?!el1_|arm64_|debug_exception_|enter_|exit_|local_)\w+")
    exempt = {}
    starts_quiet = True
    writes_dr7 = re.compile(r"(?!)")

    @staticmethod
    def flow(insn):
        name = insn.mnemonic
        branch = re.fullmatch(r"b|bl|cbn?z|tbn?z|b\..*", name)
        target = insn.operands[-1].imm if branch else None
        if name in ("ret", "retaa", "retab", "eret", "brk"):
            return Flow(False, None, False, False)
        if name in ("b", "br", "bl", "blr"):
            return Flow(name[1:2] == "l", target, name[1:2] == "l", target is None)
        return Flow(True, target, False, False)

    @staticmethod
    def operand(insn, _at):
        """Of adrp and add no more is known than what they compute with."""
        if not re.match(r"ld|st|cas|swp", insn.mnemonic):
            return None, 0
        single = 4 if insn.op_str.startswith("w") else 8
        return single * (2 if insn.mnemonic.endswith("p") else 1), 0

    @staticmethod
    def per_cpu(_insn):
        return None

    @staticmethod
    def to(_insn, _at):
        return 0

    @staticmethod
    def begins(insn, _data):
        return insn.mnemonic == "msr" and insn.op_str.startswith("daifset, #0xf")

    @staticmethod
    def ends(insn, _data):
        return insn.mnemonic == "msr" and bool(
            re.match(r"daif,|daifclr, #(8|9|0x[89a-f])", insn.op_str))

    @staticmethod
    def switches_off(insn):
        return Arm64.begins(insn, "")


ARCHS = {"x86_64": X86, "arm64": Arm64}
DIRECT_CALL = 2		# ALT_FLAG_DIRECT_CALL: once patched, the pointer is not read
# Code that is like that of the entry. What is left out: .altinstr_aux, before the patching
WALKED = re.compile(r"\.entry\.text|\.noinstr\.text|\.altinstr_replacement|"
                    r"\.static_call\.text|\.text\.\.__x86[\w.]*")


# ---- the walk ----

class Walker:
    """Walks a program from its roots; quiet is where breakpoints are off."""

    def __init__(self, program, arch):
        self.program, self.arch = program, arch
        self.md = capstone.Cs(*arch.mode)
        self.md.detail = self.md.skipdata = True
        self.insns = {}		# by place
        self.back = {}		# last instruction of a replacement -> where it goes on
        self.sites = {}		# section and offset of a replacement -> function
        self.touches = {}	# Touch -> function
        self.lost = set()	# what could not be followed
        self.seen, self.todo = set(), []

    def insn(self, place):
        if place[:3] not in self.insns:
            code = place.obj.bytes(place.section)[place.offset:place.offset + 16]
            self.insns[place[:3]] = next(self.md.disasm(code, place.offset), None)
        return self.insns[place[:3]]

    def after(self, place, size):
        return place._replace(offset=place.offset + size, name=None)

    def name(self, place):
        """The function's, as it is in the source."""
        if place.obj is None:
            return place.name
        name, _, _ = place.obj.symbol_at(place.section, place.offset)
        return self.sites.get(place[:3], re.sub(r"\.(constprop|isra|part|cold)\b.*", "", name))

    def relocs(self, place):
        table = place.obj.relocs(place.section)
        return [(at - place.offset, *table[at])
                for at in range(place.offset, place.offset + self.insn(place).size)
                if at in table]

    def touched(self, place):
        """What data the instruction names."""
        insn = self.insn(place)
        if not insn.id or self.arch.flow(insn).target is not None:
            return []
        found = []
        for at, symbol, addend in self.relocs(place):
            size, more = self.arch.operand(insn, at)
            target = self.program.place(place.obj, symbol, addend + more)
            if target.obj is None or not target.obj.is_code(target.section):
                found.append(self.program.touch(target, size))
        bare = not found and self.arch.per_cpu(insn)
        if bare:
            first = self.program.globals.get("fixed_percpu_data",
                                             Place(None, None, 0, "fixed_percpu_data"))
            found.append(self.program.touch(self.after(first, bare[0])._replace(
                name=first.name), bare[1]))
        return found

    def target(self, place, flow):
        """Where a jump or a call goes; a pointer in memory is taken as it is at boot."""
        for at, symbol, addend in self.relocs(place):
            to = self.program.place(place.obj, symbol, addend + self.arch.to(self.insn(place), at))
            if flow.target is not None:
                return to
            return to.obj and self.program.pointer(to.obj, to.section, to.offset)
        return None if flow.target is None else place._replace(offset=flow.target, name=None)

    def replacements(self, place):
        """What an alternative puts in the place; its last instruction leads back."""
        for code, old, new, _ in self.program.alternatives.get(place[:3], ()):
            back = self.after(place, old)
            at, end = code, code.offset + new if new else 0
            while new and at.offset < end:
                self.sites[at[:3]] = self.name(place)
                if at.offset + self.insn(at).size >= end:
                    self.back[at[:3]] = back
                at = self.after(at, self.insn(at).size)
            yield code if new else back

    def steps(self, place):
        """(places that follow in the function, places that are called)"""
        insn = self.insn(place)
        flow = self.arch.flow(insn) if insn.id else Flow(True, None, False, False)
        if not insn.id:
            self.lost.add(f"{self.name(place)}: the bytes {insn.bytes.hex()}")
        follow = [*self.program.branches.get(place[:3], ()), *self.replacements(place)]
        target = self.target(place, flow) if flow.target is not None or flow.indirect else None
        if flow.indirect and not target:
            self.lost.add(f"{self.name(place)}: {insn.mnemonic} {insn.op_str}")
        if flow.next:
            follow.append(self.back.get(place[:3]) or self.after(place, insn.size))
        if target and not flow.call:
            follow.append(target)
        return follow, [target] if target and flow.call else []

    # -- sections in which breakpoints are off

    def reach(self, first, is_last):
        """All places that follow in the function; nothing follows where is_last() is true."""
        seen, todo = {}, [first]
        while todo:
            place = todo.pop()
            if place[:3] in seen or not self.is_walked(place):
                continue
            seen[place[:3]] = place
            if not is_last(place):
                todo += self.steps(place)[0]
        return seen

    def is_off(self, place):
        return self.arch.switches_off(self.insn(place)) or any(
            self.arch.writes_dr7.fullmatch(self.name(c)) for c in self.steps(place)[1])

    def section(self, begin):
        """Where breakpoints are off after hw_breakpoint_silence() began at @begin: whatever comes
        after its write of DR7, which it leaves out only if they are off already."""
        rest = {}
        for place in self.reach(begin, self.is_off).values():
            for follow in self.steps(place)[0] if self.is_off(place) else ():
                rest.update(self.reach(follow, lambda p: p[:3] == begin[:3]))
        return frozenset(rest.keys() - {begin[:3]})

    # -- from the roots

    def is_walked(self, place):
        return place.obj is not None and bool(
            WALKED.fullmatch(place.obj.sections[place.section].name))

    def may_enter(self, place, origin):
        if self.arch.others.fullmatch(self.name(place)):
            return False
        if not self.is_walked(place):
            if place.obj is None or place.obj.sections[place.section].name != ".altinstr_aux":
                self.lost.add(f"{self.name(origin)}: {self.name(place)}()")
            return False
        return True

    def note(self, place, touched):
        flags = [f for *_, f in self.program.alternatives.get(place[:3], ())]
        if not any(f & DIRECT_CALL for f in flags):
            for touch in touched:
                self.touches.setdefault(touch, self.name(place))

    def step(self, place, quiet):
        """@quiet: False, True, or where it becomes true"""
        insn, touched = self.insn(place), self.touched(place)
        data = touched[0].label if touched else ""
        if quiet is True and self.arch.ends(insn, data):
            quiet = False
            if self.arch.starts_quiet:
                self.lost.add(f"{self.name(place)}: {insn.mnemonic} {insn.op_str}")
        if quiet is not True:
            self.note(place, touched)
            if self.arch.begins(insn, data):
                quiet = self.section(place)
        follow, calls = self.steps(place)
        for callee in calls if quiet is not True or self.arch.starts_quiet else ():
            if self.may_enter(callee, place):
                self.todo.append((callee, quiet is True))
        for other in follow:
            if self.may_enter(other, place):
                off = quiet is True or quiet and other[:3] in quiet
                self.todo.append((other, True if off else quiet))

    def start(self, more):
        names = set()
        for obj in self.program.objects:
            for symbol in obj.defined():
                place = Place(obj, symbol["st_shndx"], symbol["st_value"], symbol.name)
                if self.is_walked(place) and (
                        symbol.name == more or self.arch.roots.fullmatch(symbol.name)):
                    names.add(symbol.name)
                    self.todo.append((place, self.arch.starts_quiet))
        absent = [n for n in (*self.arch.needed, *([more] if more else []))
                  if n not in names]
        if absent:
            sys.exit(f"entry.py: no code of {', '.join(absent)} in these files")

    def own(self):
        """What the layer's object files have in the per-CPU area."""
        for obj in self.program.objects:
            if "hw_breakpoint" not in obj.path:
                continue
            for s in obj.defined():
                section = obj.sections[s["st_shndx"]].name
                if s["st_info"]["type"] == "STT_OBJECT" and section.startswith(".data..percpu"):
                    place = Place(obj, s["st_shndx"], s["st_value"], s.name)
                    self.touches[self.program.touch(place, s["st_size"])] = "of the layer"

    def walk(self, more):
        self.start(more)
        self.own()
        while self.todo:
            place, quiet = self.todo.pop()
            if (place[:3], quiet is True) not in self.seen and self.insn(place):
                self.seen.add((place[:3], quiet is True))
                self.step(place, quiet)
        return self


# ---- the commands ----

def is_refused(touch, table):
    """Is every byte in one entry? An unknown size is that of the whole entry."""
    return any(touch.where == e.where and e.offset <= touch.offset and
               touch.offset + (touch.size or 1) <= e.offset + e.size for e in table)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["derive", "compare"])
    parser.add_argument("arch", choices=ARCHS)
    parser.add_argument("--root")
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()

    program = Program(args.files)
    arch = ARCHS[args.arch]
    walker = Walker(program, arch).walk(args.root)
    table = list(program.refused()) if args.command == "compare" else []
    missing = 0
    for touch, function in sorted(walker.touches.items(), key=lambda t: t[0].label):
        known = args.command == "derive" or is_refused(touch, table)
        known = known or touch.label.split("+")[0] in arch.exempt
        missing += not known
        print(f"{touch.label} {touch.size or '?'} {function}{'' if known else ' MISSING'}")
    for what in sorted(walker.lost):
        print(f"not followed: {what}")
    print(f"{len(walker.seen)} instructions, {len(walker.touches)} places, {missing} missing")
    sys.exit(bool(missing or walker.lost))


if __name__ == "__main__":
    main()
