#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""bench_entries.py [--all] KERNEL-FOLDER ARCH: where a kernel's breakpoint layer is entered.

Prints the address and the name of each function of the layer's object files, for
the plugin; with --all, of all functions of the kernel. The layer's files are
kernel/events/hw_breakpoint.c on stock, the folder of that name on ours, and
arch/*/kernel/hw_breakpoint*.c on both. A local function whose name occurs elsewhere
too is told from the others by its source file.
"""
import argparse
import pathlib
import sys

from elftools.elf.elffile import ELFFile


def functions(path):
    """Yields source file, name and address of all functions of an ELF file."""
    with open(path, "rb") as file:
        elf = ELFFile(file)
        source = None
        for symbol in elf.get_section_by_name(".symtab").iter_symbols():
            kind = symbol["st_info"]["type"]
            if kind == "STT_FILE":
                source = symbol.name
            elif kind == "STT_FUNC" and symbol["st_shndx"] != "SHN_UNDEF":
                local = symbol["st_info"]["bind"] == "STB_LOCAL"
                yield source if local else None, symbol.name, symbol["st_value"]


def layer_objects(folder, arch):
    core = folder / "kernel/events"
    found = [*core.glob("hw_breakpoint.o"), *core.glob("hw_breakpoint/*.o"),
             *(folder / "arch" / arch / "kernel").glob("hw_breakpoint*.o")]
    if len(found) < 2:
        sys.exit(f"bench: no object files of the layer in {folder}")
    return found


def show(found):
    for address, name in sorted(found):
        print(f"{address:x} {name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("arch", choices=["x86", "arm64"])
    args = parser.parse_args()
    if args.all:
        show((address, name) for _, name, address in functions(args.folder / "vmlinux"))
        return
    wanted = {(source, name) for path in layer_objects(args.folder, args.arch)
              for source, name, _ in functions(path)}
    found = [(source, name, address) for source, name, address
             in functions(args.folder / "vmlinux") if (source, name) in wanted]
    missing = wanted - {(source, name) for source, name, _ in found}
    if missing:
        print("bench: not in vmlinux:", *sorted(name for _, name in missing), file=sys.stderr)
    if not found:
        sys.exit(f"bench: {args.folder}/vmlinux has no function of the layer")
    show((address, name) for _, name, address in found)


if __name__ == "__main__":
    main()
