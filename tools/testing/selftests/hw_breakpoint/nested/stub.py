# SPDX-License-Identifier: GPL-2.0
"""gdb at QEMU's gdbstub: breakpoints in the kernel of a guest; run by gdb.

The environment has STUB, QEMU's socket, and the addresses of SETHOSTNAME, of the second byte of
the NODENAME that it writes and, for a software breakpoint, of SETDOMAINNAME. Prints a line for
each of the breakpoints. The last name's second byte is an e.
"""
import os

import gdb

stops = []


class Masked:
    """The guest takes no interrupt.

    QEMU keeps them from a step on x86. On arm64 it cannot: gdb's step over a breakpoint ends in
    the interrupt handler, if one is due, and where everything is emulated one always is.
    """

    def __enter__(self):
        if ARM64:
            gdb.execute('set $cpsr = $cpsr | 0x80')

    def __exit__(self, *_):
        if ARM64:
            gdb.execute('set $cpsr = $cpsr & ~0x80')


def note(event):
    if isinstance(event, gdb.BreakpointEvent):
        stops.append(event.breakpoints[0].number)


def proceed():
    """Return: the number of the breakpoint that is hit."""
    gdb.execute('continue', to_string=True)
    return stops[-1]


def steps(count):
    """Return: how many of them went on by an instruction"""
    gone = 0
    for _ in range(count):
        before = int(gdb.parse_and_eval('(unsigned long)$pc'))
        gdb.execute('stepi', to_string=True)
        gone += int(gdb.parse_and_eval('(unsigned long)$pc')) == before + length(before)
    return gone


def length(pc):
    return gdb.selected_frame().architecture().disassemble(pc)[0]['length']


def session():
    code = gdb.Breakpoint('*' + os.environ['SETHOSTNAME'], type=gdb.BP_HARDWARE_BREAKPOINT)
    proceed()
    byte = f"*(char *){os.environ['NODENAME']}"
    data = gdb.Breakpoint(byte, type=gdb.BP_WATCHPOINT)
    if 'SETDOMAINNAME' in os.environ:
        gdb.Breakpoint('*' + os.environ['SETDOMAINNAME'])
    stepped, seen = 0, ''
    while True:
        with Masked():
            if stops[-1] == code.number:
                stepped += steps(3)
                if proceed() == data.number:
                    seen += chr(int(gdb.parse_and_eval(byte)))
            else:
                steps(1)
        if seen.endswith('e'):
            break
        proceed()
    print('hbreak', stops.count(code.number))
    print('break', len(stops) - stops.count(code.number) - stops.count(data.number))
    print('watch', seen)
    print('steps', stepped)


gdb.execute('set pagination off')
gdb.execute('set confirm off')
gdb.execute('target remote ' + os.environ['STUB'])
ARM64 = gdb.selected_frame().architecture().name().startswith('aarch64')
gdb.events.stop.connect(note)
session()
gdb.execute('delete')
gdb.execute('detach')
