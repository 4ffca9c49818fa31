# SPDX-License-Identifier: GPL-2.0
"""The demonstration's gdb at the kernel's serial line, every figure checked; run by gdb.

What is shown goes to file descriptor 3, for gdb reports each stop itself; see kgdb/link.py
for the environment. gdb's status is 0 only if all was right.
"""
import os
import sys

import gdb

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'kgdb'))
sys.dont_write_bytecode = True
# what steers the guest lies elsewhere
from link import Guest, Wrong, address, argument, cpu, here, tell, word  # noqa: E402

CPUS = [0, 1, 2]
CALL = 'find_task_by_vpid'
# a system call for processes 1000000 and up, which do not exist
CALLS = 'touch in-turn calls 5'
WRITES = 'touch in-turn writes 5'


class Show:
    """What the user sees."""

    def __init__(self, out):
        self.out = out
        self.right = self.wrong = 0

    def line(self, text=''):
        print(text, file=self.out, flush=True)

    def gdb(self, command):
        self.line('(gdb) ' + command)
        tell(command)

    def expect(self, what, got, wanted):
        if got == wanted:
            self.right += 1
            self.line(f'right: {what}: {got}')
        else:
            self.wrong += 1
            self.line(f'WRONG: {what}: {got}, expected {wanted}')


def place():
    """(function, CPU, kernel.panic, first argument of a function) at a hit"""
    return here()[0], cpu(), word(address('panic_timeout')), argument()


def show_hits(show, seen):
    for function, number, value, _ in seen[:3]:
        show.line(f'  CPU {number} in {function}, panic_timeout is {value}')
    show.line('  ...')


def show_code(show, guest):
    show.line('In the guest, each CPU calls getpgid() five times, for processes that do not exist:')
    # other programs call it, too, for processes that exist
    seen = [s for s in guest.run(CALLS, place)[1] if s[0] == CALL and s[3] >= 1000000]
    show_hits(show, seen)
    show.expect(f'CPUs that hit the breakpoint at {CALL}', sorted({s[1] for s in seen}), CPUS)
    show.expect('hits of the breakpoint, one for each call', len(seen), 5 * len(CPUS))


def show_data(show, guest):
    show.line('Each CPU writes five values of its own to /proc/sys/kernel/panic:')
    seen = [s for s in guest.run(WRITES, place)[1] if s[0] != CALL]
    show_hits(show, seen)
    values = ' '.join(f'{s[1]}:{s[2]}' for s in seen)
    show.expect('CPUs and the values they wrote', values,
                ' '.join(f'{c}:{-2 - 10000 * c - n}' for n in range(5) for c in CPUS))


def show_table(show, guest):
    show.line('In the guest, perf and gdb have breakpoints in two programs at the same time:')
    show.line('# cat /sys/kernel/debug/hw_breakpoint/slots')
    lines = [guest.run(f'line {n + 1}')[0] for n in range(int(guest.run('table')[0]))]
    show.line('\n'.join(lines))
    owners = {line.split()[5].split('>')[0] for line in lines if line[0] != '#'}
    show.expect('owners of slots', ' '.join(sorted(owners - {'-'})), 'gdb kgdb perf')


def scene(show, guest):
    show.line('\n== gdb at the serial line: breakpoints in the kernel beside those of perf and gdb')
    show.line(f"$ gdb-multiarch vmlinux -ex 'target remote 127.0.0.1:{guest.port}'")
    guest.connect()
    guest.resume()
    guest.run('hold')
    show.gdb(f'hbreak *&{CALL}')
    show.gdb('watch *(int *)&panic_timeout')
    show.line('(gdb) continue')
    show_table(show, guest)
    show_code(show, guest)
    show_data(show, guest)
    show.gdb('delete 1')
    counts = guest.run('finish')[0]
    show.line('The two programs have done fifty rounds each:')
    show.expect('writes of two variables that perf counted, changes that gdb saw in the guest', counts, '50 50 50')
    show.gdb('delete')
    show.expect('owners of slots when all are done', guest.run('owners')[0], '')
    guest.post('end')
    show.gdb('detach')


def main():
    with open(3, 'w', encoding='utf-8') as out:
        show = Show(out)
        try:
            scene(show, Guest())
        except (Wrong, ValueError, gdb.error) as e:
            show.expect('gdb and the guest', str(e), 'no error')
        show.line(f'\n{show.right} figures right, {show.wrong} wrong')
        tell(f'quit {min(show.wrong, 1)}')


main()
