# SPDX-License-Identifier: GPL-2.0
"""One case of what gdb does with breakpoints in hardware; run inside gdb by gdb.sh.

The environment's CASE names it, SERVER=1 has gdbserver between gdb and the program. gdb's
status is 0 only if the case was right. CASE=list prints their names, but for those that take
long, in a gdb without a program.
"""
import os
import subprocess

import gdb

CASES = {}
SEEN = []
LONG = ('attach-to-100-threads',)
GO = '/tmp/go'
# data breakpoints of the emulated CPUs, x86_64 and arm64
SLOTS = 4
HARDWARE = {'watch': gdb.BP_HARDWARE_WATCHPOINT, 'rwatch': gdb.BP_READ_WATCHPOINT,
            'awatch': gdb.BP_ACCESS_WATCHPOINT}


def case(function):
    """A case, by its name."""
    CASES[function.__name__.replace('_', '-')] = function
    return function


def tell(command):
    """What gdb answers."""
    answer = gdb.execute(command, to_string=True)
    print(f'(gdb) {command}\n{answer}', end='')
    return answer


def value(expression):
    """A number of the program's."""
    return int(gdb.parse_and_eval(expression))


def same(what, got, wanted):
    """Ends the case unless they are the same."""
    if got != wanted:
        raise gdb.GdbError(f'{what}: {got}, expected {wanted}')


def watch(expression, how='watch'):
    """A watchpoint, which has to be one in hardware."""
    tell(f'{how} {expression}')
    made = gdb.breakpoints()[-1]
    same('type', made.type, HARDWARE[how.split()[0]])
    return made


def start(arguments):
    """Has the program begin, or wait for gdb, before it has written anything."""
    if os.environ.get('SERVER'):
        tell(f'target remote | gdbserver - ./watched {arguments}')
        tell('tbreak main')
        tell('continue')
    else:
        tell(f'set args {arguments}')
        tell('start')
    SEEN.clear()


def alive():
    """The program is left."""
    return gdb.selected_inferior().pid != 0


def on_stop(event):
    """Notes the breakpoints, or the signal that no breakpoint explains."""
    if isinstance(event, gdb.BreakpointEvent):
        SEEN.append((sorted(b.number for b in event.breakpoints), value('alpha.value')))
    elif isinstance(event, gdb.SignalEvent):
        SEEN.append((event.stop_signal, value('alpha.value')))


def to_the_end(limit=500):
    """All stops until the program ends: [(breakpoints, alpha)]."""
    for _ in range(limit):
        left = [i.num for i in gdb.inferiors() if i.pid]
        if not left:
            return SEEN
        # one of two programs may have ended
        if gdb.selected_inferior().num not in left:
            tell(f'inferior {left[0]}')
        tell('continue')
    raise gdb.GdbError(f'more than {limit} stops: {SEEN[-5:]}')


@case
def hbreak():
    start('rounds 3')
    tell('hbreak one_round')
    number = gdb.breakpoints()[-1].number
    same('type', gdb.breakpoints()[-1].type, gdb.BP_HARDWARE_BREAKPOINT)
    same('stops', to_the_end(), [([number], n) for n in range(3)])


@case
def thbreak():
    start('rounds 3')
    tell('thbreak store_wide')
    number = gdb.breakpoints()[-1].number
    same('stops', to_the_end(), [([number], 1)])
    same('breakpoints left', len(gdb.breakpoints()), 0)


@case
def four_hbreaks():
    start('rounds 3')
    for place in ('one_round', 'load', 'store_wide', 'store'):
        tell(f'hbreak {place}')
    seen = [s[0][0] for s in to_the_end()]
    first = min(seen)
    wanted = [first, first + 3, first + 1] + [first + 3] * 4 + [first + 2]
    same('stops', seen, wanted * 3)


@case
def watch_a_word():
    start('rounds 3')
    number = watch('alpha.value').number
    same('stops', to_the_end(), [([number], n + 1) for n in range(3)])


@case
def rwatch():
    start('rounds 3')
    number = watch('alpha.value', 'rwatch').number
    same('stops', to_the_end()[:3], [([number], n + 1) for n in range(3)])


@case
def awatch():
    start('rounds 3')
    number = watch('alpha.value', 'awatch').number
    wanted = [([number], n + 1) for n in range(3) for _ in ('write', 'read')]
    # it is read once more in the end
    same('stops', to_the_end(), wanted + [([number], 3)])


def wide(size):
    """Stops of a watchpoint of so many bytes, each at another word."""
    start('rounds 2')
    number = watch(f'-l *(char (*)[{size}]) &wide').number
    words = []
    while alive():
        tell('continue')
        if alive():
            words.append(tuple(value(f'wide.words[{n}]') for n in range(4)))
    same('breakpoints', {tuple(s[0]) for s in SEEN}, {(number,)})
    count = size // 8
    wanted = []
    for n in (1, 2):
        wanted += [tuple(n if i <= word else n - 1 for i in range(4)) for word in range(count)]
    same('words', words, wanted)


@case
def watch_16_bytes():
    wide(16)


@case
def watch_32_bytes():
    wide(32)


@case
def all_slots():
    start('rounds 2')
    first = [watch(f'{name}.value').number for name in ('alpha', 'beta', 'gamma_', 'delta')][0]
    same('stops', [s[0] for s in to_the_end()], [[first + n] for n in range(SLOTS)] * 2)


@case
def one_too_many():
    """gdb is told, and the program goes on as if it had not been asked."""
    start('rounds 2')
    first = [watch(f'{name}.value').number
             for name in ('alpha', 'beta', 'gamma_', 'delta', 'epsilon')][0]
    try:
        gdb.execute('continue')
        raise AssertionError('gdb was not told')
    except gdb.error as error:
        # the reason is either in here, or printed before; gdb.sh looks for it
        print(error)
    answer = tell(f'delete {first + 4}')
    same('stops', [s[0] for s in to_the_end()], [[first + n] for n in range(SLOTS)] * 2)
    if 'nexpected' in answer:
        raise gdb.GdbError(answer)


def fork_mode(mode, wanted):
    start('fork 2')
    tell(f'set follow-fork-mode {mode}')
    number = watch('alpha.value').number
    same('stops', to_the_end(), [([number], n) for n in wanted])


@case
def fork_follow_parent():
    fork_mode('parent', [101, 102])


@case
def fork_follow_child():
    fork_mode('child', [1, 2])


@case
def fork_keep_both():
    """The child is a second program of gdb's; the watchpoint is the parent's."""
    start('fork 2')
    tell('set detach-on-fork off')
    tell('set schedule-multiple on')
    number = watch('alpha.value').number
    seen = to_the_end()
    same('stops', [s for s in seen if s[1] > 100], [([number], n) for n in (101, 102)])


class Counted(gdb.Breakpoint):
    """A watchpoint that counts for itself and never stops."""
    threads = None

    def stop(self):
        self.threads = self.threads or []
        self.threads.append(gdb.selected_thread().num)
        return False


@case
def non_stop_with_8_threads():
    tell('set non-stop on')
    start('threads 8 3')
    watched = Counted('alpha.value', gdb.BP_WATCHPOINT)
    same('type', watched.type, gdb.BP_HARDWARE_WATCHPOINT)
    tell('continue')
    counts = sorted(watched.threads.count(t) for t in set(watched.threads))
    same('hits by thread', counts, [3] * 8)


def attached(threads):
    """A program with so many threads, which wait."""
    if os.path.exists(GO):
        os.unlink(GO)
    program = subprocess.Popen(['./watched', 'threads', str(threads), '1', GO],
                               stdout=subprocess.DEVNULL)
    while len(os.listdir(f'/proc/{program.pid}/task')) <= threads:
        pass
    return program


def attach(threads):
    """Each stops once, and all the others with it."""
    program = attached(threads)
    tell(f'attach {program.pid}')
    same('threads', len(gdb.selected_inferior().threads()), threads + 1)
    number = watch('alpha.value').number
    SEEN.clear()
    with open(GO, 'w', encoding='ascii'):
        pass
    same('stops', to_the_end(), [([number], n + 1) for n in range(threads)])


@case
def attach_to_20_threads():
    attach(20)


@case
def attach_to_100_threads():
    attach(100)


@case
def detach_from_8_threads():
    """Nothing is left in them: the program is not killed by a trap, and gdb says nothing."""
    program = attached(8)
    tell(f'attach {program.pid}')
    for name in ('alpha', 'beta', 'gamma_', 'delta'):
        watch(f'{name}.value')
    with open(GO, 'w', encoding='ascii'):
        pass
    tell('continue')
    same('alpha', value('alpha.value'), 1)
    answer = tell('delete') + tell('stepi') + tell('detach')
    if 'rror' in answer:
        raise gdb.GdbError(answer)
    same('status of the program', program.wait(), 0)


def main():
    name = os.environ['CASE']
    if name == 'list':
        print(' '.join(n for n in CASES if n not in LONG))
        return
    tell('set pagination off')
    tell('set confirm off')
    gdb.events.stop.connect(on_stop)
    try:
        CASES[name]()
        status = 0
    except (AssertionError, gdb.error) as error:
        print(f'{name}: {error}')
        status = 1
    gdb.execute(f'quit {status}')


main()
