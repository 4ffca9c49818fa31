#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Runs scripts/check/*.sh and counts their cases; check.sh has the contract."""
import argparse
import concurrent.futures
import glob
import os
import re
import signal
import subprocess
import sys
import threading
import time

import ktap

TOP = ktap.TOP
LOGS = ktap.BUILD + '/log/check'
Status = ktap.Status
# Scripts that run; each is a session of its own, which does not hear ^C
running = set()


class Check:
    """One test script, its header and its outcome."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)[:-3]
        with open(path, encoding='utf-8') as f:
            self.text = f.read()
        self.about = self.header('about', '')
        self.needs = self.header('needs', '').split()
        self.packages = self.header('packages', '').split()
        self.limit = int(self.header('limit', '600'))
        self.full = self.header('full', 'no') == 'yes'
        self.alone = self.header('alone', 'no') == 'yes'
        self.passed = self.failed = self.skipped = 0
        self.bad = []

    def header(self, key, default):
        m = re.search(rf'^# {key}:\s*(.*?)\s*$', self.text, re.MULTILINE)
        return m[1] if m else default

    def fail(self, what):
        self.failed += 1
        self.bad.append(what)

    def count(self, text, status):
        """Counts the cases of what it printed."""
        try:
            ktap.refuse_late_plan(text)
            tree = ktap.parse(text)
        except ValueError as error:
            # the kernel's parser gives up where a plan in the middle is not kept
            self.fail(f'its KTAP is malformed: {error}')
            return
        cases = 0
        for name, result, _ in ktap.leaves(tree):
            cases += 1
            if result == Status.SUCCESS:
                self.passed += 1
            elif result == Status.SKIPPED:
                self.skipped += 1
            else:
                self.fail(name)
        if not cases:
            self.fail('printed no test result')
        elif tree.counts.errors and not self.bad:
            self.fail('its KTAP is malformed or incomplete')
        if status == 'timeout':
            self.fail(f'stopped after {self.limit} s')
        elif status and not self.bad:
            self.fail(f'ended with status {status} though no case failed')

    def run(self, full):
        """Runs the script into its logs and counts."""
        environment = dict(os.environ, CHECK_FULL='1' if full else '')
        base = f'{LOGS}/{self.name}'
        with open(base + '.ktap', 'wb') as out, open(base + '.err', 'wb') as err:
            process = subprocess.Popen(['sh', self.path], stdout=out, stderr=err, cwd=TOP, env=environment,
                                       stdin=subprocess.DEVNULL, start_new_session=True)
            running.add(process)
            try:
                status = process.wait(self.limit)
            except subprocess.TimeoutExpired:
                status = 'timeout'
                stop(process)
            running.discard(process)
        with open(base + '.ktap', errors='replace') as f:
            self.count(f.read(), status)


def stop(process):
    """Ends a script and all that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            pass


def stop_all():
    """No second ^C until that is done."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for process in list(running):
        stop(process)


def say(message):
    print(f'run: {message}', file=sys.stderr, flush=True)


def build_commands(need):
    """What builds one word of a 'needs' line."""
    scripts = TOP + '/scripts'
    if need == 'trees':
        return [[f'{scripts}/packages.sh', 'base', 'kernel'], [f'{scripts}/source.sh', 'ours']]
    if need == 'perf':
        return [[f'{scripts}/perf.sh', 'x86_64']]
    if need.startswith(('clients-', 'nested-')):
        variant, arch = need.split('-')
        return [[f'{scripts}/root.sh', arch, variant]]
    tree, arch, *variant = need.split('-')
    flags = ['--arch', arch] + (['--stock'] if tree == 'stock' else []) + [f'--{v}' for v in variant]
    return [[f'{scripts}/build.sh', *flags], [f'{scripts}/qemu.sh'], [f'{scripts}/root.sh', arch]]


def prepare(needs):
    """Builds one after the other; returns what could not be built."""
    broken = set()
    for need in needs:
        start = time.time()
        for command in build_commands(need):
            if subprocess.run(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL).returncode:
                broken.add(need)
                break
        say(f'{need}: {"FAILED" if need in broken else "ready"} ({time.time() - start:.0f} s)')
    return broken


def report(check, seconds):
    """One line for the check, one for each case that failed."""
    word = 'not ok' if check.failed else 'ok'
    print(f'{word} {check.name}: {check.passed} passed, {check.failed} failed, {check.skipped} skipped '
          f'({seconds:.0f} s)')
    for case in check.bad[:20]:
        print(f'    failed: {case}')
    if check.failed:
        print(f'    see {os.path.relpath(LOGS, TOP)}/{check.name}.ktap and .err; from these:')
        for line in excerpt(f'{LOGS}/{check.name}'):
            print('    | ' + line)
    sys.stdout.flush()


def lines_of(path):
    """Its lines, or none if there is no such file."""
    if not os.path.exists(path):
        return []
    with open(path, errors='replace') as f:
        return f.read().splitlines()


def excerpt(base):
    """The logs may be gone with the machine: what stands before each failure, and the last errors."""
    ktap_lines = lines_of(base + '.ktap')
    shown = set()
    for i, line in enumerate(ktap_lines):
        if line.lstrip().startswith('not ok'):
            shown.update(range(max(0, i - 6), i + 1))
    return [ktap_lines[i] for i in sorted(shown)][:60] + lines_of(base + '.err')[-20:]


def run_one(check, broken, full, lock):
    start = time.time()
    lacking = broken.intersection(check.needs)
    if lacking:
        check.fail('could not be built: ' + ' '.join(sorted(lacking)))
    else:
        check.run(full)
    with lock:
        report(check, time.time() - start)


def run_all(checks, broken, full):
    """Those that want the machine for themselves first, then two at a time.

    What may take longest begins first, or it would run alone in the end.
    """
    lock = threading.Lock()
    checks = sorted(checks, key=lambda check: -check.limit)
    for check in (c for c in checks if c.alone):
        run_one(check, broken, full, lock)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(run_one, c, broken, full, lock) for c in checks if not c.alone]
        try:
            for job in jobs:
                job.result()
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            stop_all()
            raise


def choose(names, full):
    """The checks that were asked for; a name asked for is run in any case."""
    known = {c.name: c for c in map(Check, sorted(glob.glob(TOP + '/scripts/check/*.sh')))}
    unknown = [n for n in names if n not in known]
    if unknown:
        say(f'no check called {" ".join(unknown)}; ./run check --list names them')
        sys.exit(2)
    return [known[n] for n in names] if names else [c for c in known.values() if full or not c.full]


def main():
    parser = argparse.ArgumentParser(prog='./run check', description='Runs the tests.')
    parser.add_argument('--full', action='store_true', help='the long ones too')
    parser.add_argument('--list', action='store_true', help='name the tests')
    parser.add_argument('names', nargs='*', metavar='NAME')
    args = parser.parse_args()
    if args.list:
        for check in choose([], True):
            print(f'{check.name:20} {check.about}{" (--full)" if check.full else ""}')
        return 0
    checks = choose(args.names, args.full)
    os.makedirs(LOGS, exist_ok=True)
    groups = sorted({p for c in checks for p in c.packages})
    if groups and subprocess.run([TOP + '/scripts/packages.sh', *groups]).returncode:
        return 1
    broken = prepare(list(dict.fromkeys(n for c in checks for n in c.needs)))
    run_all(checks, broken, args.full)
    passed, failed, skipped = (sum(getattr(c, k) for c in checks) for k in ('passed', 'failed', 'skipped'))
    print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        stop_all()
        say('interrupted')
        sys.exit(130)
