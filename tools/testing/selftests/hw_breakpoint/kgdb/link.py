# SPDX-License-Identifier: GPL-2.0
"""What gdb's Python needs to steer a guest over kgdb's serial line; read inside gdb.

The guest runs guest.sh: it stops itself with sysrq-g, and when it goes on it does
what it finds in the sysctl kernel.poweroff_cmd, writes the answer there and stops
again. gdb writes and reads that string in the kernel's memory.

Environment:
    KGDB_PORT   TCP port on 127.0.0.1 that the line ends in
    KGDB_LOG    what the guest sent over the line so far
    KGDB_QMP    QEMU's QMP socket
"""
import os
import re
import socket
import threading

import gdb

MAILBOX_SIZE = 256
PATIENCE = 240          # seconds until the next stop, on a machine that does much else


class Wrong(Exception):
    """Something is not as it should be."""


def tell(command):
    """Has gdb do it; returns what it prints."""
    return gdb.execute(command, to_string=True)


def number(expression):
    """An integer; symbols have no types here, since the kernel has no debug information."""
    return int(gdb.parse_and_eval(f'(unsigned long)({expression})'))


def address(symbol):
    """Of a variable or function."""
    return number(f'&{symbol}')


def word(addr):
    """The int that lies there."""
    data = gdb.selected_inferior().read_memory(addr, 4)
    return int.from_bytes(bytes(data), 'little', signed=True)


def here():
    """(function, offset) of the program counter."""
    m = re.match(r'(\S+)(?: \+ (\d+))? in ', tell('info symbol $pc'))
    return (m[1], int(m[2] or 0)) if m else ('?', 0)


def is_arm64():
    return 'aarch64' in gdb.selected_inferior().architecture().name()


def argument():
    """The first argument, at the entry of a function."""
    return number('$x0' if is_arm64() else '$rdi')


def cpu():
    """The CPU that has stopped the others."""
    m = re.search(r'Currently on cpu (\d+)', tell('monitor cpu'))
    if not m:
        raise Wrong('the kernel does not say which CPU this is')
    return int(m[1])


def numbers_of_hit(event):
    """gdb's numbers of the breakpoints that a stop is about."""
    return sorted(b.number for b in getattr(event, 'breakpoints', []))


class Guest:
    """The kernel at the other end of the line."""

    def __init__(self):
        self.port, self.log = os.environ['KGDB_PORT'], os.environ['KGDB_LOG']
        self.busy = False
        self.event = None
        gdb.events.stop.connect(self.stopped)
        for setting in ('pagination off', 'confirm off', 'remotetimeout 10', 'tcp connect-timeout 10'):
            tell('set ' + setting)

    def stopped(self, event):
        self.event = event

    def give_up(self):
        """Ends the emulator: gdb itself waits for the next stop for ever."""
        with socket.socket(socket.AF_UNIX) as qmp:
            qmp.connect(os.environ['KGDB_QMP'])
            qmp.sendall(b'{"execute": "qmp_capabilities"} {"execute": "quit"}')
            while qmp.recv(4096):
                pass

    def sent(self):
        """All that has come over the line."""
        with open(self.log, 'rb') as f:
            return f.read()

    def connect(self):
        """To a kernel that waits for gdb or soon will: what is sent until then is not lost."""
        tell(f'target remote 127.0.0.1:{self.port}')

    def reconnect(self):
        """As if gdb had died and another one came: the kernel is not told."""
        tell('disconnect')
        self.connect()

    def post(self, words):
        """What the guest is to do when it goes on."""
        text = words.encode() + b'\n\0'
        if len(text) > MAILBOX_SIZE:
            raise Wrong(f'too long for the mailbox: {words}')
        gdb.selected_inferior().write_memory(address('poweroff_cmd'), text)
        self.busy = True

    def answer(self):
        data = bytes(gdb.selected_inferior().read_memory(address('poweroff_cmd'), MAILBOX_SIZE))
        return data.split(b'\0')[0].decode(errors='replace').strip()

    def resume(self):
        """Until the next stop; true if it is a breakpoint of gdb's."""
        self.event = None
        watch = threading.Timer(PATIENCE, self.give_up)
        watch.start()
        try:
            tell('continue')
        finally:
            watch.cancel()
        if self.event is None:
            raise Wrong('the kernel did not stop again')
        if isinstance(self.event, gdb.BreakpointEvent):
            return True
        if here()[0] != 'kgdb_breakpoint':
            raise Wrong(f'stopped at {here()} for no reason that gdb knows')
        self.busy = False
        return False

    def run(self, words, look=None, enough=100):
        """Has the guest do it. Returns its answer, and what look() returned at each hit; after
        enough of them all breakpoints go."""
        self.post(words)
        seen = []
        while self.resume():
            seen.append(look() if look else numbers_of_hit(self.event))
            if len(seen) == enough:
                tell('delete')
        return self.answer(), seen

    def settle(self):
        """No breakpoints, and the guest waits for words again."""
        tell('delete')
        tell('set breakpoint always-inserted off')
        while self.busy and self.resume():
            pass
