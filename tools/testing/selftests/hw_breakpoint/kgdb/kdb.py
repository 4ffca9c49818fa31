#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""kdb's bph over the serial line of a guest that runs kdb.sh; prints KTAP.

usage: kdb.py PORT ARCH SLOTS      TCP port on 127.0.0.1, and how many breakpoints for code
"""
import re
import socket
import sys

PATIENCE = 240          # seconds until the next prompt
PROMPT = re.compile(rb'kdb> $')
# what "kgdb_touch rounds" calls, in this order
SYSCALLS = ('getpgid getsid sched_get_priority_max sched_get_priority_min sched_getscheduler '
            'sched_getparam sched_rr_get_interval sched_getaffinity').split()


class Line:
    """kdb at the other end."""

    def __init__(self, port):
        self.socket = socket.create_connection(('127.0.0.1', port))
        self.socket.settimeout(PATIENCE)
        self.send('')
        self.until_prompt()
        self.stops = int(re.search(r'0x([0-9a-f]+)', self.command('md1c1 kgdb_breakpoint'))[1], 16)

    def until_prompt(self):
        text = b''
        while not PROMPT.search(text):
            data = self.socket.recv(4096)
            if not data:
                raise EOFError('the guest has gone')
            text += data
        print(text.decode(errors='replace'), file=sys.stderr, flush=True)
        return text.decode(errors='replace')

    def send(self, command):
        self.socket.sendall(command.encode() + b'\n')

    def command(self, command):
        """Its output, up to the next prompt."""
        self.send(command)
        return self.until_prompt()

    def go(self, look=None):
        """Until the guest stops itself: what look() returned at each hit, and all kdb said."""
        seen, stop = [], self.command('go')
        said = stop
        while not self.of_the_guest(stop):
            seen.append(look() if look else stop)
            if len(seen) == 50:
                self.command('bc *')
            stop = self.command('go')
            said += stop
        return seen, said

    def of_the_guest(self, stop):
        """Is it in kgdb_breakpoint()? kdb has several words for that."""
        m = re.search(r'due to [^@]*@ 0x([0-9a-f]+)', stop)
        return not m or 0 <= int(m[1], 16) - self.stops < 64


class Cases:
    """One method for each; the first line of its comment is its name."""

    def __init__(self, line, arch, slots):
        self.line = line
        self.slots = slots
        self.prefix = '__x64_sys_' if arch == 'x86_64' else '__arm64_sys_'

    def word(self):
        """kernel.panic"""
        m = re.search(r'0x[0-9a-f]+ ([0-9a-f]{8})\b', self.line.command('md4c1 panic_timeout'))
        return int(m[1], 16) - (1 << 32) if m else None

    def code(self):
        """bph: each of five calls"""
        self.line.command(f'bph {self.prefix}getsid')
        seen, _ = self.line.go()
        return len(seen), 5

    def data(self):
        """bph dataw: each of ten writes"""
        self.line.command('bc *')
        self.line.command('bph panic_timeout dataw 4')
        # arm64 stops before the access
        seen, said = self.line.go(self.word)
        if 'oops' in said.lower():
            return 'an oops', 'none'
        wanted = [-2 - 10000 * c - n for n in range(5) for c in (0, 1)]
        if self.prefix == '__arm64_sys_':
            wanted = [-1] + wanted[:-1]
        return seen, wanted

    def surplus(self):
        """one more bph than slots: kdb says that it cannot, the others hit; none does after bc"""
        self.line.command('bc *')
        for name in SYSCALLS[:self.slots + 1]:
            self.line.command(f'bph {self.prefix}{name}')
        seen, said = self.line.go()
        self.line.command('bc *')
        after, _ = self.line.go()
        return (len(seen), 'failed to set breakpoint' in said, len(after)), (self.slots, True, 0)

    def without_line(self):
        """bph after kgdboc has gone: holds no slot, does not hit; and hits when kgdboc is back"""
        self.line.command('bc *')
        self.line.command(f'bph {self.prefix}getsid')
        gone, _ = self.line.go()
        claims = self.word()
        back, _ = self.line.go()
        return (len(gone), claims, len(back)), (0, -1, 1)

    ALL = (code, data, surplus, without_line)


def outcome(cases, case):
    """What a case has got and wanted; the stock kernel does not live to its end on arm64."""
    try:
        return case(cases)
    except (EOFError, OSError) as e:
        return e, 'an answer'


def main():
    port, arch, slots = sys.argv[1:]
    line = Line(int(port))
    cases = Cases(line, arch, int(slots))
    print(f'KTAP version 1\n1..{len(Cases.ALL)}', flush=True)
    for n, case in enumerate(Cases.ALL, 1):
        got, wanted = outcome(cases, case)
        if got != wanted:
            print(f'# {got}, expected {wanted}')
        print(f'{"ok" if got == wanted else "not ok"} {n} {case.__doc__}', flush=True)
    line.send('bc *')
    line.until_prompt()
    line.send('go')


main()
