# SPDX-License-Identifier: GPL-2.0
"""gdb's hardware breakpoints in a running kernel, case by case; run by gdb:

    gdb-multiarch -batch -x kgdb.py vmlinux

with the environment that link.py names, and KGDB_OUT, the file that the KTAP goes to;
KGDB_ONLY, a regular expression, is for those who need some of the cases only.
The guest has two CPUs and runs guest.sh. A case whose name ends in ", control" does
without hardware breakpoints, and any kernel passes.
"""
import os
import re
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
# what it needs lies beside it
from link import Guest, Wrong, address, argument, cpu, here, is_arm64, number, tell, word  # noqa: E402

CPUS = (0, 1)
EACH = 25               # what each CPU does; 50 hits in all
PID_BASE, CPU_BASE = 1000000, 10000
CALL = 'find_task_by_vpid'
# what "kgdb_touch rounds" calls, in this order
SYSCALLS = ('getpgid getsid sched_get_priority_max sched_get_priority_min sched_getscheduler '
            'sched_getparam sched_rr_get_interval sched_getaffinity').split()
KINDS = {'watch': '', 'rwatch': 'r', 'awatch': 'a'}


def expect(what, got, wanted):
    if got != wanted:
        raise Wrong(f'{what}: {got!r}, expected {wanted!r}')


def expect_error(command, what):
    """gdb has to refuse it and to say why; what it was is gone afterwards."""
    before = set(gdb.breakpoints())
    try:
        tell(command)
    except gdb.error as e:
        if not re.search(r'(Could not|Cannot) insert hardware', str(e)):
            raise
        return
    finally:
        for bp in set(gdb.breakpoints()) - before:
            bp.delete()
    raise Wrong(f'{what}: accepted')


def watch(command, addr, kind='int'):
    """A watchpoint of gdb's, in hardware."""
    tell(f'{command} *({kind} *){addr:#x}')
    bp = gdb.breakpoints()[-1]
    if bp.type not in (gdb.BP_HARDWARE_WATCHPOINT, gdb.BP_READ_WATCHPOINT, gdb.BP_ACCESS_WATCHPOINT):
        raise Wrong('gdb watches without the hardware')
    return bp


def always_inserted():
    """gdb asks for a breakpoint as soon as it is told, not when it lets the kernel go."""
    tell('set breakpoint always-inserted on')


# ---- what was seen at a hit ----

def call():
    """(place, CPU that stopped, the argument)"""
    return here(), cpu(), argument()


def value():
    """(function, CPU that stopped, kernel.panic)"""
    return here()[0], cpu(), word(address('panic_timeout'))


def check_calls(seen, each, cpus=CPUS):
    """Every call of the guest's program once, at the entry, on the CPU that its argument names.
    The rest of the guest calls the function, too, for processes that exist."""
    seen = [s for s in seen if s[2] >= PID_BASE]
    wanted = [((CALL, 0), c, PID_BASE + CPU_BASE * c + n) for c in cpus for n in range(each)]
    expect('calls seen', len(seen), len(wanted))
    for got, want in zip(sorted(seen, key=lambda s: s[2]), wanted):
        expect('call', got, want)


def check_writes(seen, each, cpus=CPUS):
    """Every write once, in its order, on the CPU that the value names, right behind the write."""
    seen = [s for s in seen if s[0] != CALL]
    wanted = [(c, -2 - CPU_BASE * c - n) for n in range(each) for c in cpus]
    expect('writes seen', len(seen), len(wanted))
    for (function, *got), want in zip(seen, wanted):
        expect('write', tuple(got), want)
        if 'proc_dointvec' not in function:
            raise Wrong(f'the value was written in {function}')


def check_accesses(seen, each):
    """As many on each CPU."""
    expect('accesses of each CPU', [sum(s[1] == c for s in seen) for c in CPUS], [each] * len(CPUS))
    for function, _, _ in seen:
        if 'proc_dointvec' not in function:
            raise Wrong(f'the value was used in {function}')


# ---- cases ----

class Cases:
    """One method for each; the first line of its comment is its name."""

    def __init__(self, guest):
        self.guest = guest
        self.panic = address('panic_timeout')
        # for code and for data, when nobody has a breakpoint
        self.slots = self.room('code'), self.room('data')

    def calls(self, each=EACH, cpus=CPUS):
        seen = self.guest.run(f'touch in-turn calls {each}', call, enough=each * len(cpus) + 20)[1]
        check_calls(seen, each, cpus)

    def writes(self, each=EACH, cpus=CPUS):
        check_writes(self.guest.run(f'touch in-turn writes {each}', value)[1], each, cpus)

    def accesses(self, how, each, wanted):
        check_accesses(self.guest.run(f'touch {how} {each}', value)[1], wanted)

    def nothing(self, what):
        """No further hit once all is deleted."""
        tell('delete')
        expect('hits after the deletion', self.guest.run(f'touch in-turn {what} 5')[1], [])

    def room(self, kind):
        """How many breakpoints perf could have on every CPU."""
        return min(map(int, self.guest.run(f'touch room {kind}')[0].split()))

    def software(self):
        """software breakpoint: each call on each CPU"""
        tell(f'break *&{CALL}')
        self.calls(5)

    def hbreak(self):
        """hbreak: each call on each CPU, none after its deletion"""
        tell(f'hbreak *&{CALL}')
        self.calls()
        self.nothing('calls')

    def hbreak_at_once(self):
        """hbreak: each call of all CPUs at once"""
        tell(f'hbreak *&{CALL}')
        check_calls(self.guest.run(f'touch at-once calls {EACH}', call)[1], EACH)

    def inserted(self):
        """hbreak and watch that stay inserted at a stop"""
        always_inserted()
        self.both()
        self.use_both()
        self.nothing('calls')

    def watch(self):
        """watch: each value on the CPU that writes it, none after its deletion"""
        watch('watch', self.panic)
        self.writes()
        self.nothing('writes')

    def awatch(self):
        """awatch: each read and write, none after its deletion"""
        watch('awatch', self.panic)
        self.accesses('in-turn reads', EACH, EACH)
        self.accesses('in-turn writes', EACH, EACH)
        self.nothing('reads')

    def awatch_at_once(self):
        """awatch: each read and write of all CPUs at once"""
        watch('awatch', self.panic)
        self.accesses('at-once reads', EACH, EACH)
        self.accesses('at-once writes', EACH, EACH)

    def rwatch(self):
        """rwatch: each read and no write on arm64, refused on x86"""
        if is_arm64():
            watch('rwatch', self.panic)
            self.accesses('in-turn reads', EACH, EACH)
            self.accesses('in-turn writes', 5, 0)
        else:
            self.refused([('rwatch', f'rwatch *(int *){self.panic:#x}')])

    def jiffies(self):
        """watch jiffies_64: 60 ticks"""
        jiffies = address('jiffies_64')
        bp = watch('watch', jiffies, 'unsigned long')
        seen, places = [], set()

        def tick():
            places.add(here()[0])
            seen.append(number(f'*(unsigned long *){jiffies}'))
        while bp.is_valid() and bp.hit_count < 60:
            self.guest.run('second', tick, enough=60 - bp.hit_count)
            if not seen:
                break
        expect('ticks', len(seen), 60)
        if any(b <= a for a, b in zip(seen, seen[1:])):
            raise Wrong(f'time does not go on: {seen}')
        if not places <= {'do_timer', 'tick_do_update_jiffies64', 'tick_nohz_handler'}:
            raise Wrong(f'jiffies_64 was written in {places}')

    def code_slots(self):
        """one more hbreak than slots: refused, and the others hit"""
        prefix = '__arm64_sys_' if is_arm64() else '__x64_sys_'
        n = self.slots[0]
        always_inserted()
        for name in SYSCALLS[:n]:
            tell(f'hbreak *&{prefix}{name}')
        expect_error(f'hbreak *&{prefix}{SYSCALLS[n]}', 'the surplus')
        _, seen = self.guest.run('touch rounds 5', here)
        expect('places', [f for f, _ in seen if f.startswith(prefix)], [prefix + s for s in SYSCALLS[:n]] * 5)

    def data_slots(self):
        """one more watch than slots: refused, and the others hit"""
        pattern = address('core_pattern')
        self.guest.run('pattern a')
        n = self.slots[1]
        always_inserted()
        numbers = [watch('watch', pattern + 8 * i, 'char').number for i in range(n)]
        expect_error(f'watch *(char *){pattern + 8 * n:#x}', 'the surplus')
        for letter in 'bcd':
            expect('watchpoints hit', self.guest.run(f'pattern {letter}')[1], [[i] for i in numbers])

    def refused(self, commands):
        """What must not be watched is refused, and what may is still watched."""
        always_inserted()
        watch('watch', self.panic)
        for what, command in commands:
            expect_error(command, what)
        self.writes(2)

    def per_cpu(self, symbol):
        """Commands for each CPU's first word of a per-CPU variable."""
        for c in CPUS:
            addr = number(f'*(unsigned long *)((unsigned long)&__per_cpu_offset + 8 * {c}) + '
                          f'(unsigned long)&{symbol}') % 2**64
            yield f"{symbol} of CPU {c}", f'watch *(long *){addr:#x}'

    def odd(self):
        """watch of what is unaligned or too long: refused"""
        across = (self.panic & ~7) + 6
        self.refused([('across 8 bytes', f'watch *(int *){across:#x}'),
                      ('24 bytes', f'watch *(char (*)[24]){self.panic & ~7:#x}')])

    def user(self):
        """watch and hbreak in user space: refused"""
        self.refused([('watch', 'watch *(int *)0x400000'), ('hbreak', 'hbreak *0x400000')])

    def entry(self):
        """watch of what exceptions need: refused"""
        self.refused(self.per_cpu('hwbp_rest' if is_arm64() else 'cpu_tss_rw'))

    def own(self):
        """watch of the layer's own data: refused"""
        self.refused(self.per_cpu('hwbp_cpu'))

    def both(self):
        """An hbreak and a watch."""
        tell(f'hbreak *&{CALL}')
        watch('watch', self.panic)

    def use_both(self, cpus=CPUS):
        """Each of them hits where it should."""
        self.calls(5, cpus)
        self.writes(5, cpus)

    def holders(self):
        """while perf and gdb in the guest have slots: hits, exact counts, no more than there is room for"""
        self.guest.run('hold')
        try:
            self.beside_holders()
        finally:
            self.guest.settle()
            counts = self.guest.run('finish')[0]
        expect("the guest's own counts", counts, '50 50 50')

    def beside_holders(self):
        room = self.room('data')
        always_inserted()
        # arm64's gdb writes all the registers for data, and has them all then
        tell(f'hbreak *&{CALL}')
        if room:
            watch('watch', self.panic)
        pattern = address('core_pattern')
        for i in range(room - (1 if is_arm64() else 2)):
            watch('watch', pattern + 8 * i, 'char')
        expect_error(f'watch *(char *){pattern + 64:#x}', 'one too many')
        expect('owners in the table of slots', self.guest.run('owners')[0], 'gdb kgdb perf')
        self.guest.run('let_go')
        self.calls(5)
        if room:
            self.writes(5)

    def offline(self):
        """hbreak and watch on a CPU that goes offline and comes back"""
        self.both()
        try:
            self.guest.run('online 1 0')
            self.use_both((0,))
            self.guest.run('online 1 1')
            self.use_both()
        finally:
            self.guest.settle()
            self.guest.run('online 1 1')

    def later(self):
        """hbreak and watch that were set while a CPU was offline"""
        self.guest.run('online 1 0')
        try:
            self.both()
            self.guest.run('online 1 1')
            self.use_both()
        finally:
            self.guest.settle()
            self.guest.run('online 1 1')

    def all_free(self):
        expect('room for perf', (self.room('code'), self.room('data')), self.slots)
        expect('owners in the table of slots', self.guest.run('owners')[0], '')

    def detach(self):
        """detach with breakpoints set: the guest runs on, all slots are free"""
        self.both()
        self.use_both()
        self.guest.post('touch in-turn calls 5')
        tell('detach')
        self.guest.connect()
        self.guest.settle()
        self.all_free()

    def vanish(self):
        """a gdb that vanishes leaves breakpoints, the next one finds all slots free"""
        always_inserted()
        self.both()
        self.use_both()
        self.guest.reconnect()
        self.guest.settle()
        self.all_free()

    def table(self):
        """monitor hwbp: names the holders"""
        always_inserted()
        self.both()
        self.guest.run('fill 1')
        try:
            text = tell('monitor hwbp')
        finally:
            self.guest.settle()
            self.guest.run('empty')
        for name in ('kgdb', 'perf'):
            if name not in text:
                raise Wrong(f'{name} is not named in: {text}')

    def take(self):
        """slots of perf: refused, taken if monitor hwbp or the parameter says so, perf knows, given back"""
        self.guest.run(f'fill {self.slots[1]}')
        always_inserted()
        try:
            self.take_and_give_back()
        finally:
            self.guest.settle()
            self.guest.run('parameter 0')
            percent = self.guest.run('empty')[0]
        if not float(percent) < 100:
            raise Wrong(f'every event of perf could count {percent} % of the time')
        if not int(self.guest.run('taken')[0]):
            raise Wrong('the kernel log does not say that a slot was taken')
        self.all_free()

    def take_and_give_back(self):
        refused = f'watch *(int *){self.panic:#x}'
        expect_error(refused, 'a slot of perf')
        tell('monitor hwbp take on')
        bp = watch('watch', self.panic)
        self.writes()
        bp.delete()
        tell('monitor hwbp take off')
        expect_error(refused, 'a slot that perf has got back')
        self.guest.run('parameter 1')
        watch('watch', self.panic)
        self.writes(2)

    def replies(self):
        """stop replies name the address of watch, awatch and rwatch"""
        said = set(re.findall(rb'[$]T05[^#]*?([ar]?)watch:([0-9a-f]+);', self.guest.sent()))
        commands = ['watch', 'awatch'] + ['rwatch'] * is_arm64()
        wanted = {(KINDS[c].encode(), b'%x' % self.panic) for c in commands}
        if not wanted <= said:
            raise Wrong(f'not said: {sorted(wanted - said)}')

    # on the stock kernel, perf's first breakpoint after gdb's may hang: its cases come last
    # on the stock kernel, perf's breakpoints after gdb's may hang: such cases come last
    ALL = (software, hbreak, hbreak_at_once, watch, awatch, awatch_at_once, rwatch, jiffies, inserted,
           code_slots, data_slots, odd, user, entry, own, offline, later, detach, vanish, holders, table, take,
           replies)


def name_of(case):
    """Stock's software breakpoints work on x86. On arm64 the step over one ends in the handler of
    the next interrupt, and the same call is seen for ever."""
    control = case is Cases.software and not is_arm64()
    return case.__doc__.splitlines()[0] + (', control' if control else '')


def run_case(cases, case):
    """Why it failed, or None."""
    why = None
    try:
        case(cases)
    except (Wrong, gdb.error, ValueError) as e:
        why = str(e) or type(e).__name__
    # what gdb says while the connection is gone is no matter of the next case
    try:
        cases.guest.settle()
    except (Wrong, gdb.error) as e:
        why = why or str(e)
    return why


def run_all(out):
    guest = Guest()
    wanted = [c for c in Cases.ALL if re.search(os.environ.get('KGDB_ONLY', ''), name_of(c))]
    print(f'KTAP version 1\n1..{len(wanted)}', file=out, flush=True)
    guest.connect()
    guest.resume()
    expect('answer', guest.answer(), 'ready')
    cases = Cases(guest)
    for n, case in enumerate(wanted, 1):
        name = name_of(case)
        print(f'---- {name}', flush=True)
        why = run_case(cases, case)
        if why:
            print(why, flush=True)
            print('# ' + ' '.join(why.split())[:300], file=out)
        print(f'{"not ok" if why else "ok"} {n} {name}', file=out, flush=True)
    guest.post('end')
    tell('detach')


with open(os.environ['KGDB_OUT'], 'w', encoding='utf-8') as ktap:
    run_all(ktap)
